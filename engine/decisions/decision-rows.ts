import { basename } from "node:path";
import { badInput } from "../../contract/failure.ts";
import type { DecideReport } from "../../contract/merge.ts";
import { fileSource } from "../../importers/reading/byte-source.ts";
import { readHead, readRows } from "../../importers/reading/read-rows.ts";
import { unguardCell } from "../outputs/spreadsheet-guard.ts";
import { sameText } from "./check-decision.ts";

/** One row of a decision file: its physical line, and its cells in the order of the columns asked for. */
export interface DecisionRow {
  line: number;
  cells: string[];
}

/**
 * Reads a CSV that Sendgate wrote for decisions, human or machine, however a spreadsheet saved it.
 * @param columns that must be there, `decision` last; others are left out
 * @returns the rows, and those that cannot be read
 * @throws Failure `bad_input` where the file cannot be read or a column is missing
 */
export async function readDecisionRows(
  file: string,
  columns: readonly string[],
): Promise<{ rows: DecisionRow[]; unreadable: DecideReport["refused"] }> {
  const source = await fileSource(file);
  const { head, ...format } = await readHead(source);
  const missing = columns.filter((column) => !head.headers.includes(column));
  if (missing.length > 0) {
    throw badInput(
      "DECISIONS_COLUMNS_MISSING",
      `${basename(file)} lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}; it has ${head.headers.join(", ")}.`,
      "Export the conflicts again and fill in the decision column of that file.",
    );
  }
  const places = columns.map((column) => head.headers.indexOf(column));
  const rows: DecisionRow[] = [];
  const unreadable: DecideReport["refused"] = [];
  for await (const batch of readRows(source, format)) {
    for (const reject of batch.rejections) unreadable.push({ line: reject.line, reason: reject.reason });
    for (const row of batch.rows) {
      if (!("cells" in row)) continue;
      const cells = places.map((place) => row.cells[place]!);
      if (cells.at(-1)!.trim() === "") cells[cells.length - 1] = "";
      rows.push({ line: row.line, cells });
    }
  }
  return { rows, unreadable };
}

/** The first column, `decision` left out, that is not what Sendgate wrote, in words; null where all are. */
export function changedColumn(
  columns: readonly string[],
  expected: readonly string[],
  cells: readonly string[],
): string | null {
  for (const [index, column] of columns.slice(0, -1).entries()) {
    if (!sameCell(expected[index]!, cells[index]!)) {
      return `The column ${column} is not what it was: the row was changed, or something else was found since. Export the conflicts again.`;
    }
  }
  return null;
}

/** From here on a spreadsheet may cut a cell off. */
const longestSafeCell = 30_000;

/**
 * What a spreadsheet takes for a number, a date, a time or a truth value, and saves in its own way: `007` as `7`,
 * `1/2` as a date. Seen with LibreOffice (test/spreadsheet) and known of Excel.
 */
const spreadsheetValue =
  /^(?:[\s\d.,:/%+\-eE]*\d[\s\d.,:/%+\-eE]*|true|false|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s-]?\d+)$/i;

/**
 * A spreadsheet may have saved the cell: without the guard, with LF for line breaks, cut off when very long.
 * A cell that is nothing but a number or a date to it says nothing any more; the same identifier stands in
 * conflict_id, where the code before it keeps it text.
 */
function sameCell(expected: string, found: string): boolean {
  const unguarded = unguardCell(found);
  return (
    sameText(expected, found) ||
    sameText(expected, unguarded) ||
    spreadsheetValue.test(expected) ||
    (expected.length > longestSafeCell &&
      unguarded.length >= longestSafeCell &&
      expected.startsWith(unguarded))
  );
}
