import type { Conflict, ConflictCode, ConflictPage, ConflictQuery } from "../../contract/merge.ts";
import { sourcesOf } from "../merge/source-set.ts";
import type { Store } from "../store/store.ts";
import { type Audience, listCell, mapPieces, writeCsv } from "./csv-file.ts";

/** Columns of the conflict CSV (interfaces §3). */
export const conflictColumns = [
  "conflict_id",
  "code",
  "user_id",
  "email",
  "sources",
  "detail",
  "suggestion",
  "decision",
] as const;

export interface ConflictRow {
  [key: string]: string | number | string[] | null;
  conflict_id: string;
  code: ConflictCode;
  user_ids: string[];
  emails: string[];
  sources: number;
  detail: string;
  suggestion: string;
  decision: string | null;
}

const conflictRows = "SELECT c.*, d.decision FROM conflict c LEFT JOIN decision d USING (conflict_id)";

/** The cells of one conflict, in the order of `conflictColumns`. */
export function conflictCells(row: ConflictRow): string[] {
  return [
    row.conflict_id,
    row.code,
    listCell(row.user_ids),
    listCell(row.emails),
    sourcesOf(row.sources).join("|"),
    row.detail,
    row.suggestion,
    row.decision ?? "",
  ];
}

/** Writes `conflicts` as interfaces §3 says, sorted by conflict_id. */
export async function exportConflicts(
  store: Store,
  file: string,
  audience: Audience,
): Promise<{ file: string; rows: number }> {
  const rows = store.pieces<ConflictRow>(`${conflictRows} ORDER BY conflict_id`);
  return writeCsv(file, conflictColumns, audience, mapPieces(rows, conflictCells));
}

/** Conflicts for the screen: a page of those that match, and how many match. */
export async function queryConflicts(store: Store, query: ConflictQuery): Promise<ConflictPage> {
  const conditions = ["true"];
  const parameters: Record<string, string> = {};
  if (query.codes?.length) conditions.push(`code IN (${query.codes.map((code) => `'${code}'`).join(", ")})`);
  if (query.decided !== undefined) conditions.push(`decision IS ${query.decided ? "NOT " : ""}NULL`);
  if (query.text) {
    conditions.push(`(contains(lower(conflict_id), $text) OR contains(lower(detail), $text)
      OR contains(lower(array_to_string(user_ids, ' ')), $text) OR contains(lower(array_to_string(emails, ' ')), $text))`);
    parameters.text = query.text.toLowerCase();
  }
  const matching = `SELECT * FROM (${conflictRows}) WHERE ${conditions.join(" AND ")}`;
  const counted = await store.row<{ total: number }>(
    `SELECT count(*) AS total FROM (${matching})`,
    parameters,
  );
  const rows = await store.rows<ConflictRow>(
    `${matching} ORDER BY conflict_id LIMIT ${query.limit} OFFSET ${query.offset}`,
    parameters,
  );
  return { total: counted!.total, conflicts: rows.map(toConflict) };
}

/** One conflict by its id, or undefined where the merge has none of that id. */
export async function findConflict(store: Store, conflictId: string): Promise<ConflictRow | undefined> {
  return store.row<ConflictRow>(`SELECT * FROM (${conflictRows}) WHERE conflict_id = $conflictId`, {
    conflictId,
  });
}

export function toConflict(row: ConflictRow): Conflict {
  return {
    conflictId: row.conflict_id,
    code: row.code,
    userIds: row.user_ids,
    emails: row.emails,
    sources: sourcesOf(row.sources),
    detail: row.detail,
    suggestion: row.suggestion,
    decision: row.decision,
  };
}
