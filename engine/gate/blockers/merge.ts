import { mergeHash } from "../../merge/merge.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

export async function mergeBlockers(
  { store, sourcePriority }: Project,
  { merge }: GateMoment,
): Promise<Blocker[]> {
  if (!merge) return [{ code: "NOT_MERGED", message: "Nothing has been merged yet.", nextStep: "Merge." }];
  if (merge.hash === (await mergeHash(store, sourcePriority))) return [];
  return [
    {
      code: "MERGE_STALE",
      message: "Files or decisions changed since the merge.",
      nextStep: "Merge again.",
    },
  ];
}
