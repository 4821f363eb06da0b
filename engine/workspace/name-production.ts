import { badInput } from "../../contract/failure.ts";
import { mustBeNamed } from "../../contract/project.ts";
import type { Project } from "../project/project.ts";
import { storedWorkspaces } from "./stored-workspaces.ts";

/**
 * A write to a production workspace names it (invariant 10), as `mustBeNamed` says; a name that is given anyway has to
 * be the right one.
 * @throws Failure `bad_input` with code `NAME_PRODUCTION` where the name is missing or another one
 */
export async function requireProductionNamed(project: Project, name: string | undefined): Promise<void> {
  const workspace = await project.workspace();
  if (workspace?.role !== "production" || name?.trim() === workspace.name) return;
  if (name === undefined && !mustBeNamed(workspace, await storedWorkspaces(project.store))) return;
  throw badInput(
    "NAME_PRODUCTION",
    name === undefined
      ? `This writes to the production workspace ${workspace.name} (${workspace.id}). Nothing was written.`
      : `"${name}" is not the name of this project's production workspace. Nothing was written.`,
    `To go on, give its name: --confirm "${workspace.name}"`,
  );
}
