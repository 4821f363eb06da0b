import { badInput } from "../../contract/failure.ts";
import type { Workspace } from "../../contract/project.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Project } from "../project/project.ts";

/**
 * The workspace that the project is bound to, once the client has shown that its keys lead there (invariant 10).
 * @throws Failure `bad_input` where the project is bound to none, or the keys lead elsewhere
 */
export async function boundWorkspace(project: Project, client: CustomerIoClient): Promise<Workspace> {
  const bound = await project.workspace();
  if (!bound) {
    throw badInput(
      "NO_WORKSPACE",
      "The project is not connected to a Customer.io workspace.",
      "Connect it to the workspace that you migrate to.",
    );
  }
  const actual = await client.workspace();
  if (actual.id !== bound.id || actual.region !== bound.region) {
    throw badInput(
      "WRONG_WORKSPACE",
      `The keys lead to workspace ${actual.name} (${actual.id}, ${actual.region}), but this project belongs to ${bound.name} (${bound.id}, ${bound.region}). Nothing was written.`,
      `Enter the keys of ${bound.name}.`,
    );
  }
  return bound;
}
