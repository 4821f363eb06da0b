import type { SyncState } from "../../contract/sync.ts";
import { isoTime, now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { syncNotReady } from "./sync.ts";
import { syncRuns } from "./sync-runs.ts";

interface Schedule {
  [key: string]: number;
  everyMinutes: number;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  since: number;
}

/** A run that starts this much late, in microseconds, counts as missed: nobody watches to the second. */
const patience = 2 * 60_000_000;

/** @param everyMinutes null ends the schedule */
export async function changeSchedule(project: Project, everyMinutes: number | null): Promise<void> {
  await project.store.changeSetting(
    "sync_schedule",
    everyMinutes === null ? null : { everyMinutes, since: now() },
  );
  await project.journal.append("sync_scheduled", { everyMinutes });
}

/** When the next run is due, microseconds since 1970-01-01T00:00:00Z; null without a schedule. */
export async function nextRun({ store }: Project): Promise<number | null> {
  const schedule = (await store.setting("sync_schedule")) as Schedule | null | undefined;
  if (!schedule) return null;
  const last = await store.row<{ at: number | null }>("SELECT max(started_at) AS at FROM sync_run");
  return Math.max(schedule.since, last?.at ?? 0) + schedule.everyMinutes * 60_000_000;
}

/** The schedule and the runs, as the Sync screen shows them. */
export async function syncState(project: Project): Promise<SyncState> {
  const schedule = (await project.store.setting("sync_schedule")) as Schedule | null | undefined;
  const next = await nextRun(project);
  return {
    notReady: await syncNotReady(project),
    everyMinutes: schedule?.everyMinutes ?? null,
    nextRunAt: next === null ? null : isoTime(next),
    missedAt: next !== null && next < now() - patience ? isoTime(next) : null,
    runs: await syncRuns(project.store),
  };
}
