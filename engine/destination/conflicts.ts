import type {
  DestinationConflict,
  DestinationPage,
  DestinationQuery,
  DestinationState,
} from "../../contract/destination.ts";
import { destinationCodes } from "../../contract/destination.ts";
import { mapPieces, writeCsv } from "../outputs/csv-file.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { type DestinationRow, destinationChoices, destinationDetail, destinationWords } from "./words.ts";
import { workspaceFacts } from "./workspace-facts.ts";

/** Columns of the destination CSV; a human file, like that of the conflicts (interfaces §3). */
export const destinationColumns = [
  "conflict_id",
  "code",
  "user_id",
  "email",
  "there_user_id",
  "there_email",
  "there_cio_id",
  "suppressed",
  "detail",
  "suggestion",
  "decision",
] as const;

/** The conflicts of one workspace; parameter `workspaceId`. Another workspace's stand here until it is looked up or planned for. */
export const conflictsThere = "(SELECT * FROM destination_conflict WHERE workspace_id = $workspaceId)";

/** The parameter for the project's workspace; nothing matches without one. */
export async function thisWorkspace(project: Project): Promise<{ workspaceId: number }> {
  return { workspaceId: (await project.workspace())?.id ?? -1 };
}

/** The cells of one conflict, in the order of `destinationColumns`. */
export function destinationCells(row: DestinationRow, emailIdentifies: boolean): string[] {
  return [
    row.conflict_id,
    row.code,
    row.user_id ?? "",
    row.email ?? "",
    row.there_user_id ?? "",
    row.there_email ?? "",
    row.there_cio_id,
    String(row.suppressed),
    destinationDetail(row, emailIdentifies),
    row.suggestion,
    row.decision ?? "",
  ];
}

/** True where addresses identify people in the project's workspace, as far as that was looked up. */
export async function emailIdentifies(project: Project): Promise<boolean> {
  const workspace = await project.workspace();
  return (await workspaceFacts(project.store, workspace?.id))?.emailIdentifies ?? true;
}

/** Writes the conflicts for a spreadsheet, sorted by conflict_id. */
export async function exportDestinationConflicts(
  project: Project,
  file: string,
): Promise<{ file: string; rows: number }> {
  const identifies = await emailIdentifies(project);
  const rows = project.store.pieces<DestinationRow>(
    `SELECT * FROM ${conflictsThere} ORDER BY conflict_id`,
    await thisWorkspace(project),
  );
  const cells = mapPieces(rows, (row) => destinationCells(row, identifies));
  return writeCsv(file, destinationColumns, "human", cells);
}

/** A page of the conflicts that match, and how many match. */
export async function queryDestinationConflicts(
  project: Project,
  query: DestinationQuery,
): Promise<DestinationPage> {
  const conditions = ["true"];
  const parameters: Record<string, string | number> = await thisWorkspace(project);
  if (query.codes?.length) conditions.push(`code IN (${query.codes.map((code) => `'${code}'`).join(", ")})`);
  if (query.decided !== undefined) conditions.push(`decision IS ${query.decided ? "NOT " : ""}NULL`);
  if (query.text) {
    conditions.push(
      "contains(lower(concat_ws(' ', conflict_id, user_id, email, there_user_id, there_email)), $text)",
    );
    parameters.text = query.text.toLowerCase();
  }
  const matching = `FROM ${conflictsThere} WHERE ${conditions.join(" AND ")}`;
  const counted = await project.store.row<{ total: number }>(
    `SELECT count(*) AS total ${matching}`,
    parameters,
  );
  const rows = await project.store.rows<DestinationRow>(
    `SELECT * ${matching} ORDER BY conflict_id LIMIT ${query.limit} OFFSET ${query.offset}`,
    parameters,
  );
  const identifies = await emailIdentifies(project);
  return { total: counted!.total, conflicts: rows.map((row) => toConflict(row, identifies)) };
}

/** Counts, meaning and first examples of each kind. */
export async function summariseDestinationConflicts(
  store: Store,
  workspaceId: number,
  identifies: boolean,
): Promise<DestinationState["conflicts"]> {
  const counts = await store.rows<{ code: string; conflicts: number; undecided: number }>(
    `SELECT code, count(*) AS conflicts, count(*) FILTER (decision IS NULL) AS undecided
     FROM ${conflictsThere} GROUP BY code`,
    { workspaceId },
  );
  const examples = await store.rows<DestinationRow>(
    `SELECT * FROM ${conflictsThere}
     QUALIFY row_number() OVER (PARTITION BY code ORDER BY conflict_id) <= 3 ORDER BY conflict_id`,
    { workspaceId },
  );
  return destinationCodes.map((code) => {
    const counted = counts.find((row) => row.code === code);
    return {
      code,
      count: counted?.conflicts ?? 0,
      undecided: counted?.undecided ?? 0,
      words: destinationWords[code],
      examples: examples.filter((row) => row.code === code).map((row) => toConflict(row, identifies)),
    };
  });
}

function toConflict(row: DestinationRow, identifies: boolean): DestinationConflict {
  return {
    conflictId: row.conflict_id,
    code: row.code,
    userId: row.user_id,
    email: row.email,
    suppressed: row.suppressed,
    there: {
      cioId: row.there_cio_id,
      userId: row.there_user_id,
      email: row.there_email,
      unsubscribed: row.there_unsubscribed,
    },
    detail: destinationDetail(row, identifies),
    suggestion: row.suggestion,
    decision: row.decision,
    choices: destinationChoices(row),
  };
}
