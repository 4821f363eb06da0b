import { countDeliveries } from "../../delivery/delivery-state.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

/** Suppression writes of the plan that stands which the workspace has not taken. */
export async function uploadBlockers(project: Project, { workspace, plan }: GateMoment): Promise<Blocker[]> {
  if (!workspace || !plan) return [];
  const counts = await countDeliveries(project.store, workspace.id, "suppressions");
  const { operations, delivered, failed, begun } = counts;
  const toDo = operations - delivered - failed;
  const writes = (count: number) => `${count} suppression ${count === 1 ? "write" : "writes"}`;
  const blockers: Blocker[] = [];
  if (operations > 0 && begun === 0) {
    blockers.push({
      code: "NOT_UPLOADED",
      message: `${operations === 1 ? "The one suppression write has not" : `None of the ${operations} suppression writes has`} been sent to ${workspace.name}.`,
      nextStep: "Upload the suppressions.",
    });
  } else if (toDo > 0) {
    blockers.push({
      code: "UPLOAD_INCOMPLETE",
      message: `${toDo} of ${writes(operations)} ${toDo === 1 ? "is" : "are"} still to be sent.`,
      nextStep: "Upload the suppressions again: it goes on where it stopped.",
    });
  }
  if (failed > 0) {
    blockers.push({
      code: "UPLOAD_FAILED",
      message: `Customer.io refused ${writes(failed)} for good.`,
      nextStep: "Look at the refused ones in the upload's report, mend them, then plan and upload again.",
    });
  }
  return blockers;
}
