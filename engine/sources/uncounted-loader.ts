import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import type { RejectedRow, SourceName, SourceRecord } from "../../contract/source.ts";
import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { appendRejection } from "./append-rejection.ts";
import { RecordAppender } from "./record-appender.ts";

/** What is known of a file once it was read to its end. */
interface ReadFile {
  source: SourceName;
  name: string;
  kind: string;
  carriesSuppressions: boolean;
  landing: string;
  sha256: string;
  reading: string;
  bytes: number;
}

type CountedFile = ReadFile & { id: number; imported: number; rejected: number };

/** Set while rows stand in the database that no file accounts for. */
const loadingMark = "loading";

/**
 * Loads rows that do not count yet: everything sees only records of files in `source_file`, and those rows are written
 * at the very end, together with whatever else `work` returns to be done in that one transaction.
 * The rows themselves go in piece by piece, since a transaction over a whole large file would have to fit into memory.
 * What a failure leaves is taken away at once, what a kill leaves when the project is opened again.
 */
export async function loadUncounted(
  store: Store,
  work: (loader: UncountedLoader) => Promise<(connection: DuckDBConnection) => Promise<void>>,
): Promise<void> {
  await store.changeSetting(loadingMark, true);
  try {
    await store.load(async (connection) => {
      const loader = await UncountedLoader.begin(store, connection);
      const finish = await work(loader);
      await store.transaction(async (transaction) => {
        for (const file of loader.files) await countIn(transaction, file);
        await finish(transaction);
      });
    });
  } finally {
    await sweepUncounted(store);
  }
}

/** Takes away rows of files that were never read to their end; pulls over an API go on and keep theirs. */
export async function sweepUncounted(store: Store): Promise<void> {
  if (!(await store.setting<boolean>(loadingMark))) return;
  await store.transaction(async (connection) => {
    await connection.run(`
      CREATE OR REPLACE TEMP TABLE kept_file AS
      SELECT file_id FROM source_file UNION ALL SELECT file_id FROM pull WHERE ended_at IS NULL;
      DELETE FROM source_state WHERE record IN (SELECT record FROM source_record ANTI JOIN kept_file USING (file_id));
      DELETE FROM source_record WHERE file_id NOT IN (SELECT file_id FROM kept_file);
      DELETE FROM unreadable_row WHERE file_id NOT IN (SELECT file_id FROM kept_file);`);
  });
  await store.changeSetting(loadingMark, false);
}

export class UncountedLoader {
  readonly files: CountedFile[] = [];
  readonly #connection: DuckDBConnection;
  #nextFile: number;
  #nextRecord: number;

  private constructor(connection: DuckDBConnection, nextFile: number, nextRecord: number) {
    this.#connection = connection;
    this.#nextFile = nextFile;
    this.#nextRecord = nextRecord;
  }

  static async begin(store: Store, connection: DuckDBConnection): Promise<UncountedLoader> {
    const last = await store.row<{ file: number; record: number }>(
      `SELECT
        (SELECT coalesce(max(file_id), 0) FROM (SELECT file_id FROM source_file UNION ALL SELECT file_id FROM pull)) AS file,
        (SELECT coalesce(max(record), 0) FROM source_record) AS record`,
    );
    return new UncountedLoader(connection, last!.file + 1, last!.record + 1);
  }

  /** Begins the next file. */
  async open(source: SourceName): Promise<UncountedFile> {
    const id = this.#nextFile++;
    return new UncountedFile(
      id,
      await RecordAppender.create(this.#connection, source, id, this.#nextRecord),
      await this.#connection.createAppender("unreadable_row"),
      (file, nextRecord) => {
        this.files.push(file);
        this.#nextRecord = nextRecord;
      },
    );
  }
}

class UncountedFile {
  readonly #id: number;
  readonly #records: RecordAppender;
  readonly #rejects: DuckDBAppender;
  readonly #closed: (file: CountedFile, nextRecord: number) => void;
  #imported = 0;
  #rejected = 0;

  constructor(
    id: number,
    records: RecordAppender,
    rejects: DuckDBAppender,
    closed: (file: CountedFile, nextRecord: number) => void,
  ) {
    this.#id = id;
    this.#records = records;
    this.#rejects = rejects;
    this.#closed = closed;
  }

  append(record: SourceRecord): void {
    this.#records.append(record);
    this.#imported += 1;
  }

  reject(row: RejectedRow): void {
    appendRejection(this.#rejects, this.#id, row);
    this.#rejected += 1;
  }

  /** The file was read to its end. */
  close(read: ReadFile): CountedFile {
    const nextRecord = this.#records.close();
    this.#rejects.closeSync();
    const file = { ...read, id: this.#id, imported: this.#imported, rejected: this.#rejected };
    this.#closed(file, nextRecord);
    return file;
  }
}

async function countIn(connection: DuckDBConnection, file: CountedFile): Promise<void> {
  const { id, source, name, kind, carriesSuppressions, landing, sha256, reading, bytes, imported, rejected } =
    file;
  await connection.run(
    `INSERT INTO source_file (file_id, source, name, kind, carries_suppressions, landing, sha256, reading, bytes,
       row_count, imported, rejected, imported_at)
     VALUES ($id, $source, $name, $kind, $carriesSuppressions, $landing, $sha256, $reading, $bytes,
       $rows, $imported, $rejected, $at)`,
    {
      id,
      source,
      name,
      kind,
      carriesSuppressions,
      landing,
      sha256,
      reading,
      bytes,
      rows: imported + rejected,
      imported,
      rejected,
      at: now(),
    },
  );
}
