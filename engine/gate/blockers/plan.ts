import { plannedMerge } from "../../plan/plan.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

export async function planBlockers(project: Project, { plan, merge }: GateMoment): Promise<Blocker[]> {
  if (!plan) return [{ code: "NOT_PLANNED", message: "There is no plan yet.", nextStep: "Plan." }];
  if (plan.current && (await plannedMerge(project)) === merge?.hash) return [];
  return [
    {
      code: "PLAN_STALE",
      message: "Files, decisions, choices or what was read back changed since the plan.",
      nextStep: "Plan again.",
    },
  ];
}
