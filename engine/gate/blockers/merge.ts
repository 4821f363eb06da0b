import { mergeHash, storedMerge } from "../../merge/merge.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker } from "../blocker.ts";

export async function mergeBlockers({ store, sourcePriority }: Project): Promise<Blocker[]> {
  const merge = await storedMerge(store);
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
