import { createHash } from "node:crypto";
import type { SourceName } from "../../contract/source.ts";
import { loadUncounted } from "../sources/uncounted-loader.ts";
import type { Store } from "../store/store.ts";

interface Forgotten {
  [key: string]: string | null;
  source: SourceName;
  hash: string;
  email: string | null;
  user_id: string | null;
}

/**
 * People whose hash was told, by whatever source they turned up in since: the address as its key and as it was written,
 * and the user_id, each identifier once; and by the source's own id that a record key ends with, behind the prefix
 * that is told as the identifier.
 */
const newlyNamed = `
  WITH identifier AS (
    SELECT DISTINCT 'email' AS identifier, email_key AS value, sha256(email_key) AS hash
    FROM live_record WHERE email_key IS NOT NULL
    UNION
    SELECT DISTINCT 'email', email_key, sha256(lower(trim(email_cell)))
    FROM live_record WHERE email_key IS NOT NULL
    UNION
    SELECT DISTINCT 'user_id', user_id, sha256(lower(trim(user_id)))
    FROM live_record WHERE user_id IS NOT NULL
  ),
  keyed AS (
    SELECT r.source, identifier, r.email_key, r.user_id,
      sha256(lower(trim(substr(r.record_id, length(identifier) + 1)))) AS hash
    FROM (SELECT DISTINCT source, identifier FROM forgotten_hash WHERE identifier NOT IN ('email', 'user_id'))
    JOIN live_record r USING (source)
    WHERE starts_with(r.record_id, identifier) AND coalesce(r.email_key, r.user_id) IS NOT NULL
  ),
  named AS (
    SELECT DISTINCT f.source, f.hash,
      CASE WHEN identifier = 'email' THEN value END AS email,
      CASE WHEN identifier = 'user_id' THEN value END AS user_id
    FROM forgotten_hash f
    JOIN identifier USING (identifier, hash)
    UNION
    SELECT f.source, f.hash, k.email_key, k.user_id
    FROM forgotten_hash f
    JOIN keyed k USING (source, identifier, hash)
  )
  SELECT source, hash, email, user_id
  FROM named
  ANTI JOIN (SELECT source, record_id FROM live_record) known
    ON known.source = named.source
    AND known.record_id = 'forgotten/' || named.hash || '/' || coalesce(named.email, named.user_id)
  ORDER BY ALL`;

/**
 * A source that forgot people keeps hashes alone. Whoever of them stands in any source is put on record as
 * `forgotten` (merge-rules §5), as an event of the source that was asked; done before each merge, since new
 * records may name more of them.
 */
export async function nameForgotten(store: Store): Promise<void> {
  if (!(await store.row("SELECT 1 AS found FROM forgotten_hash LIMIT 1"))) return;
  const named = await store.rows<Forgotten>(newlyNamed);
  const sources = [...new Set(named.map(({ source }) => source))];
  if (sources.length === 0) return;
  await loadUncounted(store, async (loader) => {
    for (const source of sources) {
      const people = named.filter((person) => person.source === source);
      const file = await loader.open(source);
      for (const [index, { hash, email, user_id }] of people.entries()) {
        file.append({
          line: index + 1,
          recordId: `forgotten/${hash}/${email ?? user_id}`,
          kind: "event",
          userId: user_id,
          email,
          updatedAt: null,
          states: [{ level: "forgotten", at: null }],
          attributes: {},
        });
      }
      file.close({
        source,
        name: `${source} API, forgotten people`,
        kind: "api",
        carriesSuppressions: true,
        landing: "",
        sha256: createHash("sha256").update(JSON.stringify(people)).digest("hex"),
        reading: JSON.stringify(["forgotten"]),
        bytes: 0,
      });
    }
    return async () => {};
  });
}
