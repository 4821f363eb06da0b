import { setTimeout as sleep } from "node:timers/promises";

/** A budget of calls that everybody who uses it shares. */
export interface Pace {
  /** Runs the task when its turn has come, in the order asked. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** A call was refused with 429: everybody waits, and goes more slowly for a while. */
  rateLimited(retryAfterMs: number | null): void;
  /** A call was let through: back towards full speed, a little at a time. */
  admitted(): void;
}

export interface PaceOptions {
  /** At most `calls` starts in `perMs` milliseconds, */
  calls: number;
  perMs: number;
  /** and at most this many under way at once. */
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/** Slower than the limit by this much, since calls may bunch up on the way. */
const margin = 1.08;
/** Each refusal makes everybody slower by this much, each admitted call a little faster again. */
const slowDown = 1.5;
const recovery = 0.95;
const slowest = 8;
const longestBackOffMs = 30_000;
const longestRetryAfterMs = 300_000;

/** Starts are spread evenly over time, at most ten spurts to the period, so that no window of it holds more. */
export function createPace({ calls, perMs, concurrency, signal }: PaceOptions): Pace {
  const spurt = Math.max(1, Math.floor(calls / 10));
  const spurtMs = (perMs * spurt * margin) / calls;
  const starts: number[] = [];
  let slowness = 1;
  let blockedUntil = 0;
  let refusalsInARow = 0;
  let underWay = 0;
  let seatFreed = () => {};
  let lastInLine: Promise<unknown> = Promise.resolve();

  async function waitForTurn(): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (underWay >= concurrency) {
        await new Promise<void>((resolve) => {
          seatFreed = resolve;
        });
        continue;
      }
      const now = performance.now();
      const spurtOver = starts.length < spurt ? 0 : starts[0]! + spurtMs * slowness;
      const wait = Math.max(spurtOver, blockedUntil) - now;
      if (wait <= 0) {
        starts.push(now);
        if (starts.length > spurt) starts.shift();
        underWay += 1;
        return;
      }
      await pause(wait, signal);
    }
  }

  return {
    async run(task) {
      const turn = lastInLine.then(waitForTurn);
      lastInLine = turn.catch(() => {});
      await turn;
      try {
        return await task();
      } finally {
        underWay -= 1;
        seatFreed();
      }
    },
    rateLimited(retryAfterMs) {
      const now = performance.now();
      // Calls that were under way together are refused together; they count as one refusal.
      if (now >= blockedUntil) {
        slowness = Math.min(slowest, slowness * slowDown);
        refusalsInARow += 1;
      }
      const backOff = Math.min(perMs * 2 ** (refusalsInARow - 1), longestBackOffMs);
      const wait = Math.min(retryAfterMs ?? backOff, longestRetryAfterMs);
      blockedUntil = Math.max(blockedUntil, now + wait);
    },
    admitted() {
      slowness = Math.max(1, slowness * recovery);
      refusalsInARow = 0;
    },
  };
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
