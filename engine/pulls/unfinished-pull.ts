import type { DuckDBConnection } from "@duckdb/node-api";
import type { PullStream } from "../../contract/pulls.ts";
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
  /** Null where it was begun before accounts were kept. */
  account: string | null;
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
    `SELECT pull_id, file_id, source, kind, user_id_field, endpoint, account, started_at, content_hash, last_entry
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

/** A stream in numbers. @param received entries that are no rejections */
export function toldOf(stream: StreamState, received: number): PullStream {
  return {
    id: stream.stream_id,
    title: stream.title,
    carriesSuppressions: stream.carries_suppressions,
    declared: stream.declared,
    received: received + stream.rejected,
    rejected: stream.rejected,
    complete: stream.complete,
  };
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

/** Whom a pull asks, and how: what was read of others, or in another way, can not be built on. */
export interface AskedAccount extends SourceAccess {
  account: string;
}

/** Whether a pull read the same account in the same way. */
export function isOf(
  pulled: Pick<UnfinishedPull, "endpoint" | "user_id_field" | "account">,
  { endpoint, userIdField, account }: AskedAccount,
): boolean {
  const sameAccount = pulled.account === null || pulled.account === account;
  return sameAccount && pulled.endpoint === endpoint && pulled.user_id_field === userIdField;
}

/** The mark of the last pull that was read to its end, where it is of the same account; null where everything must be read. */
export async function lastMark(store: Store, asked: AskedAccount): Promise<Checkpoint | null> {
  const row = await store.row<
    Pick<UnfinishedPull, "endpoint" | "user_id_field" | "account"> & { mark: string }
  >(
    `SELECT mark, endpoint, user_id_field, account FROM pull
     WHERE source = $source AND ended_at IS NOT NULL
     ORDER BY pull_id DESC LIMIT 1`,
    { source: asked.source },
  );
  return row && isOf(row, asked) ? (JSON.parse(row.mark) as Checkpoint) : null;
}

/** Lays a plan down before anything of it is read. */
export async function beginPull(
  store: Store,
  { source, endpoint, userIdField, account }: AskedAccount,
  plan: PullPlan,
): Promise<UnfinishedPull> {
  const startedAt = now();
  await store.transaction(async (connection) => {
    await connection.run(
      `INSERT INTO pull
         (pull_id, source, file_id, kind, user_id_field, endpoint, account, started_at, mark, notes, content_hash, last_entry)
       SELECT
         (SELECT coalesce(max(pull_id), 0) + 1 FROM pull), $source,
         1 + (SELECT coalesce(max(file_id), 0) FROM (SELECT file_id FROM source_file UNION ALL SELECT file_id FROM pull)),
         $kind, $userIdField, $endpoint, $account, $startedAt, $mark, $notes, '',
         (SELECT coalesce(max(last_entry), 0) FROM pull WHERE source = $source)`,
      {
        source,
        kind: plan.kind,
        userIdField,
        endpoint,
        account,
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

/** Different entries that a pull brought, by the stream's position; rejected ones are not among them. */
export async function countReceived(store: Store, pullId: number): Promise<Map<number, number>> {
  const rows = await store.rows<{ position: number; received: number }>(
    `SELECT position, count(*) AS received
     FROM (
       SELECT DISTINCT p.position, r.record_id
       FROM pulled_record p
       JOIN source_record r USING (record)
       WHERE p.pull_id = $pullId
     )
     GROUP BY position`,
    { pullId },
  );
  return new Map(rows.map(({ position, received }) => [position, received]));
}

/** A stream that cannot be taken for whole is read from its beginning by the next pull. */
export async function readAnew(store: Store, pullId: number, positions: readonly number[]): Promise<void> {
  await store.run(
    `UPDATE pull_stream SET checkpoint = NULL, received = 0, rejected = 0, complete = false
     WHERE pull_id = $pullId AND position IN (${positions.join(", ")})`,
    { pullId },
  );
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
