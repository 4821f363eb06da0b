import type {
  ColumnMapping,
  FileMeaning,
  RejectedRow,
  SourceName,
  SourceRecord,
} from "../contract/source.ts";

import type { Capabilities } from "./capabilities.ts";

/** What the operator says about a file, beside its name and content. */
export interface ImportOptions {
  means?: FileMeaning;
  map?: ColumnMapping;
}

/** What is known of a file before its rows are read. */
export interface FileHead {
  /** The file's own name, without folders; inside a ZIP the entry's name. */
  name: string;
  format: "csv" | "ndjson";
  /** CSV: the header cells in order. NDJSON: every key seen in the first rows. */
  headers: string[];
}

/** A row as read: CSV cells by position, or one JSON object. */
export type RawRow = { line: number; cells: string[] } | { line: number; object: Record<string, unknown> };

/** Turns the rows of one recognised file into source records. */
export interface RecordMapper {
  /** What the file holds, in the vendor's words: `subscribed`, `unsubscribed`, `users`, `events`, `profiles`, … */
  kind: string;
  /** True if rows of this file can carry suppressions: rejected rows then lock the gate. */
  carriesSuppressions: boolean;
  map(row: RawRow): SourceRecord;
}

/** One source's way with export files. */
export interface FileImporter {
  source: SourceName;
  capabilities: Capabilities;
  /** How its files are recognised, in words, for messages. */
  recognisedBy: string;
  /**
   * The mapper for the file, or null if it is not recognised as this source's.
   * @throws Failure `bad_input` where the file is this source's but the operator must say more.
   */
  recognise(head: FileHead, options: ImportOptions): RecordMapper | null;
}

/** Rows in file order; `records` and `rejections` together are all rows of the batch. */
export interface ReadBatch {
  records: SourceRecord[];
  rejections: RejectedRow[];
  /** Bytes of the file read so far, for progress. */
  bytesRead: number;
}

/** One readable file: the file itself, or one entry of a ZIP. */
export interface SourceFilePart {
  /** `export.zip/unsubscribed_….csv` for a ZIP entry, else the file's own name. */
  name: string;
  kind: string;
  carriesSuppressions: boolean;
  /** Uncompressed size in bytes. */
  bytes: number;
  /** Reads the part from its beginning; can be called again. */
  read(): AsyncIterable<ReadBatch>;
}
