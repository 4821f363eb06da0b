import type { DecideReport } from "../../contract/merge.ts";
import { type ConflictRow, conflictCells, conflictColumns } from "../outputs/conflicts.ts";
import type { Project } from "../project/project.ts";
import { decide } from "./decide.ts";
import { changedColumn, readDecisionRows } from "./decision-rows.ts";

/**
 * Takes a conflict CSV back, human or machine, with its `decision` column filled in; however a spreadsheet saved it.
 * An empty decision decides nothing. Every row is held against the conflict as it is now: one that was changed,
 * by hand or by a new merge, is refused, and then nothing is applied.
 * @throws Failure `bad_input` where the file cannot be read or a column is missing
 */
export async function importDecisions(project: Project, file: string, by: string): Promise<DecideReport> {
  const { rows, unreadable } = await readDecisionRows(file, conflictColumns);
  if (unreadable.length > 0) return { applied: 0, unchanged: 0, refused: unreadable };
  const written = rows.map(({ line, cells }) => ({
    line,
    conflictId: cells[0]!,
    decision: cells.at(-1)!,
    changed: (conflict: ConflictRow) => changedColumn(conflictColumns, conflictCells(conflict), cells),
  }));
  return decide(project, written, by);
}
