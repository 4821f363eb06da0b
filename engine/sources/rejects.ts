import { badInput } from "../../contract/failure.ts";
import type { Reject } from "../../contract/sources.ts";
import { isoTime, now } from "../clock.ts";
import { mapPieces, writeCsv } from "../outputs/csv-file.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { fileIdOf } from "./import-files.ts";

/**
 * Every rejected row of the files that count: rows that could not be read, and records that the merge
 * left with neither key. `locks` marks those that hold the gate shut until they are accounted for.
 */
const allRejects = `
  SELECT f.file_id, f.name, u.line, u.reason, u.row_text, f.carries_suppressions AS locks
  FROM unreadable_row u
  JOIN live_file f USING (file_id)
  UNION ALL
  SELECT f.file_id, f.name, r.line,
    'It has neither a usable user_id nor a usable address' || coalesce(' (' || r.bad_email || ')', '')
      || '; give it one of them, or accept that it stays out.',
    json_object('user_id', r.user_id, 'email', r.email_cell, 'attributes', r.attributes::JSON)::VARCHAR,
    j.carries_suppression
  FROM rejected_record j
  JOIN source_record r USING (record)
  JOIN live_file f USING (file_id)`;

/** Before the first merge there is no `rejected_record` yet. */
async function prepare(store: Store): Promise<void> {
  await store.run("CREATE TABLE IF NOT EXISTS rejected_record (record BIGINT, carries_suppression BOOLEAN)");
}

export interface RejectPage {
  total: number;
  open: number;
  rejects: Reject[];
}

export async function listRejects(store: Store, offset: number, limit: number): Promise<RejectPage> {
  await prepare(store);
  const counts = await store.row<{ total: number; open: number }>(
    `SELECT count(*) AS total, count(*) FILTER (a.file_id IS NULL) AS open
     FROM (${allRejects}) LEFT JOIN accepted_reject a USING (file_id, line)`,
  );
  const rows = await store.rows<RejectRow>(`${rejectRows} LIMIT ${limit} OFFSET ${offset}`);
  return {
    ...counts!,
    rejects: rows.map((row) => ({
      fileId: row.file_id,
      file: row.name,
      line: row.line,
      reason: row.reason,
      row: row.row_text,
      acceptedAt: row.accepted_at === null ? null : isoTime(row.accepted_at),
      acceptedReason: row.accepted_reason,
    })),
  };
}

interface RejectRow {
  [key: string]: string | number | null;
  file_id: number;
  name: string;
  line: number;
  reason: string;
  row_text: string;
  accepted_at: number | null;
  accepted_reason: string | null;
}

const rejectRows = `
  SELECT file_id, name, line, r.reason, row_text, a.accepted_at, a.reason AS accepted_reason
  FROM (${allRejects}) r LEFT JOIN accepted_reject a USING (file_id, line)
  ORDER BY name, file_id, line`;

/** Writes all rejected rows as a human CSV: `file,line,reason,row,accepted`. */
export async function exportRejects(store: Store, file: string): Promise<{ file: string; rows: number }> {
  await prepare(store);
  return writeCsv(
    file,
    ["file", "line", "reason", "row", "accepted"],
    "human",
    mapPieces(store.pieces<RejectRow>(rejectRows), (row) => [
      row.name,
      String(row.line),
      row.reason,
      row.row_text,
      row.accepted_reason ?? "",
    ]),
  );
}

/**
 * Puts on record that rejected rows may stay out: of one file, named by number or name, or of all.
 * @throws Failure `bad_input` where nothing open is found
 */
export async function acceptRejects(
  project: Project,
  named: string,
  reason: string,
): Promise<{ accepted: number }> {
  const { store } = project;
  await prepare(store);
  const only = named === "all" ? null : await fileIdOf(project, named);
  const accepted = await store.transaction(async (connection) => {
    const result = await connection.run(
      `INSERT INTO accepted_reject
       SELECT DISTINCT file_id, line, $at::BIGINT, $reason
       FROM (${allRejects})
       ANTI JOIN accepted_reject USING (file_id, line)
       WHERE $only::INTEGER IS NULL OR file_id = $only`,
      { at: now(), reason, only },
    );
    // On record before it counts: what stands changed and is on no record looks like an edit by hand.
    if (result.rowsChanged > 0) {
      await project.journal.append("rejects_accepted", { file: only, rows: result.rowsChanged });
    }
    return result.rowsChanged;
  });
  if (accepted === 0)
    throw badInput(
      "NOTHING_TO_ACCEPT",
      "There are no rejected rows left to accept there.",
      "Look at `sendgate rejects`.",
    );
  return { accepted };
}

/** Rejected rows that lock the gate, by file: those that nobody has accounted for and that can carry a suppression. */
export async function lockingRejects(store: Store): Promise<{ name: string; rows: number }[]> {
  await prepare(store);
  return store.rows<{ name: string; rows: number }>(
    `SELECT name, count(*) AS rows
     FROM (${allRejects}) ANTI JOIN accepted_reject USING (file_id, line)
     WHERE locks
     GROUP BY file_id, name
     ORDER BY name, file_id`,
  );
}
