import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue, type Json } from "@duckdb/node-api";
import { badInput, Failure, failed } from "../../contract/failure.ts";
import { migrations } from "./migrations.ts";

/**
 * DuckDB's buffers, not the whole process: expect 200 to 250 MB more (docs/decisions/0007). Joins and sorts that need
 * more go to disk.
 */
const memory = {
  working: "130MB",
  /** The merge joins several million records in one step. */
  merging: "300MB",
  /** For appending rows, which needs little; what is read by then takes memory of its own. */
  loading: "60MB",
  /** For joining the versions of a pull, beside what its pages left in memory. */
  settling: "150MB",
};

const databaseOptions = {
  memory_limit: memory.working,
  // Tests run several databases at once, where a second thread of each only costs.
  threads: process.env.SENDGATE_DATABASE_THREADS ?? "2",
  preserve_insertion_order: "false",
  // Give freed memory back early.
  allocator_flush_threshold: "8MB",
  allocator_bulk_deallocation_flush_threshold: "16MB",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

export type Row = Record<string, Json>;
type Parameters = Record<string, DuckDBValue>;

/**
 * The project's database: one file, one process at a time.
 * Numbers come back as JavaScript numbers where they fit exactly; nothing here counts beyond 2^53.
 */
export class Store {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /**
   * Opens or creates the database in the project's folder and brings its schema up to date.
   * @param opened is called once nobody else can write there, and before anything is written
   */
  static async open(folder: string, opened?: (store: Store) => Promise<void>): Promise<Store> {
    const file = join(folder, "project.duckdb");
    let store: Store;
    try {
      const instance = await DuckDBInstance.create(file, {
        ...databaseOptions,
        temp_directory: join(folder, "project.duckdb.tmp"),
      });
      store = new Store(instance, await instance.connect());
    } catch (error) {
      throw openingFailure(file, error);
    }
    try {
      await opened?.(store);
      await store.#migrate(file);
    } catch (error) {
      store.close();
      throw error instanceof Failure ? error : openingFailure(file, error);
    }
    return store;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async run(sql: string, parameters?: Parameters): Promise<void> {
    await this.#connection.run(sql, parameters);
  }

  async rows<T extends Row = Row>(sql: string, parameters?: Parameters): Promise<T[]> {
    const reader = await this.#connection.runAndReadAll(sql, parameters);
    return reader.getRowObjectsJson().map(numbersFromText(reader.columnTypes(), reader.columnNames())) as T[];
  }

  async row<T extends Row = Row>(sql: string, parameters?: Parameters): Promise<T | undefined> {
    return (await this.rows<T>(sql, parameters))[0];
  }

  /** Rows in pieces of at most 2,048, so that a large result never sits in memory. */
  async *pieces<T extends Row = Row>(sql: string, parameters?: Parameters): AsyncGenerator<T[]> {
    const connection = await this.#instance.connect();
    try {
      const result = await connection.stream(sql, parameters);
      const convert = numbersFromText(result.columnTypes(), result.columnNames());
      for await (const piece of result.yieldRowObjectJson()) yield piece.map(convert) as T[];
    } finally {
      connection.closeSync();
    }
  }

  /** All or nothing: what `work` wrote is kept only if it ends well. Until then nobody else sees it. */
  async transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#instance.connect();
    try {
      await connection.run("BEGIN TRANSACTION");
      const result = await work(connection);
      await connection.run("COMMIT");
      return result;
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      connection.closeSync();
    }
  }

  /** A connection of its own to append rows with; the database itself takes less memory meanwhile. */
  async load<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.withMemoryFor("loading", async () => {
      const connection = await this.#instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    });
  }

  /** While `work` runs the database takes as much memory as that kind of work needs. */
  async withMemoryFor<T>(kind: Exclude<keyof typeof memory, "working">, work: () => Promise<T>): Promise<T> {
    await this.run(`SET memory_limit = '${memory[kind]}'`);
    try {
      return await work();
    } finally {
      await this.run(`SET memory_limit = '${memory.working}'`);
    }
  }

  async setting<T extends Json>(name: string): Promise<T | undefined> {
    const row = await this.row<{ value: string }>("SELECT value FROM setting WHERE name = $name", { name });
    return row && (JSON.parse(row.value) as T);
  }

  async changeSetting(name: string, value: Json): Promise<void> {
    await this.run("INSERT OR REPLACE INTO setting VALUES ($name, $value)", {
      name,
      value: JSON.stringify(value),
    });
  }

  async #migrate(file: string): Promise<void> {
    await this.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const version = Number(
      (await this.row("SELECT max(version) AS version FROM schema_version"))?.version ?? 0,
    );
    if (version > migrations.length) {
      throw badInput(
        "PROJECT_TOO_NEW",
        `${file} was made by a newer Sendgate (schema ${version}, this one knows ${migrations.length}).`,
        "Open it with the newer version. Nothing was changed.",
      );
    }
    const pending = migrations
      .map((migration, index) => `${migration}\nINSERT INTO schema_version VALUES (${index + 1});`)
      .slice(version);
    // A new database has no rows that one migration must have written before the next changes their table.
    const steps = version === 0 ? [pending.join("\n")] : pending;
    for (const step of steps) await this.transaction((connection) => connection.run(step));
  }
}

/** DuckDB hands 64-bit integers over as text in JSON; every one of ours is exact as a number. */
function numbersFromText(
  types: readonly { toString(): string }[],
  names: readonly string[],
): (row: Row) => Row {
  const wide = names.filter((_, index) => /^(?:BIGINT|HUGEINT|UBIGINT)$/.test(types[index]!.toString()));
  if (wide.length === 0) return (row) => row;
  return (row) => {
    for (const name of wide) if (row[name] !== null) row[name] = Number(row[name]);
    return row;
  };
}

function openingFailure(file: string, error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  if (/could not set lock|conflicting lock|being used by another process|unique file handle/i.test(text)) {
    return badInput(
      "PROJECT_IN_USE",
      `${file} is open in another Sendgate window or command.`,
      "Close it there, or wait until that command ends, then try again.",
      error,
    );
  }
  if (/permission denied|read-only|EACCES|EROFS/i.test(text)) {
    return badInput(
      "PROJECT_READ_ONLY",
      `${file} cannot be written.`,
      "Give yourself write access to the project's folder, or choose another folder.",
      error,
    );
  }
  if (/no space left|ENOSPC/i.test(text)) {
    return failed(
      "DISK_FULL",
      `There is no space left for ${file}.`,
      "Free some disk space and try again.",
      error,
    );
  }
  return failed(
    "PROJECT_DAMAGED",
    `${file} is no readable project database (${text.split("\n")[0]}).`,
    "Take the folder back from a backup, or start a new project and import the files in its landing folder again.",
    error,
  );
}
