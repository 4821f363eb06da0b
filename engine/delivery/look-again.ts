import type { Progress } from "../activity/activity.ts";

export interface SettleOptions {
  /** How long nothing may turn up before what is missing counts as missing. Default 60,000. */
  settleMilliseconds?: number;
  /** The first pause before looking again; each one is half as long again, up to 10 seconds. Default 500. */
  firstPauseMilliseconds?: number;
}

/**
 * Looks for what is missing again, with growing pauses, until nothing more turns up for the settling time: writes take
 * effect some time after they were accepted (reference/customerio.md §0).
 * @param countAwaited how many are missing that may still turn up
 * @param look looks for them once more
 */
export async function lookAgain(
  countAwaited: () => Promise<number>,
  look: (awaited: number) => Promise<void>,
  progress: Progress,
  { settleMilliseconds = 60_000, firstPauseMilliseconds = 500 }: SettleOptions,
): Promise<void> {
  let awaited = await countAwaited();
  let pause = firstPauseMilliseconds;
  for (let idle = 0; awaited > 0 && idle < settleMilliseconds; ) {
    progress.start(`Waiting for ${awaited} writes to take effect`, null, "writes");
    const wait = Math.min(pause, settleMilliseconds - idle);
    await sleep(wait, progress.signal);
    await progress.report(0);
    await look(awaited);
    const still = await countAwaited();
    idle = still < awaited ? 0 : idle + wait;
    pause = still < awaited ? firstPauseMilliseconds : Math.min(pause * 1.5, 10_000);
    awaited = still;
  }
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
