import { createHash } from "node:crypto";
import type { ConsentState } from "../../../contract/consent.ts";
import type { SourceRecord } from "../../../contract/source.ts";
import { type Call, type Connection, isObject } from "./connection.ts";
import { unexpected } from "./trouble.ts";

/** SHA-256 in lower-case hex of the lower-cased, trimmed value (reference/iterable.md §8). */
export interface ForgottenHashes {
  emails: ReadonlySet<string>;
  userIds: ReadonlySet<string>;
}

/**
 * @returns null where the project has no such identifier, so that the call fails
 * @throws Failure `failed` where a hash is in no known form: it could be anybody's
 */
export async function readHashes(
  connection: Connection,
  template: string,
  name: "hashedEmails" | "hashedUserIds",
): Promise<Set<string> | null> {
  const call: Call = { budget: "schema", method: "GET", template, dependsOnProject: true };
  const { status, body } = await connection.answer(call);
  if (status >= 400) return null;
  const list = body[name];
  if (!Array.isArray(list)) throw unexpected(`GET ${template}`, `it has no list of ${name}`);
  return new Set(
    list.map((text) => {
      const hash = readHash(text);
      if (hash === null) throw unexpected(`GET ${template}`, "a hash in it is no SHA-256 in hex or base64");
      return hash;
    }),
  );
}

/** How the hashes are written is unconfirmed (reference/iterable.md §8): hex in any letter case, or base64. */
function readHash(text: unknown): string | null {
  if (typeof text !== "string") return null;
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  const bytes = /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, "base64") : null;
  return bytes?.length === 32 ? bytes.toString("hex") : null;
}

/**
 * The record with the level `forgotten` where its address or Iterable's userId is a forgotten one.
 * @param userId Iterable's own, whatever the operator takes for the user_id
 */
export function markForgotten(
  record: SourceRecord,
  userId: unknown,
  { emails, userIds }: ForgottenHashes,
): SourceRecord {
  if (!meets(record.email, emails) && !meets(userId, userIds)) return record;
  const forgotten: ConsentState = { level: "forgotten", at: null };
  return { ...record, states: [forgotten, ...record.states.filter(({ level }) => level !== "implied")] };
}

/** An older page of Iterable's strips white space inside as well, so both are compared. */
function meets(value: unknown, hashes: ReadonlySet<string>): boolean {
  if (hashes.size === 0 || value === null || value === undefined || isObject(value)) return false;
  const text = String(value).toLowerCase().trim();
  return (
    text !== "" &&
    (hashes.has(sha256(text)) || (/\s/.test(text) && hashes.has(sha256(text.replace(/\s/g, "")))))
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
