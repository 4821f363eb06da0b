import { isoTime } from "../../clock.ts";
import type { Project } from "../../project/project.ts";
import { apiSources } from "../../pulls/api-sources.ts";
import { pullTimes } from "../../pulls/pulled-sources.ts";
import { lastRun } from "../../sync/sync-runs.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

/**
 * A latest sync that did not come to its end: it asked because somebody may have opted out, and nobody knows the answer.
 * The same work done by hand since, every source pulled and all of it read back, answers it too.
 */
export async function syncBlockers({ store }: Project, { verification }: GateMoment): Promise<Blocker[]> {
  const run = await lastRun(store);
  // Where it came to its end without an answer of some source, `pullBlockers` tells of that.
  if (!run || (run.ended_at !== null && (run.trouble === null || run.gate_open !== null))) return [];
  const asked = (await apiSources(store)).filter(({ retired_at }) => retired_at === null);
  if (asked.length === 0) return [];
  const times = await Promise.all(asked.map(({ source }) => pullTimes(store, source)));
  const answered = [verification?.readAt ?? 0, ...times.map(({ pulled_at }) => pulled_at ?? 0)];
  if (answered.every((at) => at >= run.started_at)) return [];
  return [
    {
      code: "SYNC_UNFINISHED",
      message:
        run.trouble === null
          ? `The sync of ${isoTime(run.started_at)} has not come to its end, so late opt-outs may be missing.`
          : `The sync of ${isoTime(run.started_at)} stopped, so late opt-outs may be missing. ${run.trouble}`,
      nextStep: "Mend what stopped it, then run the sync again.",
    },
  ];
}
