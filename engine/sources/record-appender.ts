import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { strengthRank } from "../../contract/consent.ts";
import type { SourceName, SourceRecord } from "../../contract/source.ts";
import { readEmail } from "../normalise/email-key.ts";
import { readUserId } from "../normalise/user-id.ts";

/** Rows that wait in memory before they go to the database: one whole row group of DuckDB, which is written once and for good. */
const flushEvery = 122_880;

/**
 * Normalises source records and appends them to `source_record` and `source_state`, on the caller's connection.
 */
export class RecordAppender {
  readonly #source: SourceName;
  readonly #fileId: number;
  readonly #records: DuckDBAppender;
  readonly #states: DuckDBAppender;
  #next: number;
  #waiting = 0;

  private constructor(
    source: SourceName,
    fileId: number,
    firstRecord: number,
    records: DuckDBAppender,
    states: DuckDBAppender,
  ) {
    this.#source = source;
    this.#fileId = fileId;
    this.#next = firstRecord;
    this.#records = records;
    this.#states = states;
  }

  /** @param firstRecord number of the first record; the following ones count up from it */
  static async create(
    connection: DuckDBConnection,
    source: SourceName,
    fileId: number,
    firstRecord: number,
  ): Promise<RecordAppender> {
    return new RecordAppender(
      source,
      fileId,
      firstRecord,
      await connection.createAppender("source_record"),
      await connection.createAppender("source_state"),
    );
  }

  append(record: SourceRecord): void {
    const number = this.#next++;
    const userId = readUserId(record.userId);
    const email = readEmail(record.email ?? "");
    const row = this.#records;
    row.appendBigInt(BigInt(number));
    row.appendInteger(this.#fileId);
    row.appendVarchar(this.#source);
    row.appendBigInt(BigInt(record.line));
    row.appendVarchar(record.recordId);
    row.appendBoolean(record.kind === "event");
    appendText(row, userId.value);
    appendText(row, userId.value === null || isAscii(userId.value) ? null : userId.value.toLowerCase());
    row.appendBoolean(userId.blocked);
    appendText(row, record.email);
    appendText(row, email.kind === "good" ? email.key : null);
    appendText(row, email.kind === "none" ? null : email.spelling);
    appendText(row, email.kind === "good" ? email.send : null);
    appendText(row, email.kind === "bad" ? email.reason : null);
    row.appendBoolean(email.kind === "good" && email.hiddenCharacters);
    appendTime(row, record.updatedAt);
    appendText(row, isEmpty(record.attributes) ? null : JSON.stringify(record.attributes));
    row.endRow();

    for (const state of record.states) {
      const line = this.#states;
      line.appendBigInt(BigInt(number));
      line.appendTinyInt(strengthRank(state.level));
      appendText(line, state.topic ?? null);
      appendTime(line, state.at);
      line.appendBoolean(state.history ?? false);
      line.appendBoolean(state.assumed ?? false);
      line.appendBoolean(state.invalidAddress ?? false);
      line.endRow();
    }
    if (++this.#waiting >= flushEvery) {
      this.#waiting = 0;
      this.#records.flushSync();
      this.#states.flushSync();
    }
  }

  /** The number after the last record. */
  close(): number {
    this.#records.closeSync();
    this.#states.closeSync();
    return this.#next;
  }
}

function appendText(appender: DuckDBAppender, text: string | null): void {
  if (text === null) appender.appendNull();
  else appender.appendVarchar(text);
}

function appendTime(appender: DuckDBAppender, microseconds: number | null): void {
  if (microseconds === null) appender.appendNull();
  else appender.appendBigInt(BigInt(microseconds));
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x00-\x7F]*$/.test(text);
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
