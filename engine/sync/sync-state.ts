import type { SyncState } from "../../contract/sync.ts";
import { isoTime } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { missedRun, nextRun, runsEvery } from "./schedule.ts";
import { syncNotReady } from "./sync.ts";
import { syncRuns } from "./sync-runs.ts";

/** The schedule and the runs, as the Sync screen shows them. */
export async function syncState(project: Project): Promise<SyncState> {
  const time = (at: number | null) => (at === null ? null : isoTime(at));
  return {
    notReady: (await syncNotReady(project))?.message ?? null,
    everyMinutes: await runsEvery(project),
    nextRunAt: time(await nextRun(project)),
    missedAt: time(await missedRun(project)),
    runs: await syncRuns(project.store),
  };
}
