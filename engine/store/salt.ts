import { createHash, randomBytes } from "node:crypto";
import type { Store } from "./store.ts";

/** SHA-256 with the project's own salt: tells equal from different, and cannot be looked up in a table of known values. */
export async function saltedHash(store: Store, text: string): Promise<string> {
  return createHash("sha256")
    .update(`${await saltOf(store)}\n${text}`)
    .digest("hex");
}

async function saltOf(store: Store): Promise<string> {
  const kept = (await store.setting("salt")) as string | undefined;
  if (kept !== undefined) return kept;
  const salt = randomBytes(32).toString("hex");
  await store.changeSetting("salt", salt);
  return salt;
}
