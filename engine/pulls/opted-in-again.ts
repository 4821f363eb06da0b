import { consentLevels } from "../../contract/consent.ts";
import type { OptedInAgain } from "../../contract/pulls.ts";
import type { SourceName } from "../../contract/source.ts";
import { isoTime } from "../clock.ts";
import type { Store } from "../store/store.ts";

/** Opt-outs that stand although their record says otherwise by now. */
const optedInAgain = `
  WITH before AS MATERIALIZED (
    SELECT e.record, e.source, e.key, e.noticed_at, bit_or(1 << s.level::INTEGER) AS levels
    FROM earlier_version e
    JOIN source_state s USING (record)
    WHERE s.level <= 4
    GROUP BY ALL
  ),
  present AS MATERIALIZED (
    SELECT r.source, r.record_id AS key, r.record, coalesce(bit_or(1 << s.level::INTEGER), 0) AS levels
    FROM live_record r
    SEMI JOIN before b ON b.source = r.source AND b.key = r.record_id
    LEFT JOIN source_state s USING (record)
    GROUP BY ALL
  )
  SELECT b.source, b.key, b.noticed_at, b.levels AS before, p.levels AS present, o.user_id, o.email_key
  FROM before b
  JOIN present p USING (source, key)
  JOIN source_record o ON o.record = b.record
  WHERE (p.levels & 31) = 0`;

/** People who had opted out at a source and read as opted in there now, newest first. They stay suppressed. */
export async function listOptedInAgain(
  store: Store,
  offset: number,
  limit: number,
): Promise<{ total: number; people: OptedInAgain[] }> {
  const counted = await store.row<{ total: number }>(`SELECT count(*) AS total FROM (${optedInAgain})`);
  const rows = await store.rows<{
    source: SourceName;
    user_id: string | null;
    email_key: string | null;
    before: number;
    present: number;
    noticed_at: number;
  }>(
    `SELECT source, user_id, email_key, before, present, noticed_at FROM (${optedInAgain})
     ORDER BY noticed_at DESC, source, key LIMIT ${limit} OFFSET ${offset}`,
  );
  return {
    total: counted!.total,
    people: rows.map((row) => ({
      source: row.source,
      userId: row.user_id,
      email: row.email_key,
      before: levelsOf(row.before),
      now: levelsOf(row.present),
      noticedAt: isoTime(row.noticed_at),
    })),
  };
}

/** Names of the levels in a set of bits, strongest first. */
function levelsOf(bits: number): string[] {
  return consentLevels.filter((_, rank) => (bits & (1 << rank)) !== 0);
}
