import type { Store } from "../store/store.ts";

/** From this share of common people on, counted in the larger one, two files of one kind look like two exports of the same audience. */
const commonShare = 0.5;

/**
 * Earlier files that look like older exports of the same audience: same source and kind, and most people in common.
 * Nothing follows from it by itself: both count until the operator says that one replaces the other.
 * Events are history: a later file of them adds to an earlier one and never stands in its place.
 */
export async function olderExports(store: Store, fileId: number): Promise<number[]> {
  const rows = await store.rows<{ file_id: number }>(
    `WITH mine AS (SELECT DISTINCT coalesce(email_key, user_id) AS who FROM source_record WHERE file_id = $fileId),
     other AS (
       SELECT DISTINCT r.file_id, coalesce(r.email_key, r.user_id) AS who
       FROM live_record r
       JOIN source_file f USING (file_id)
       JOIN source_file me ON me.file_id = $fileId
       WHERE f.source = me.source AND f.kind = me.kind AND f.file_id < me.file_id AND NOT r.is_event
     )
     SELECT file_id
     FROM other
     LEFT JOIN mine USING (who)
     GROUP BY file_id
     HAVING count(mine.who) >= ${commonShare} * greatest(count(*), (SELECT count(*) FROM mine)) AND count(mine.who) > 0
     ORDER BY file_id`,
    { fileId },
  );
  return rows.map((row) => row.file_id);
}
