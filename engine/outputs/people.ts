import { sourcesOf } from "../merge/source-set.ts";
import type { Store } from "../store/store.ts";
import { listCell, mapPieces, writeCsv } from "./csv-file.ts";

const columns = ["person_key", "user_id", "email", "alt_emails", "suppressed", "level", "sources", "records"];

interface PersonRow {
  [key: string]: string | number | boolean | string[] | null;
  person_key: string;
  user_id: string | null;
  email: string | null;
  alternatives: string[] | null;
  suppressed: boolean;
  level: string | null;
  sources: number;
  records: number;
}

/** Writes `people` as interfaces §3 says: one row a person, leads included, sorted by person_key. */
export async function exportPeople(store: Store, file: string): Promise<{ file: string; rows: number }> {
  // Persons are numbered in the code-point order of their keys.
  const rows = store.pieces<PersonRow>(`
    SELECT p.person_key, p.user_id, main.email_key AS email, other.alternatives, p.suppressed, w.name AS level, p.sources, p.records
    FROM person p
    LEFT JOIN address main ON main.address_id = p.primary_address_id
    LEFT JOIN level_word w USING (level)
    LEFT JOIN (
      SELECT c.person_id, list(a.email_key) AS alternatives
      FROM person_address c
      JOIN person o USING (person_id)
      JOIN address a USING (address_id)
      WHERE c.address_id IS DISTINCT FROM o.primary_address_id
      GROUP BY c.person_id
    ) other USING (person_id)
    ORDER BY p.person_id`);
  return writeCsv(file, columns, "machine", mapPieces(rows, personCells));
}

function personCells(row: PersonRow): string[] {
  return [
    row.person_key,
    row.user_id ?? "",
    row.email ?? "",
    listCell(row.alternatives ?? []),
    String(row.suppressed),
    row.level ?? "",
    sourcesOf(row.sources).join("|"),
    String(row.records),
  ];
}
