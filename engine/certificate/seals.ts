import type { Seal } from "../../contract/certificate.ts";
import type { Store } from "../store/store.ts";

/**
 * Checked sums over rows: how many there are, and the sum of a 64-bit hash over all columns of each. They do not
 * depend on the order of rows, take a second for a million of them, and differ after any edit by hand. They are no
 * defence against somebody who computes rows to fit: the signature is for that, as far as it goes (docs/security.md).
 * Each query gives `of`, `rows` and `digest`.
 */

/**
 * What the exports said. A file's rows never change once it counts, so each file has its seal. What was pulled
 * over an API is one body a source: a pull settles it anew, and then counts under another file.
 */
const sources = (only = "true") => `
  WITH file AS (
    SELECT
      file_id,
      CASE WHEN kind = 'api' THEN 'api:' || source ELSE 'file:' || file_id END AS body,
      kind = 'api' AS is_api,
      hash(source, name, kind, carries_suppressions, sha256, reading, bytes, row_count, imported, rejected) AS digest
    FROM source_file
    WHERE ${only}
  ),
  record AS (
    SELECT file_id, count(*) AS rows, sum(hash(r)) AS digest FROM source_record r WHERE ${only} GROUP BY file_id
  ),
  state AS (
    SELECT r.file_id, count(*) AS rows, sum(hash(s)) AS digest
    FROM source_state s
    JOIN source_record r USING (record)
    WHERE ${only}
    GROUP BY r.file_id
  ),
  reject AS (
    SELECT file_id, count(*) AS rows, sum(hash(u)) AS digest FROM unreadable_row u WHERE ${only} GROUP BY file_id
  )
  SELECT
    CASE WHEN any_value(f.is_api) THEN f.body || ':' || max(f.file_id) ELSE f.body END AS of,
    coalesce(sum(record.rows), 0)::BIGINT AS rows,
    concat_ws(
      ' ',
      coalesce(sum(record.digest), 0),
      coalesce(sum(state.rows), 0),
      coalesce(sum(state.digest), 0),
      sum(f.digest),
      -- A pull takes rejects of earlier ones back without another file.
      CASE WHEN NOT any_value(f.is_api) THEN coalesce(sum(reject.rows), 0) END,
      CASE WHEN NOT any_value(f.is_api) THEN coalesce(sum(reject.digest), 0) END
    ) AS digest
  FROM file f
  LEFT JOIN record USING (file_id)
  LEFT JOIN state USING (file_id)
  LEFT JOIN reject USING (file_id)
  GROUP BY f.body`;

function whole(of: string, rows: string): string {
  return `SELECT '${of}' AS of, count(*) AS rows, coalesce(sum(hash(t)), 0)::VARCHAR AS digest FROM (${rows}) t`;
}

/** Another database or schema makes other sums of the same rows. */
const version =
  "SELECT 'version' AS of, 0 AS rows, version() || '/' || max(version) AS digest FROM schema_version";

/** What the operator said. */
const words = [
  whole("decision", "SELECT * FROM decision"),
  whole("accepted_reject", "SELECT * FROM accepted_reject"),
  whole(
    "replaced_file",
    "SELECT file_id, replaced_by FROM source_file WHERE kind <> 'api' AND replaced_by IS NOT NULL",
  ),
  whole("project", "SELECT * FROM setting WHERE name = 'project'"),
  version,
];

/** What the merge made of it: all that later steps read about suppressions. */
const merged = [
  "address",
  "address_spelling",
  "person",
  "person_address",
  "person_level",
  "suppression",
  "rejected_record",
].map((table) => whole(table, `SELECT * FROM ${table}`));

/** Whom deliveries of a send are held against is taken from `planned_person`. */
const planned = ["planned_operation", "planned_person"].map((table) =>
  whole(table, `SELECT * FROM ${table}`),
);

/**
 * Only suppressions: profiles are delivered later. A write that the plan does not name any more proves nothing. One that
 * was taken back since says so itself and locks by itself.
 */
const delivered = (workspaceId: number) => [
  whole(
    "delivery",
    `SELECT operation_id, subject, content, CASE state WHEN 'undone' THEN 'done' ELSE state END AS state FROM delivery
     WHERE workspace_id = ${workspaceId} AND phase = 'suppressions' AND operation_id IS NOT NULL`,
  ),
];

/** Facts that stay what they are, whatever is merged, planned and sent. */
export function factSeals(store: Store): Promise<Seal[]> {
  return sealed(store, [sources(), ...words]);
}

/** The seal of one file, as its import puts it on record. */
export async function fileSeals(store: Store, fileId: number): Promise<Seal[]> {
  return sealed(store, [sources(`file_id = ${fileId}`), version]);
}

export function mergeSeals(store: Store): Promise<Seal[]> {
  return sealed(store, merged);
}

export function planSeals(store: Store): Promise<Seal[]> {
  return sealed(store, planned);
}

export function deliverySeals(store: Store, workspaceId: number): Promise<Seal[]> {
  return sealed(store, delivered(workspaceId));
}

/** Of a larger table only the number of rows is sealed: a project is closed after every command. */
const mostRowsRead = 200_000;
/** The digest of a table that is too large. */
export const unread = "";

/** Every table there is, whatever it is for, and what the views show of them. */
export async function tableSeals(store: Store): Promise<Seal[]> {
  const tables = await store.rows<{ name: string; size: number }>(
    `SELECT table_name AS name, estimated_size AS size FROM duckdb_tables()
     WHERE database_name = current_database() AND NOT temporary`,
  );
  const queries = tables.map(({ name, size }) =>
    size <= mostRowsRead
      ? whole(name, `SELECT * FROM "${name}"`)
      : `SELECT '${name}' AS of, count(*) AS rows, '${unread}' AS digest FROM "${name}"`,
  );
  queries.push(whole("views", "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal"));
  return sealed(store, [queries.join(" UNION ALL ")]);
}

async function sealed(store: Store, queries: readonly string[]): Promise<Seal[]> {
  const seals: Seal[] = [];
  for (const query of queries)
    seals.push(...(await store.rows<Seal & Record<string, string | number>>(query)));
  return seals.sort((one, other) => (one.of < other.of ? -1 : 1));
}
