import { createHash } from "node:crypto";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { type Seal, SealSchema } from "../../contract/certificate.ts";
import { failed } from "../../contract/failure.ts";
import { tableSeals, unread } from "../certificate/seals.ts";
import type { Store } from "../store/store.ts";

/**
 * While a project is open its database is locked for everybody else; while it is closed any DuckDB tool can write there.
 * So each closing leaves a seal of every table beside it, and the next opening compares: whatever the table, and whether
 * or not anything reads it any more, a row that was changed in between shows.
 *
 * A process that was killed leaves no seal. Then nothing is said, and only what the journal and the certificate seal shows.
 */
const sealName = "project.seal";
const databaseName = "project.duckdb";

/** A DuckDB file begins with three blocks of 4,096 bytes that change with every write to any part of it. */
const headerBytes = 3 * 4_096;

const ClosingSealSchema = z.object({
  /** SHA-256 of the database's header: where it is the same, nothing at all was written. */
  header: z.string(),
  tables: z.array(SealSchema),
});

/** What the last closing left behind, held against the database's file as it lies there. */
interface Closed {
  tables: Seal[];
  isTouched: boolean;
}

/** Closes the database, sealed. Trouble with the seal is no trouble of the closing: there is none then, as after a kill. */
export async function closeSealed(folder: string, store: Store): Promise<void> {
  let tables: Seal[] | null = null;
  try {
    const seals = await tableSeals(store);
    await store.run("CHECKPOINT");
    tables = seals;
  } catch {
    // Something is still under way: the next opening could not tell it from an edit.
  }
  store.close();
  if (tables !== null) await writeSeal(folder, tables).catch(() => breakSeal(folder));
}

/**
 * Looks at a project that is closed. To be asked before the database is opened: to read its file later would give up
 * its lock.
 * @returns null where it was not closed by Sendgate in good order
 */
export async function lookAtClosed(folder: string): Promise<Closed | null> {
  try {
    const seal = ClosingSealSchema.parse(JSON.parse(await readFile(join(folder, sealName), "utf8")));
    return { tables: seal.tables, isTouched: seal.header !== (await headerOf(folder)) };
  } catch {
    return null;
  }
}

/**
 * Names of the tables whose rows are other than when the project was closed; to be asked before anything is written.
 * @throws Failure `failed` where a whole table is gone
 */
export async function changedWhileClosed(store: Store, closed: Closed | null): Promise<string[]> {
  if (!closed?.isTouched) return [];
  const now = await tableSeals(store);
  const standing = new Map(now.map((seal) => [seal.of, seal]));
  const gone = closed.tables.find(({ of }) => !standing.has(of));
  if (gone) {
    throw failed(
      "PROJECT_DAMAGED",
      `The table ${gone.of} of the project's database is gone: something else than Sendgate took it out.`,
      "Take the project's whole folder back from a backup, or start a new project and import the exports again.",
    );
  }
  const changed = closed.tables.filter(({ of, rows, digest }) => {
    const is = standing.get(of)!;
    // Of a table too large to be read nothing but its length is known, and something was written.
    return is.rows !== rows || is.digest !== digest || digest === unread;
  });
  const known = new Set(closed.tables.map(({ of }) => of));
  const added = now.filter(({ of }) => !known.has(of));
  return [...changed, ...added].map(({ of }) => of);
}

/** Takes the seal away: from here on the database changes by Sendgate's hand. */
export async function breakSeal(folder: string): Promise<void> {
  await rm(join(folder, sealName), { force: true });
}

async function writeSeal(folder: string, tables: Seal[]): Promise<void> {
  const header = await headerOf(folder);
  const temporary = join(folder, `.${sealName}.part`);
  await writeFile(temporary, JSON.stringify({ header, tables }), { mode: 0o600 });
  await rename(temporary, join(folder, sealName));
}

async function headerOf(folder: string): Promise<string> {
  const path = join(folder, databaseName);
  // What another program wrote and did not yet bring into the file itself.
  const unmerged = await stat(`${path}.wal`).then(
    ({ size }) => size,
    () => 0,
  );
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    return createHash("sha256").update(buffer.subarray(0, bytesRead)).update(String(unmerged)).digest("hex");
  } finally {
    await file.close();
  }
}
