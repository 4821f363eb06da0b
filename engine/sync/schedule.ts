import { now } from "../clock.ts";
import type { Project } from "../project/project.ts";

interface Schedule {
  [key: string]: number;
  everyMinutes: number;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  since: number;
}

/** A run that starts this much late, in microseconds, counts as missed: nobody watches to the second. */
const patience = 2 * 60_000_000;

/**
 * The same as it is changes nothing, so that a run that was missed stays missed.
 * @param everyMinutes null ends the schedule
 */
export async function changeSchedule(project: Project, everyMinutes: number | null): Promise<void> {
  if (everyMinutes === (await runsEvery(project))) return;
  await project.store.changeSetting(
    "sync_schedule",
    everyMinutes === null ? null : { everyMinutes, since: now() },
  );
  await project.journal.append("sync_scheduled", { everyMinutes });
}

/** Minutes between runs; null without a schedule. */
export async function runsEvery(project: Project): Promise<number | null> {
  return (await schedule(project))?.everyMinutes ?? null;
}

/** When the next run is due, microseconds since 1970-01-01T00:00:00Z; null without a schedule. */
export async function nextRun(project: Project): Promise<number | null> {
  const scheduled = await schedule(project);
  if (!scheduled) return null;
  const { store } = project;
  const last = await store.row<{ at: number | null }>("SELECT max(started_at) AS at FROM sync_run");
  return Math.max(scheduled.since, last?.at ?? 0) + scheduled.everyMinutes * 60_000_000;
}

/** When a run was due that has not happened, microseconds since 1970-01-01T00:00:00Z; null where none was missed. */
export async function missedRun(project: Project): Promise<number | null> {
  const due = await nextRun(project);
  return due !== null && due < now() - patience ? due : null;
}

async function schedule({ store }: Project): Promise<Schedule | null> {
  return ((await store.setting("sync_schedule")) as Schedule | null | undefined) ?? null;
}
