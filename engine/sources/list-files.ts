import type { SourceFile } from "../../contract/sources.ts";
import { isoTime } from "../clock.ts";
import type { Store } from "../store/store.ts";

/** Every imported file, replaced ones included, in the order of import. */
export async function listFiles(store: Store): Promise<SourceFile[]> {
  const rows = await store.rows<Omit<SourceFile, "importedAt"> & { imported_at: number }>(
    `SELECT
       f.file_id AS id, f.source, f.name, f.kind, f.carries_suppressions AS "carriesSuppressions", f.sha256, f.bytes,
       f.row_count AS rows, f.imported, f.rejected, coalesce(r.open, 0) AS "rejectedOpen", f.imported_at,
       f.replaced_by AS "replacedBy"
     FROM source_file f
     LEFT JOIN (
       SELECT file_id, count(*) AS open FROM unreadable_row ANTI JOIN accepted_reject USING (file_id, line) GROUP BY file_id
     ) r USING (file_id)
     ORDER BY f.file_id`,
  );
  return rows.map(({ imported_at, ...file }) => ({ ...file, importedAt: isoTime(imported_at) }));
}
