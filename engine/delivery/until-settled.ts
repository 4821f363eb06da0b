import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../activity/activity.ts";

const firstPauseMilliseconds = 250;
const longestPauseMilliseconds = 5_000;

/**
 * Looks again, with growing pauses, until `isSettled` says so or the time is over: Customer.io's writes take effect some
 * time after they were accepted (reference/customerio.md §0).
 */
export async function untilSettled(
  isSettled: () => Promise<boolean>,
  milliseconds: number,
  progress: Progress,
): Promise<void> {
  let pause = firstPauseMilliseconds;
  for (let waited = 0; !(await isSettled()) && waited < milliseconds; waited += pause) {
    pause = Math.min(pause * 1.5, longestPauseMilliseconds, milliseconds - waited);
    await sleep(pause, undefined, { signal: progress.signal });
  }
}
