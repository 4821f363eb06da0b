import type { DuckDBConnection } from "@duckdb/node-api";
import type { PullReport } from "../../contract/pulls.ts";
import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";
import settleRejections from "./settle-rejections.sql";
import settleVersions from "./settle-versions.sql";
import type { UnfinishedPull } from "./unfinished-pull.ts";

export interface SettledPull {
  added: number;
  changed: number;
  gone: number;
  optedInAgain: number;
  /** False where nothing is other than it was. */
  anythingNew: boolean;
}

/**
 * Ends a pull whose streams were all read to their end, in one transaction: one version of each key stands, opt-outs
 * that are no longer said stand on, and what is new counts from then on.
 *
 * @param landing where the raw pages are, with their size in bytes
 * @param report makes the report that is kept with the pull
 */
export async function settlePull(
  store: Store,
  pull: UnfinishedPull,
  landing: { path: string; bytes: number },
  report: (settled: SettledPull) => PullReport,
): Promise<{ settled: SettledPull; report: PullReport }> {
  const identifierChanged = await readUnderAnotherField(store, pull);
  return store.transaction(async (connection) => {
    await connection.run(`
      SET VARIABLE pull_id = ${pull.pull_id}::INTEGER;
      SET VARIABLE file_id = ${pull.file_id}::INTEGER;
      SET VARIABLE source = '${pull.source}';
      SET VARIABLE is_full = ${pull.kind === "full"};
      SET VARIABLE identifier_changed = ${identifierChanged};
      SET VARIABLE moment = ${now()}::BIGINT;`);
    await connection.run(settleVersions);
    await connection.run(settleRejections);
    const counts = await numbers(
      connection,
      `SELECT added, changed, gone, opted_in_again,
         (SELECT count(*) FROM source_record WHERE file_id = getvariable('file_id')) AS records,
         (SELECT count(*) FROM unreadable_row WHERE file_id = getvariable('file_id')) AS rejections
       FROM pull_count`,
    );
    const settled: SettledPull = {
      added: counts.added!,
      changed: counts.changed!,
      gone: pull.kind === "full" ? counts.gone! : 0,
      optedInAgain: counts.opted_in_again!,
      anythingNew: counts.records! + counts.rejections! > 0,
    };
    if (settled.anythingNew) await countIn(connection, pull, landing);
    const told = report(settled);
    await connection.run("UPDATE pull SET ended_at = $at, report = $report WHERE pull_id = $pullId", {
      at: now(),
      report: JSON.stringify(told),
      pullId: pull.pull_id,
    });
    return { settled, report: told };
  });
}

/** Whether what stands was read with another field as the user_id. */
async function readUnderAnotherField(store: Store, pull: UnfinishedPull): Promise<boolean> {
  const last = await store.row<{ user_id_field: string | null }>(
    `SELECT user_id_field FROM pull WHERE source = $source AND ended_at IS NOT NULL ORDER BY pull_id DESC LIMIT 1`,
    { source: pull.source },
  );
  return last !== undefined && last.user_id_field !== pull.user_id_field;
}

/** The pull's records count from now on. After a full pull they stand in one file with all that earlier pulls left. */
async function countIn(
  connection: DuckDBConnection,
  pull: UnfinishedPull,
  landing: { path: string; bytes: number },
): Promise<void> {
  if (pull.kind === "full") {
    await connection.run(`
      CREATE OR REPLACE TEMP TABLE earlier_file AS
      SELECT file_id FROM source_file
      WHERE kind = 'api' AND replaced_by IS NULL AND source = getvariable('source');
      UPDATE source_record SET file_id = getvariable('file_id') WHERE file_id IN (SELECT file_id FROM earlier_file);
      UPDATE unreadable_row SET file_id = getvariable('file_id') WHERE file_id IN (SELECT file_id FROM earlier_file);
      UPDATE accepted_reject SET file_id = getvariable('file_id') WHERE file_id IN (SELECT file_id FROM earlier_file);
      UPDATE source_file
      SET replaced_by = getvariable('file_id'), replaced_at = getvariable('moment'),
        replaced_reason = 'a full pull read everything again'
      WHERE file_id IN (SELECT file_id FROM earlier_file);`);
  }
  await connection.run(
    `INSERT INTO source_file (file_id, source, name, kind, carries_suppressions, landing, sha256, reading, bytes,
       row_count, imported, rejected, imported_at)
     SELECT $fileId, $source, $name, 'api', true, $landing, $sha256, $reading, $bytes, imported + rejected, imported,
       rejected, $at
     FROM (
       SELECT (SELECT count(*) FROM source_record WHERE file_id = $fileId) AS imported,
         (SELECT count(*) FROM unreadable_row WHERE file_id = $fileId) AS rejected
     )`,
    {
      fileId: pull.file_id,
      source: pull.source,
      name: pull.kind === "full" ? `${pull.source} API, everything` : `${pull.source} API, changes`,
      landing: landing.path,
      sha256: pull.content_hash,
      reading: JSON.stringify(["api", pull.user_id_field]),
      bytes: landing.bytes,
      at: now(),
    },
  );
}

async function numbers(connection: DuckDBConnection, sql: string): Promise<Record<string, number>> {
  const [row] = (await connection.runAndReadAll(sql)).getRowObjects();
  return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]));
}
