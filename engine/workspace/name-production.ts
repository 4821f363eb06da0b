import { badInput } from "../../contract/failure.ts";
import type { Project } from "../project/project.ts";

/**
 * A write to Customer.io's own production workspace names it (invariant 10). Simulators and staging ask for nothing.
 * @throws Failure `bad_input` with code `NAME_PRODUCTION` where the name is missing or another one
 */
export async function requireProductionNamed(project: Project, name: string | undefined): Promise<void> {
  const workspace = await project.workspace();
  if (workspace?.role !== "production" || workspace.endpoint !== null) return;
  if (name?.trim() === workspace.name) return;
  throw badInput(
    "NAME_PRODUCTION",
    name === undefined
      ? `This writes to the production workspace ${workspace.name} (${workspace.id}). Nothing was written.`
      : `"${name}" is not the name of this project's production workspace. Nothing was written.`,
    `To go on, give its name: --confirm "${workspace.name}"`,
  );
}
