import Papa from "papaparse";
import { badInput } from "../../contract/failure.ts";
import type { RejectedRow } from "../../contract/source.ts";
import type { RawRow } from "../file-importer.ts";
import { countLineBreaks, restoreLineBreaks } from "./line-breaks.ts";
import {
  longestRow,
  type RowBatch,
  type RowReader,
  rejectedRow,
  rowTooLong,
  textProblem,
} from "./row-batch.ts";

interface ParsedRows {
  data: string[][];
  errors: { code: "MissingQuotes" | "InvalidQuotes"; row: number; index: number }[];
  meta: { cursor: number };
}

/** Text is handed to papaparse in pieces of at least this length. */
const parseFrom = 64 * 1024;

/**
 * A row with a malformed quote may run on over all the rows that follow, and papaparse notes every further quote of it
 * in an object: 16 MiB of them take 2 GB (measured).
 */
const longestMalformedRow = 2 ** 20;

/** Each is a rejected row of its own; a hostile file must not make them without end. */
const mostBlankLines = 1_000_000;

/** Reads CSV rows. A row that is not exactly as wide as the header, or not sound CSV, is rejected, never repaired. */
export class CsvRows implements RowReader {
  /** The header cells as they stand; null until the header has been read. */
  headers: string[] | null = null;
  readonly #file: string;
  readonly #parser: Papa.Parser;
  /** Text that papaparse has not made rows of yet. */
  #pending = "";
  #parseAt = parseFrom;
  /** The line on which `#pending` starts. */
  #line = 1;
  /** Blank lines that are nothing if only blank lines follow, else rejected: where they start, how many. */
  #blankFrom = 0;
  #blankLines = 0;

  constructor(file: string, delimiter: string) {
    this.#file = file;
    this.#parser = new Papa.Parser({ delimiter, newline: "\n" });
  }

  push(text: string, last: boolean): RowBatch {
    const batch: RowBatch = { rows: [], rejections: [] };
    this.#pending += text;
    if (!last && this.#pending.length < this.#parseAt) return batch;
    const parsed = this.#parse(true);
    this.#take(parsed, batch);
    const malformed = parsed.errors.some(({ row }) => row >= parsed.data.length);
    if (this.#pending.length > (malformed ? longestMalformedRow : longestRow))
      throw rowTooLong(
        this.#file,
        this.#line,
        malformed ? longestMalformedRow : longestRow,
        "A quote in it is probably not closed, or not doubled.",
      );
    // An unfinished row is parsed again from its start: wait until it has doubled, or long rows take for ever.
    this.#parseAt = Math.max(parseFrom, 2 * this.#pending.length);
    if (last) this.#take(this.#parse(false), batch);
    return batch;
  }

  #parse(leaveOutLastRow: boolean): ParsedRows {
    return this.#parser.parse(this.#pending, 0, leaveOutLastRow) as ParsedRows;
  }

  /** Judges the rows that papaparse found at the beginning of `#pending`, and moves on behind them. */
  #take({ data, errors, meta }: ParsedRows, batch: RowBatch): void {
    const text = this.#pending;
    const quoteErrors = new Map<number, ParsedRows["errors"][number]>();
    for (const error of errors)
      if (!quoteErrors.has(error.row) || error.code === "MissingQuotes") quoteErrors.set(error.row, error);
    const mayBeInvalid = textProblem(text) !== null;
    const cursor = new LineCursor(text, this.#line);

    for (const [position, cells] of data.entries()) {
      const line = this.#line;
      let lines = 1;
      for (const cell of cells) if (cell.includes("\n")) lines += countLineBreaks(cell);
      this.#line += lines;
      const rowText = () => cursor.lines(line, lines);

      const lastCell = cells.length - 1;
      // papaparse ends rows at LF, so CR of the line break stands at the end of an unquoted last cell.
      if (cells[lastCell]!.endsWith("\r")) cells[lastCell] = cells[lastCell]!.replace(/\r+$/, "");

      if (cells.length === 1 && isBlank(cells[0]!) && isBlank(rowText())) {
        if (this.#blankLines++ === 0) this.#blankFrom = line;
        continue;
      }
      this.#settleBlankLines(batch.rejections);

      const reason =
        (mayBeInvalid && textReason(cells)) ||
        this.#quoteReason(quoteErrors.get(position), text, cursor) ||
        this.#widthReason(cells);
      if (this.headers === null) this.#takeHeader(cells, reason, line);
      else if (reason) batch.rejections.push(rejectedRow(line, reason, rowText()));
      else
        batch.rows.push({ line, cells: lines > 1 ? cells.map(restoreLineBreaks) : cells } satisfies RawRow);
    }
    this.#pending = text.slice(meta.cursor);
  }

  #settleBlankLines(rejections: RejectedRow[]): void {
    if (this.#blankLines > mostBlankLines)
      throw badInput(
        "TOO_MANY_BLANK_LINES",
        `${this.#file}, line ${this.#blankFrom}: ${this.#blankLines} blank lines start here.`,
        "Take the blank lines out and import the file again.",
      );
    // Blank lines before the header stand between no rows.
    if (this.headers !== null)
      for (let ahead = 0; ahead < this.#blankLines; ahead++)
        rejections.push(
          rejectedRow(
            this.#blankFrom + ahead,
            "The line is blank. Take it out, or put the missing row in.",
            "",
          ),
        );
    this.#blankLines = 0;
  }

  #takeHeader(cells: string[], reason: string | null | false, line: number): void {
    if (reason)
      throw badInput(
        "HEADER_UNREADABLE",
        `${this.#file}, line ${line}: the header row cannot be read. ${reason}`,
        "Save the file as CSV (UTF-8) with a sound header row.",
      );
    this.headers = cells.map(restoreLineBreaks);
  }

  #quoteReason(
    error: ParsedRows["errors"][number] | undefined,
    text: string,
    cursor: LineCursor,
  ): string | null {
    if (!error) return null;
    if (error.code === "InvalidQuotes")
      return 'A quote is malformed: after the closing quote of a cell comes other text. Double the quotes inside the cell ("").';
    const opened = cursor.firstLine + countLineBreaks(text.slice(0, error.index));
    return `A quote that is opened on line ${opened} is never closed: the row runs to the end of the file. Close the quote and import the file again.`;
  }

  #widthReason(cells: string[]): string | null {
    const width = this.headers?.length ?? cells.length;
    if (cells.length === width) return null;
    return `The row has ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, the header has ${width}. Quote cells that hold the delimiter, or put in what is missing.`;
  }
}

function textReason(cells: string[]): string | null {
  for (const cell of cells) {
    const problem = textProblem(cell);
    if (problem) return `The row holds ${problem}.`;
  }
  return null;
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Finds the text of lines, asked for in rising order. */
class LineCursor {
  readonly firstLine: number;
  readonly #text: string;
  #line: number;
  #at = 0;

  constructor(text: string, firstLine: number) {
    this.#text = text;
    this.#line = firstLine;
    this.firstLine = firstLine;
  }

  lines(line: number, count: number): string {
    const from = this.#skipTo(line, this.#at);
    this.#at = from;
    this.#line = line;
    return this.#text.slice(from, this.#skipTo(line + count, from));
  }

  #skipTo(line: number, at: number): number {
    let position = at;
    for (let skip = line - this.#line; skip > 0; skip--) {
      const next = this.#text.indexOf("\n", position);
      if (next === -1) return this.#text.length;
      position = next + 1;
    }
    return position;
  }
}
