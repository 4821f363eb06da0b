import type { DuckDBConnection } from "@duckdb/node-api";
import type { SourceName } from "../../contract/source.ts";
import type { ApiStream, Checkpoint, PullPlan } from "../../importers/api-importer.ts";
import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";
import type { SourceAccess } from "./source-connection.ts";

/** A pull that was begun. Everything about it is durable, so that it goes on after a kill. */
export interface UnfinishedPull {
  [key: string]: string | number | null;
  pull_id: number;
  file_id: number;
  source: SourceName;
  kind: "full" | "delta";
  user_id_field: string | null;
  endpoint: string | null;
  started_at: number;
  content_hash: string;
  last_entry: number;
}

/** A stream of it, with where it stands. */
export interface StreamState {
  [key: string]: string | number | boolean | null;
  position: number;
  stream_id: string;
  title: string;
  carries_suppressions: boolean;
  scope: string | null;
  checkpoint: string | null;
  declared: number | null;
  /** Entries read so far; the same one may have come twice. */
  received: number;
  rejected: number;
  complete: boolean;
}

export async function unfinishedPull(store: Store, source: SourceName): Promise<UnfinishedPull | undefined> {
  return store.row<UnfinishedPull>(
    `SELECT pull_id, file_id, source, kind, user_id_field, endpoint, started_at, content_hash, last_entry
     FROM pull WHERE source = $source AND ended_at IS NULL`,
    { source },
  );
}

export async function streamsOf(store: Store, pullId: number): Promise<StreamState[]> {
  return store.rows<StreamState>(
    `SELECT position, stream_id, title, carries_suppressions, scope, checkpoint, declared, received, rejected, complete
     FROM pull_stream WHERE pull_id = $pullId ORDER BY position`,
    { pullId },
  );
}

/** What the operator should know of a pull, in words. */
export async function notesOf(store: Store, pullId: number): Promise<string[]> {
  const row = await store.row<{ notes: string }>("SELECT notes FROM pull WHERE pull_id = $pullId", {
    pullId,
  });
  return [...new Set(JSON.parse(row?.notes ?? "[]") as string[])];
}

/** As `read` of the importer takes it. */
export function apiStream({ stream_id, title, carries_suppressions, scope }: StreamState): ApiStream {
  return {
    id: stream_id,
    title,
    carriesSuppressions: carries_suppressions,
    ...(scope !== null && { scope: JSON.parse(scope) as Checkpoint }),
  };
}

/** The mark of the last pull that was read to its end in the same way; null where everything must be read. */
export async function lastMark(
  store: Store,
  { source, endpoint, userIdField }: SourceAccess,
): Promise<Checkpoint | null> {
  const row = await store.row<{ mark: string; endpoint: string | null; user_id_field: string | null }>(
    `SELECT mark, endpoint, user_id_field FROM pull
     WHERE source = $source AND ended_at IS NOT NULL
     ORDER BY pull_id DESC LIMIT 1`,
    { source },
  );
  // Another account, or another field for the user_id: nothing read before can be built on.
  if (!row || row.endpoint !== endpoint || row.user_id_field !== userIdField) return null;
  return JSON.parse(row.mark) as Checkpoint;
}

/** Lays a plan down before anything of it is read. */
export async function beginPull(
  store: Store,
  { source, endpoint, userIdField }: SourceAccess,
  plan: PullPlan,
): Promise<UnfinishedPull> {
  const startedAt = now();
  await store.transaction(async (connection) => {
    await connection.run(
      `INSERT INTO pull
         (pull_id, source, file_id, kind, user_id_field, endpoint, started_at, mark, notes, content_hash, last_entry)
       SELECT
         (SELECT coalesce(max(pull_id), 0) + 1 FROM pull), $source,
         1 + (SELECT coalesce(max(file_id), 0) FROM (SELECT file_id FROM source_file UNION ALL SELECT file_id FROM pull)),
         $kind, $userIdField, $endpoint, $startedAt, $mark, $notes, '',
         (SELECT coalesce(max(last_entry), 0) FROM pull WHERE source = $source)`,
      {
        source,
        kind: plan.kind,
        userIdField,
        endpoint,
        startedAt,
        mark: JSON.stringify(plan.mark),
        notes: JSON.stringify(plan.notes),
      },
    );
    await connection.run(
      `INSERT INTO pull_stream (pull_id, position, stream_id, title, carries_suppressions, scope, received, rejected, complete)
       SELECT (SELECT max(pull_id) FROM pull), s.position, s.id, s.title, s.carries, s.scope, 0, 0, false
       FROM (
         SELECT unnest(from_json($streams,
           '[{"position":"INTEGER","id":"VARCHAR","title":"VARCHAR","carries":"BOOLEAN","scope":"VARCHAR"}]')) AS s
       )`,
      {
        streams: JSON.stringify(
          plan.streams.map(({ id, title, carriesSuppressions, scope }, position) => ({
            position,
            id,
            title,
            carries: carriesSuppressions,
            scope: scope === undefined ? null : JSON.stringify(scope),
          })),
        ),
      },
    );
    await nameTopics(connection, source, plan.topicNames ?? {});
    await keepForgotten(connection, source, plan.forgotten ?? { emails: [], userIds: [] });
  });
  return (await unfinishedPull(store, source))!;
}

async function nameTopics(
  connection: DuckDBConnection,
  source: SourceName,
  names: Record<string, string>,
): Promise<void> {
  const topics = JSON.stringify(Object.entries(names).map(([topic, name]) => ({ topic, name })));
  await connection.run(
    `DELETE FROM topic_name WHERE source = $source AND topic IN (
       SELECT unnest(from_json($topics, '[{"topic":"VARCHAR","name":"VARCHAR"}]')).topic)`,
    { source, topics },
  );
  await connection.run(
    `INSERT INTO topic_name
     SELECT $source, t.topic, t.name
     FROM (SELECT unnest(from_json($topics, '[{"topic":"VARCHAR","name":"VARCHAR"}]')) AS t)`,
    { source, topics },
  );
}

/** A hash that was once told stays: nobody is un-forgotten by being left out of a list. */
async function keepForgotten(
  connection: DuckDBConnection,
  source: SourceName,
  { emails, userIds, keys }: NonNullable<PullPlan["forgotten"]>,
): Promise<void> {
  const told = { email: emails, user_id: userIds, ...(keys && { [keys.prefix]: keys.hashes }) };
  for (const [identifier, hashes] of Object.entries(told)) {
    await connection.run(
      `INSERT INTO forgotten_hash
       SELECT $source, $identifier, hash FROM (SELECT unnest(from_json($hashes, '["VARCHAR"]')) AS hash)
       EXCEPT SELECT * FROM forgotten_hash`,
      { source, identifier, hashes: JSON.stringify(hashes) },
    );
  }
}

/** Takes a pull back that will not go on; what earlier ones brought stays. */
export async function discardPull(
  store: Store,
  { pull_id, file_id }: Pick<UnfinishedPull, "pull_id" | "file_id">,
): Promise<void> {
  await store.transaction(async (connection) => {
    await connection.run(`
      DELETE FROM source_state WHERE record IN (SELECT record FROM pulled_record WHERE pull_id = ${pull_id});
      DELETE FROM source_record WHERE file_id = ${file_id};
      DELETE FROM unreadable_row WHERE file_id = ${file_id};
      DELETE FROM pulled_record WHERE pull_id = ${pull_id};
      DELETE FROM pull_stream WHERE pull_id = ${pull_id};
      DELETE FROM pull WHERE pull_id = ${pull_id};`);
  });
}
