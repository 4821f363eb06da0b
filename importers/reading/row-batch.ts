import { badInput, type Failure } from "../../contract/failure.ts";
import type { RejectedRow } from "../../contract/source.ts";
import type { RawRow } from "../file-importer.ts";
import { restoreLineBreaks } from "./line-breaks.ts";

/** Rows in file order; `rows` and `rejections` together are all rows. */
export interface RowBatch {
  rows: RawRow[];
  rejections: RejectedRow[];
}

/** Takes the text of one file piece by piece, with unified line breaks, and gives its rows. */
export interface RowReader {
  /**
   * @param last true with the file's last piece
   * @throws Failure `bad_input` where the file cannot be read on
   */
  push(text: string, last: boolean): RowBatch;
}

/** In UTF-16 units. A hostile file must not eat memory; an unclosed quote can make one row of all that follows. */
export const longestRow = 16 * 2 ** 20;

export function rowTooLong(file: string, line: number, limit: number, hint: string): Failure {
  return badInput(
    "ROW_TOO_LONG",
    `${file}, line ${line}: the row that starts here is longer than ${limit / 2 ** 20} MiB. ${hint}`.trim(),
    "Look at that line in a text editor, mend it or export the file again, and import it again.",
  );
}

/** Why text is not valid, or null: lone surrogates stand for bytes that could not be decoded (`decodeText`). */
export function textProblem(text: string): string | null {
  if (lone.test(text))
    return "bytes that are not valid UTF-8 or UTF-16 text; save the file as UTF-8 and import it again";
  if (text.includes("\0"))
    return "a NUL character, which is not text; save the file as UTF-8 and import it again";
  return null;
}
const lone = /\p{Surrogate}/u;

/** @param text the row with unified line breaks */
export function rejectedRow(line: number, reason: string, text: string): RejectedRow {
  // Cut before restoring: an unclosed quote makes rows of megabytes.
  const row = restoreLineBreaks(text.slice(0, 3 * excerptBytes))
    .replace(/\r?\n$|\r$/, "")
    .replace(/\p{Surrogate}/gu, "\ufffd");
  const { read } = encoder.encodeInto(row, excerpt);
  return { line, reason, row: row.slice(0, read) };
}
const excerptBytes = 64 * 1024;
const excerpt = new Uint8Array(excerptBytes);
const encoder = new TextEncoder();
