import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { JournalLine } from "../journal/journal.ts";
import type { Project } from "../project/project.ts";

const fileName = "certificate-key.pem";
const made = "certificate_key_made";

/** The project's Ed25519 key. Its public half, as hexadecimal digits, stands in every certificate and in the journal. */
export interface ProjectKey {
  privateKey: KeyObject;
  publicKey: string;
}

/**
 * The key that signs the project's certificates; made, and put on record in the journal, when it is first needed.
 * It lies in the project's folder, readable by its owner alone: docs/security.md says what that proves and what not.
 * @returns what is wrong, in words, where the key on record is not the one in the folder
 */
export async function projectKey(project: Project): Promise<ProjectKey | { trouble: string }> {
  const { lines } = await project.journal.read();
  const onRecord = keyOnRecord(lines);
  if (onRecord !== null) return keyNamed(onRecord, project.folder);
  const key = (await readKey(project.folder)) ?? (await makeKey(project.folder));
  await project.journal.append(made, { publicKey: key.publicKey });
  return key;
}

/** Like `projectKey`, but makes none. Null where all is well or no key was needed yet. */
export async function keyTrouble(folder: string, lines: readonly JournalLine[]): Promise<string | null> {
  const onRecord = keyOnRecord(lines);
  if (onRecord === null) return null;
  const key = await keyNamed(onRecord, folder);
  return "trouble" in key ? key.trouble : null;
}

async function keyNamed(publicKey: string, folder: string): Promise<ProjectKey | { trouble: string }> {
  const found = await readKey(folder);
  if (!found) return { trouble: "The project's signing key (certificate-key.pem) is missing or damaged." };
  if (found.publicKey === publicKey) return found;
  return {
    trouble: "The project's signing key (certificate-key.pem) is not the one that the journal names.",
  };
}

/** The public key that the journal names first; null before the first certificate. */
export function keyOnRecord(lines: readonly JournalLine[]): string | null {
  const line = lines.find(({ event }) => event === made);
  return line ? String(line.data.publicKey) : null;
}

/** Null where there is none, or a kill left half of it before it was ever used. */
async function readKey(folder: string): Promise<ProjectKey | null> {
  try {
    const privateKey = createPrivateKey(await readFile(join(folder, fileName)));
    return privateKey.asymmetricKeyType === "ed25519" ? withPublicKey(privateKey) : null;
  } catch {
    return null;
  }
}

async function makeKey(folder: string): Promise<ProjectKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const temporary = join(folder, `.${fileName}.part`);
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(privateKey.export({ type: "pkcs8", format: "pem" }));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, fileName));
  return withPublicKey(privateKey);
}

function withPublicKey(privateKey: KeyObject): ProjectKey {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return { privateKey, publicKey: Buffer.from(x!, "base64url").toString("hex") };
}
