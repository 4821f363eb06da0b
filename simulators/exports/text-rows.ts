import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import Papa from "papaparse";

const rowsInOnePiece = 500;

export interface CsvStyle {
  newline: "\n" | "\r\n";
  byteOrderMark: boolean;
}

/** CSV text in pieces. Rows are written as they are: one with a cell too many makes a ragged line. */
export function* csvText(header: string[], rows: Iterable<string[]>, style: CsvStyle): Generator<string> {
  yield (style.byteOrderMark ? "\uFEFF" : "") + Papa.unparse([header]) + style.newline;
  for (const piece of inPieces(rows)) yield Papa.unparse(piece, { newline: style.newline }) + style.newline;
}

/** NDJSON text in pieces, from lines without their line end. */
export function* ndjsonText(lines: Iterable<string>): Generator<string> {
  for (const piece of inPieces(lines)) yield `${piece.join("\n")}\n`;
}

export async function writeText(file: string, text: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(text), createWriteStream(file));
}

/** Counts rows as they pass. */
export class RowCounter {
  rows = 0;

  *count<Row>(rows: Iterable<Row>): Generator<Row> {
    for (const row of rows) {
      this.rows += 1;
      yield row;
    }
  }
}

/** `2026-11-02 09:00:00`, UTC: how the vendors' files write times, from milliseconds since 1970. */
export function fileTime(time: number | null): string {
  return time === null ? "" : new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

function* inPieces<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let piece: Row[] = [];
  for (const row of rows) {
    piece.push(row);
    if (piece.length === rowsInOnePiece) {
      yield piece;
      piece = [];
    }
  }
  if (piece.length > 0) yield piece;
}
