import type { Activity } from "../../contract/activity.ts";
import { formatBytes, formatNumber, formatSpan } from "../shared/format.ts";

export const activityTitles: Record<Activity["kind"], string> = {
  import: "Importing files",
  pull: "Exporting over the API",
  sync: "Syncing",
  merge: "Merging",
  plan: "Making the plan",
  look_up: "Looking people up in the workspace",
  upload_suppressions: "Uploading suppressions",
  verify: "Reading back suppressions",
  leaks: "Looking for what sends without the gate",
  send: "Sending",
  upload_profiles: "Uploading profiles",
  verify_profiles: "Reading back profiles",
  undo: "Taking list entries back",
  erase: "Erasing people",
};

/** Percent done, 0–100, or null while the total is unknown. */
export function percentDone({ done, total }: Activity): number | null {
  if (total === null || total <= 0) return null;
  return Math.min(100, Math.floor((done / total) * 100));
}

/** `1,200 of 4,000 writes`, `3.1 MB of 12 MB`. */
export function progressWords({ done, total, unit }: Activity): string {
  const amount = (value: number) => (unit === "bytes" ? formatBytes(value) : formatNumber(value));
  const counted = total === null ? amount(done) : `${amount(done)} of ${amount(total)}`;
  return unit === "bytes" ? counted : `${counted} ${unit}`;
}

/** `240 rows a second`, or null while too young to tell. */
export function rateWords({ rate, unit }: Activity): string | null {
  if (rate === null) return null;
  if (unit === "bytes") return `${formatBytes(Math.round(rate))} a second`;
  return `${rate < 10 ? rate.toFixed(1) : formatNumber(Math.round(rate))} ${unit} a second`;
}

/** `about 2 minutes left`, `estimating…`, `paused`, `stopping…`. */
export function timeLeftWords({ secondsLeft, paused, cancelling }: Activity): string {
  if (cancelling) return "stopping…";
  if (paused) return "paused";
  if (secondsLeft === null) return "estimating…";
  return `${formatSpan(secondsLeft)} left`;
}

/** Why most buttons cannot be used meanwhile, and how they can be. */
export function waitingWords({ paused, cancelling }: Activity): string {
  if (paused && !cancelling) return "other work waits until you resume or cancel it";
  return "other work waits until it ends";
}

/**
 * What a screen reader is told of a step from one activity to the next: start, each quarter, pause, stop and end.
 * Null where nothing new is worth saying.
 */
export function announcement(before: Activity | null, now: Activity | null): string | null {
  if (now === null) return before === null ? null : `${activityTitles[before.kind]}: ended.`;
  const title = activityTitles[now.kind];
  if (before === null || before.kind !== now.kind) return `${title}: started; ${waitingWords(now)}.`;
  if (now.cancelling !== before.cancelling) return `${title}: stopping.`;
  if (now.paused !== before.paused) return now.paused ? `${title}: paused.` : `${title}: going on.`;
  const quarter = (activity: Activity) => Math.floor((percentDone(activity) ?? 0) / 25);
  if (quarter(now) > quarter(before)) return `${title}: ${quarter(now) * 25} percent done.`;
  return null;
}
