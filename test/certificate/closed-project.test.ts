import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateState } from "../../engine/gate/gate.ts";
import { changedWhileClosed, lookAtClosed } from "../../engine/project/closing-seal.ts";
import { Project } from "../../engine/project/project.ts";
import { send } from "../../engine/send/send.ts";
import { Store } from "../../engine/store/store.ts";
import { quietProgress } from "../delivery/test-migration.ts";
import { provenMigration } from "../leaks/proven-workspace.ts";

/** A closed project with an open gate, of which every test takes a copy. */
let closed: string;
let folder: string;
/** Tables that have rows, with the names and types of their columns. */
let tables: Map<string, { column: string; type: string }[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendgate-closed-"));
  closed = join(folder, "closed");
  const migration = await provenMigration();
  const broadcast = { kind: "broadcast", number: 1 } as const;
  await send(migration.project, async () => migration.client, broadcast, quietProgress, {
    comparisonPauses: [0],
  });
  expect(await migration.blockers()).toEqual([]);
  tables = await filledTables(migration.project.store);
  await migration.project.close();
  await cp(migration.project.folder, closed, { recursive: true });
  await migration.reopen();
  await migration.end();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function filledTables(store: Store): Promise<typeof tables> {
  const columns = await store.rows<{ name: string; column: string; type: string }>(`
    SELECT table_name AS name, column_name AS column, data_type AS type
    FROM duckdb_columns() JOIN duckdb_tables() USING (table_name, table_oid)
    WHERE NOT duckdb_tables.temporary AND estimated_size > 0 ORDER BY table_name, column_index`);
  const found: typeof tables = new Map();
  for (const { name, ...column } of columns) found.set(name, [...(found.get(name) ?? []), column]);
  return found;
}

let copies = 0;
async function copy(): Promise<string> {
  copies += 1;
  const to = join(folder, `copy-${copies}`);
  await cp(closed, to, { recursive: true });
  return to;
}

/** As somebody with a DuckDB tool does it. */
async function byHand(project: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(join(project, "project.duckdb"));
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

async function blockersOf(project: string) {
  const opened = await Project.open(project);
  try {
    return (await gateState(opened)).blockers;
  } finally {
    await opened.close();
  }
}

/** What the next opening finds, before anything is written. */
async function foundChanged(project: string): Promise<string[]> {
  const before = await lookAtClosed(project);
  let changed: string[] = [];
  const looked = async (store: Store) => {
    changed = await changedWhileClosed(store, before);
  };
  await Store.open(project, looked).then(
    (store) => store.close(),
    // A schema that was edited cannot be opened at all.
    (error) => expect(error).toMatchObject({ code: "PROJECT_TOO_NEW" }),
  );
  return changed.sort();
}

const firstOf = (table: string) => `rowid = (SELECT min(rowid) FROM "${table}")`;

function otherValue({ column, type }: { column: string; type: string }): string {
  if (/INT|DOUBLE/.test(type)) return `coalesce("${column}", 0) + 1`;
  if (type === "BOOLEAN") return `NOT coalesce("${column}", false)`;
  if (type === "JSON") return `'"else"'`;
  return type.endsWith("[]") ? `['else']` : `coalesce("${column}", '') || 'else'`;
}

describe("a database that is edited by hand while the project is closed", () => {
  test("shows every table that a row was taken out of", async () => {
    const project = await copy();
    const names = [...tables.keys()];
    await byHand(project, ...names.map((table) => `DELETE FROM "${table}" WHERE ${firstOf(table)}`));
    expect(await foundChanged(project)).toEqual(names);
  });

  test("shows every table of which any one column was changed", { timeout: 300_000 }, async () => {
    const most = Math.max(...[...tables.values()].map(({ length }) => length));
    for (let index = 0; index < most; index += 1) {
      const project = await copy();
      const edited = [...tables].filter(([, columns]) => index < columns.length);
      await byHand(
        project,
        ...edited.map(
          ([table, columns]) =>
            `UPDATE "${table}" SET "${columns[index]!.column}" = ${otherValue(columns[index]!)} WHERE ${firstOf(table)}`,
        ),
      );
      expect(await foundChanged(project)).toEqual(edited.map(([table]) => table));
      await rm(project, { recursive: true });
    }
  });

  // What none of the gate's own seals cover, and the word that it must say.
  test.each([
    ["leak_look", "UPDATE leak_look SET looked_at = looked_at - 1"],
    ["leak", "INSERT INTO leak VALUES (7, 'campaign:1', 'campaign', 1, '', '', '', 0, '', '')"],
    ["delivery", "DELETE FROM delivery WHERE phase = 'profiles'"],
    ["sending_suppression", "DELETE FROM sending_suppression"],
    ["proven_suppression", "INSERT INTO proven_suppression VALUES (1, 'x@x.com', 1, 1)"],
    ["api_source", "INSERT INTO api_source (source, account) VALUES ('mailchimp', 'x')"],
    ["views", "CREATE OR REPLACE VIEW live_file AS SELECT * FROM source_file WHERE kind = 'x'"],
  ])("locks the gate for good and names the table: %s", async (table, edit) => {
    const project = await copy();
    await byHand(project, edit);
    const [first] = await blockersOf(project).then((blockers) =>
      blockers.filter(({ code }) => code === "ROWS_CHANGED"),
    );
    expect(first).toEqual({
      code: "ROWS_CHANGED",
      message: expect.stringMatching(new RegExp(`while the project was closed.*: ${table} \\(noticed`, "i")),
      nextStep: expect.stringContaining("backup"),
    });
    expect((await blockersOf(project)).map(({ code }) => code)).toContain("ROWS_CHANGED");
  });

  test("cannot be opened at all where a table was taken out", async () => {
    const project = await copy();
    await byHand(project, "DROP TABLE leak_acceptance");
    await expect(Project.open(project)).rejects.toMatchObject({
      code: "PROJECT_DAMAGED",
      message: expect.stringContaining("leak_acceptance"),
    });
  });

  test("also where the edit still waits in a file beside it", async () => {
    const project = await copy();
    await byHand(project, "PRAGMA disable_checkpoint_on_shutdown", "DELETE FROM leak_look");
    expect(await foundChanged(project)).toEqual(["leak_look"]);
  });
});

describe("a closed project whose gate stays open", () => {
  test("was only looked at", async () => {
    const project = await copy();
    await byHand(project, "SELECT count(*) FROM setting", "CREATE TEMP TABLE mine AS FROM setting");
    expect(await blockersOf(project)).toEqual([]);
  });

  test("was opened and closed many times, or moved", async () => {
    const project = await copy();
    expect(await blockersOf(project)).toEqual([]);
    expect(await blockersOf(project)).toEqual([]);
    const moved = join(folder, "moved");
    await cp(project, moved, { recursive: true });
    expect(await blockersOf(moved)).toEqual([]);
  });

  test("was left by a process that was killed: that leaves no seal, and looks like no edit", async () => {
    const project = await copy();
    const killed = await Project.open(project);
    await killed.store.run("UPDATE leak_look SET looked_at = looked_at - 1");
    const left = join(folder, "killed");
    await cp(project, left, { recursive: true });
    await killed.close();
    expect(await blockersOf(left)).toEqual([]);
  });
});
