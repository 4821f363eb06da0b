import { createHash } from "node:crypto";
import type { ApiPage } from "../../importers/api-importer.ts";
import { appendRejection } from "../sources/append-rejection.ts";
import { RecordAppender } from "../sources/record-appender.ts";
import type { Store } from "../store/store.ts";
import type { StreamState, UnfinishedPull } from "./unfinished-pull.ts";

/**
 * Makes one page durable together with the place to go on from, as a whole or not at all (invariant 1).
 * Brings `pull` and `stream` up to what is then on disk.
 */
export async function keepPage(
  store: Store,
  pull: UnfinishedPull,
  stream: StreamState,
  page: ApiPage,
): Promise<void> {
  const after = {
    content_hash: createHash("sha256").update(pull.content_hash).update(page.raw).digest("hex"),
    last_entry: pull.last_entry + entriesOf(page),
    checkpoint: JSON.stringify(page.checkpoint),
    declared: page.declared,
    received: stream.received + page.records.length,
    rejected: stream.rejected + page.rejections.length,
    complete: page.last,
  };
  const first = await store.row<{ record: number }>(
    "SELECT coalesce(max(record), 0) + 1 AS record FROM source_record",
  );
  await store.transaction(async (connection) => {
    const records = await RecordAppender.create(connection, pull.source, pull.file_id, first!.record);
    const origins = await connection.createAppender("pulled_record");
    for (const [index, { key, record, consentOnly = false }] of page.records.entries()) {
      records.append({ ...record, recordId: key, line: pull.last_entry + record.line });
      origins.appendInteger(pull.pull_id);
      origins.appendBigInt(BigInt(first!.record + index));
      origins.appendInteger(stream.position);
      origins.appendBoolean(consentOnly);
      origins.endRow();
    }
    records.close();
    origins.closeSync();
    const rejects = await connection.createAppender("unreadable_row");
    for (const row of page.rejections) appendRejection(rejects, pull.file_id, row, pull.last_entry);
    rejects.closeSync();
    await connection.run(
      `UPDATE pull_stream SET checkpoint = $checkpoint, declared = $declared, received = $received,
         rejected = $rejected, complete = $complete
       WHERE pull_id = $pullId AND position = $position`,
      {
        checkpoint: after.checkpoint,
        declared: after.declared,
        received: after.received,
        rejected: after.rejected,
        complete: after.complete,
        pullId: pull.pull_id,
        position: stream.position,
      },
    );
    await connection.run(
      "UPDATE pull SET content_hash = $hash, last_entry = $lastEntry WHERE pull_id = $pullId",
      { hash: after.content_hash, lastEntry: after.last_entry, pullId: pull.pull_id },
    );
    if (page.note !== undefined) {
      await connection.run(
        "UPDATE pull SET notes = list_append(from_json(notes, '[\"VARCHAR\"]'), $note)::JSON::VARCHAR WHERE pull_id = $pullId",
        { note: page.note, pullId: pull.pull_id },
      );
    }
  });
  const { content_hash, last_entry, ...ofStream } = after;
  Object.assign(pull, { content_hash, last_entry });
  Object.assign(stream, ofStream);
}

/** Entries are numbered within their page, and several records may come of one. */
function entriesOf({ records, rejections }: ApiPage): number {
  let last = 0;
  for (const { record } of records) last = Math.max(last, record.line);
  for (const { line } of rejections) last = Math.max(last, line);
  return last;
}
