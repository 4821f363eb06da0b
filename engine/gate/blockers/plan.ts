import { storedMerge } from "../../merge/merge.ts";
import { currentPlan, plannedMerge } from "../../plan/plan.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker } from "../blocker.ts";

export async function planBlockers(project: Project): Promise<Blocker[]> {
  const plan = await currentPlan(project);
  if (!plan) return [{ code: "NOT_PLANNED", message: "There is no plan yet.", nextStep: "Plan." }];
  if (plan.current && (await plannedMerge(project)) === (await storedMerge(project.store))?.hash) return [];
  return [
    {
      code: "PLAN_STALE",
      message: "Files, decisions, choices or what was read back changed since the plan.",
      nextStep: "Plan again.",
    },
  ];
}
