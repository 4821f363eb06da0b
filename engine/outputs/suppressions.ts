import { isoTime } from "../clock.ts";
import { sourcesOf } from "../merge/source-set.ts";
import type { Store } from "../store/store.ts";
import { listCell, mapPieces, writeCsv } from "./csv-file.ts";

const columns = ["email", "level", "via", "user_ids", "sources", "first_at", "last_at"];

interface SuppressionRow {
  [key: string]: string | number | string[] | null;
  email: string;
  level: string;
  via: string;
  user_ids: string[] | null;
  sources: number;
  first_at: number | null;
  last_at: number | null;
}

/** Writes `suppressions` as interfaces §3 says: one row a suppressed address, sorted by email key. */
export async function exportSuppressions(
  store: Store,
  file: string,
): Promise<{ file: string; rows: number }> {
  const rows = store.pieces<SuppressionRow>(`
    SELECT a.email_key AS email, w.name AS level, s.via, claimant.user_ids, s.sources, s.first_at, s.last_at
    FROM suppression s
    JOIN address a USING (address_id)
    JOIN level_word w USING (level)
    LEFT JOIN (
      SELECT c.address_id, list(p.user_id) FILTER (p.user_id IS NOT NULL) AS user_ids
      FROM person_address c
      JOIN person p USING (person_id)
      SEMI JOIN suppression USING (address_id)
      GROUP BY c.address_id
    ) claimant USING (address_id)
    ORDER BY s.address_id`);
  return writeCsv(file, columns, "machine", mapPieces(rows, suppressionCells));
}

function suppressionCells(row: SuppressionRow): string[] {
  return [
    row.email,
    row.level,
    row.via,
    listCell(row.user_ids ?? []),
    sourcesOf(row.sources).join("|"),
    row.first_at === null ? "" : isoTime(row.first_at),
    row.last_at === null ? "" : isoTime(row.last_at),
  ];
}
