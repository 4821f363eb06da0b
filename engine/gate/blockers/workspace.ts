import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

export async function workspaceBlockers(_project: Project, { workspace }: GateMoment): Promise<Blocker[]> {
  if (workspace) return [];
  return [
    {
      code: "NO_WORKSPACE",
      message: "The project is not connected to a Customer.io workspace.",
      nextStep: "Connect it to one.",
    },
  ];
}
