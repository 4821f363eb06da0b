import { badInput } from "../../contract/failure.ts";
import type { FileHead, RawRow } from "../file-importer.ts";
import { type ByteSource, emptyFile } from "./byte-source.ts";
import { CsvRows } from "./csv-rows.ts";
import { sniffDelimiter } from "./delimiter.ts";
import { unifyLineBreaks } from "./line-breaks.ts";
import { NdjsonRows } from "./ndjson-rows.ts";
import type { RowBatch, RowReader } from "./row-batch.ts";
import { decodeText, encodingOf, type TextPiece } from "./text-decoding.ts";

/** How the rows of one file are read. */
export interface RowFormat {
  format: FileHead["format"];
  /** Of a CSV. */
  delimiter: string;
}

export interface SourceHead extends RowFormat {
  head: FileHead;
  /** The sound rows among the first ones. */
  rows: RawRow[];
}

/** How much text is looked at before anything is decided, in UTF-16 units. */
const sampleLength = 256 * 1024;
const rowsPerBatch = 2_000;

/**
 * Tells the format from the content, and reads the header and first rows.
 *
 * @throws Failure `bad_input` for a file that holds no rows as text: empty, binary, packed, a JSON array, no header
 */
export async function readHead(source: ByteSource): Promise<SourceHead> {
  let sample = "";
  let whole = true;
  for await (const { text } of readText(source, refuseBinary)) {
    sample = sample.trim() === "" ? text : sample + text;
    whole = sample.length < sampleLength || sample.trim() === "";
    if (!whole) break;
  }
  const start = sample.trimStart();
  if (start === "") throw emptyFile(source.name);
  if (/^\[\s*(?:[{[\]"]|$)/.test(start))
    throw badInput(
      "JSON_ARRAY",
      `${source.name} is one JSON array.`,
      "Write it as NDJSON: one JSON object per line, without the brackets and commas around them.",
    );
  return start.startsWith("{") ? ndjsonHead(source) : csvHead(source, sniffDelimiter(sample, whole));
}

/** The rows of the file from its beginning, in batches of about 2,000. */
export async function* readRows(
  source: ByteSource,
  format: RowFormat,
): AsyncIterable<RowBatch & { bytesRead: number }> {
  const reader =
    format.format === "csv" ? new CsvRows(source.name, format.delimiter) : new NdjsonRows(source.name);
  yield* readWith(reader, source);
}

async function* readWith(
  reader: RowReader,
  source: ByteSource,
): AsyncIterable<RowBatch & { bytesRead: number }> {
  let rows: RowBatch["rows"] = [];
  let rejections: RowBatch["rejections"] = [];
  let bytesSeen = 0;
  const take = (batch: RowBatch) => {
    rows = rows.concat(batch.rows);
    rejections = rejections.concat(batch.rejections);
  };
  for await (const { text, bytesRead } of readText(source)) {
    bytesSeen = bytesRead;
    take(reader.push(text, false));
    if (rows.length + rejections.length < rowsPerBatch) continue;
    yield { rows, rejections, bytesRead };
    rows = [];
    rejections = [];
  }
  take(reader.push("", true));
  yield { rows, rejections, bytesRead: bytesSeen };
}

async function csvHead(source: ByteSource, delimiter: string): Promise<SourceHead> {
  const reader = new CsvRows(source.name, delimiter);
  const rows: RawRow[] = [];
  for await (const batch of readWith(reader, source)) {
    rows.push(...batch.rows);
    if (reader.headers) break;
  }
  const headers = reader.headers ?? [];
  // A file without a header would lose its first address without a word.
  if (headers.some((header) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(header.trim())))
    throw badInput(
      "HEADER_MISSING",
      `${source.name} has no header row: its first line holds an e-mail address.`,
      "Put a first line with the names of the columns above it, for example: email",
    );
  return { format: "csv", delimiter, head: { name: source.baseName, format: "csv", headers }, rows };
}

async function ndjsonHead(source: ByteSource): Promise<SourceHead> {
  const headers = new Set<string>();
  for await (const { rows, rejections } of readWith(new NdjsonRows(source.name), source)) {
    for (const row of rows) if ("object" in row) for (const key of Object.keys(row.object)) headers.add(key);
    if (rows.length === 0 && rejections.length > 0)
      throw badInput(
        "NDJSON_UNREADABLE",
        `${source.name} begins like JSON, but no line of it can be read. Line ${rejections[0]!.line}: ${rejections[0]!.reason}`,
        "Export it as NDJSON, one JSON object per line, or as CSV.",
      );
    return {
      format: "ndjson",
      delimiter: "",
      head: { name: source.baseName, format: "ndjson", headers: [...headers] },
      rows,
    };
  }
  throw emptyFile(source.name);
}

function readText(
  source: ByteSource,
  check?: (start: Buffer, name: string) => void,
): AsyncIterable<TextPiece> {
  return unifyLineBreaks(decodeText(check ? checked(source, check) : source.open()));
}

async function* checked(
  source: ByteSource,
  check: (start: Buffer, name: string) => void,
): AsyncIterable<Buffer> {
  let first = true;
  for await (const piece of source.open()) {
    if (first) check(piece, source.name);
    first = false;
    yield piece;
  }
}

/** Files that people try and that are no text, by their first bytes. */
const magicBytes: { bytes: number[]; what: string; nextStep: string }[] = [
  { bytes: [0x1f, 0x8b], what: "packed with gzip", nextStep: "Unpack it and import the file inside." },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: "a ZIP inside a ZIP",
    nextStep: "Unpack the outer ZIP and import the inner one.",
  },
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    what: "an old Excel or office file",
    nextStep: "Open it and save it as CSV (UTF-8).",
  },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: "a PDF", nextStep: "Export the data as CSV (UTF-8)." },
];

function refuseBinary(start: Buffer, name: string): void {
  for (const { bytes, what, nextStep } of magicBytes)
    if (bytes.every((byte, at) => start[at] === byte))
      throw badInput("FILE_NOT_TEXT", `${name} is ${what}, not text.`, nextStep);
  if (encodingOf(start).encoding === "UTF-8" && start.subarray(0, 512).includes(0))
    throw badInput(
      "FILE_NOT_TEXT",
      `${name} is a binary file, or UTF-16 text without a byte order mark.`,
      "Open it in the program it comes from and save it as CSV (UTF-8).",
    );
}
