import type { DestinationCode } from "../../contract/destination.ts";
import type { DecideReport } from "../../contract/merge.ts";
import { now } from "../clock.ts";
import { changedColumn, readDecisionRows } from "../decisions/decision-rows.ts";
import type { Project } from "../project/project.ts";
import {
  conflictsThere,
  destinationCells,
  destinationColumns,
  emailIdentifies,
  thisWorkspace,
} from "./conflicts.ts";
import { type DestinationRow, destinationChoices } from "./words.ts";

interface Written {
  /** Physical line in its file; 0 from the window. */
  line: number;
  conflictId: string;
  /** Empty: decides nothing. */
  decision: string;
  changed?: (conflict: DestinationRow) => string | null;
}

/**
 * Takes decisions on destination conflicts: all or nothing. They take effect with the next plan, and none can weaken a
 * suppression: a held profile's suppression is written in a way that covers the address by itself.
 * @param by `window` or `command line`
 */
export async function decideDestination(
  project: Project,
  written: readonly Written[],
  by: string,
): Promise<DecideReport> {
  const workspace = await project.workspace();
  const conflicts = await conflictsById(
    project,
    written.map(({ conflictId }) => conflictId),
  );
  const taken = new Map<string, string>();
  const refused: DecideReport["refused"] = [];
  let unchanged = 0;
  for (const { line, conflictId, decision, changed } of written) {
    const conflict = conflicts.get(conflictId);
    const refusal = conflict
      ? (changed?.(conflict) ?? wrongDecision(conflict, decision))
      : `There is no conflict ${conflictId || "without an id"} in what was looked up; look up the destination and export again.`;
    const before = taken.get(conflictId);
    if (refusal) refused.push({ line, reason: refusal });
    else if (before !== undefined && decision !== "" && before !== decision) {
      refused.push({ line, reason: `${conflictId} stands in the file twice, with different decisions.` });
    } else if (decision === "" || decision === conflict!.decision) unchanged++;
    else taken.set(conflictId, decision);
  }
  if (refused.length > 0 || !workspace) return { applied: 0, unchanged, refused };
  await keep(project, workspace.id, [...taken], by);
  return { applied: taken.size, unchanged, refused };
}

/** The same decision for every conflict of a kind that has none yet. */
export async function decideAllDestination(
  project: Project,
  { code, decision }: { code: DestinationCode; decision: string },
  by: string,
): Promise<DecideReport> {
  const open = await project.store.rows<{ conflict_id: string }>(
    `SELECT conflict_id FROM ${conflictsThere} WHERE code = $code AND decision IS NULL`,
    { code, ...(await thisWorkspace(project)) },
  );
  return decideDestination(
    project,
    open.map(({ conflict_id }) => ({ line: 0, conflictId: conflict_id, decision })),
    by,
  );
}

/**
 * Takes the destination CSV back with its `decision` column filled in, however a spreadsheet saved it.
 * An empty decision decides nothing; a row that is no longer what was found is refused, and then nothing is applied.
 * @throws Failure `bad_input` where the file cannot be read or a column is missing
 */
export async function importDestinationDecisions(
  project: Project,
  file: string,
  by: string,
): Promise<DecideReport> {
  const { rows, unreadable } = await readDecisionRows(file, destinationColumns);
  if (unreadable.length > 0) return { applied: 0, unchanged: 0, refused: unreadable };
  const identifies = await emailIdentifies(project);
  const written = rows.map(({ line, cells }) => ({
    line,
    conflictId: cells[0]!,
    decision: cells.at(-1)!.trim(),
    changed: (conflict: DestinationRow) =>
      changedColumn(destinationColumns, destinationCells(conflict, identifies), cells),
  }));
  return decideDestination(project, written, by);
}

function wrongDecision(conflict: DestinationRow, decision: string): string | null {
  const takes = ["accept", ...destinationChoices(conflict).map((choice) => choice.decision)];
  if (decision === "" || takes.includes(decision)) return null;
  return `${conflict.code} takes ${takes.map((word) => `\`${word}\``).join(", ")}, not \`${decision}\`.`;
}

async function conflictsById(project: Project, ids: readonly string[]): Promise<Map<string, DestinationRow>> {
  const rows = await project.store.rows<DestinationRow>(
    `SELECT c.* FROM ${conflictsThere} c
     SEMI JOIN (SELECT unnest(from_json($ids::JSON, '["VARCHAR"]')) AS conflict_id) wanted USING (conflict_id)`,
    { ids: JSON.stringify(ids), ...(await thisWorkspace(project)) },
  );
  return new Map(rows.map((row) => [row.conflict_id, row]));
}

async function keep(
  project: Project,
  workspaceId: number,
  taken: [string, string][],
  by: string,
): Promise<void> {
  if (taken.length === 0) return;
  await project.store.transaction(async (connection) => {
    // One statement for all: DuckDB sets a block of memory aside for every single insert of a transaction.
    await connection.run(
      `INSERT OR REPLACE INTO destination_decision
       SELECT $workspaceId, taken ->> 0, taken ->> 1, $at::BIGINT, $by
       FROM (SELECT unnest(from_json($taken::JSON, '["JSON"]')) AS taken)`,
      { workspaceId, taken: JSON.stringify(taken), at: now(), by },
    );
    await connection.run(
      `UPDATE destination_conflict SET decision = d.decision FROM destination_decision d
       WHERE d.workspace_id = $workspaceId AND destination_conflict.workspace_id = $workspaceId
         AND d.conflict_id = destination_conflict.conflict_id`,
      { workspaceId },
    );
  });
  await project.journal.append("destination_decided", {
    workspace: workspaceId,
    decisions: taken.length,
    by,
  });
}
