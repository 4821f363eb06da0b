import { basename } from "node:path";
import { badInput } from "../../contract/failure.ts";
import type { DecideReport } from "../../contract/merge.ts";
import { fileSource } from "../../importers/reading/byte-source.ts";
import { readHead, readRows } from "../../importers/reading/read-rows.ts";
import { type ConflictRow, conflictCells, conflictColumns } from "../outputs/conflicts.ts";
import { unguardCell } from "../outputs/spreadsheet-guard.ts";
import type { Project } from "../project/project.ts";
import { sameText } from "./check-decision.ts";
import { decide, type WrittenDecision } from "./decide.ts";

type Column = (typeof conflictColumns)[number];

/**
 * Takes a conflict CSV back, human or machine, with its `decision` column filled in; however a spreadsheet saved it.
 * An empty decision decides nothing. Every row is held against the conflict as it is now: one that was changed,
 * by hand or by a new merge, is refused, and then nothing is applied.
 * @throws Failure `bad_input` where the file cannot be read or a column is missing
 */
export async function importDecisions(project: Project, file: string, by: string): Promise<DecideReport> {
  const source = await fileSource(file);
  const { head, ...format } = await readHead(source);
  const missing = conflictColumns.filter((column) => !head.headers.includes(column));
  if (missing.length > 0) {
    throw badInput(
      "DECISIONS_COLUMNS_MISSING",
      `${basename(file)} lacks the column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}; it has ${head.headers.join(", ")}.`,
      "Export the conflicts again and fill in the decision column of that file.",
    );
  }
  const place = Object.fromEntries(
    conflictColumns.map((column) => [column, head.headers.indexOf(column)]),
  ) as Record<Column, number>;

  const written: WrittenDecision[] = [];
  const unreadable: DecideReport["refused"] = [];
  for await (const batch of readRows(source, format)) {
    for (const reject of batch.rejections) unreadable.push({ line: reject.line, reason: reject.reason });
    for (const row of batch.rows) {
      if (!("cells" in row)) continue;
      const cells = conflictColumns.map((column) => row.cells[place[column]]!);
      written.push({
        line: row.line,
        conflictId: cells[0]!,
        decision: cells.at(-1)!.trim() === "" ? "" : cells.at(-1)!,
        changed: (conflict) => changedColumn(conflict, cells),
      });
    }
  }
  if (unreadable.length > 0) return { applied: 0, unchanged: 0, refused: unreadable };
  return decide(project, written, by);
}

/** The first column that is not what Sendgate wrote, in words; null where all are. */
function changedColumn(conflict: ConflictRow, cells: readonly string[]): string | null {
  const expected = conflictCells(conflict);
  for (const [index, column] of conflictColumns.slice(0, -1).entries()) {
    if (!sameCell(expected[index]!, cells[index]!)) {
      return `The column ${column} is not what it was: the row was changed, or the merge found something else since. Export the conflicts again.`;
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
