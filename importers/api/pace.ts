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

/** At most `calls` starts in `perMs` milliseconds. */
export interface CallLimit {
  calls: number;
  perMs: number;
  /** How many of them may start together. Default a tenth, so that they spread over the period. */
  burst?: number;
}

export interface PaceOptions {
  /** All of them hold. */
  limits: readonly CallLimit[];
  /** At most this many under way at once. */
  concurrency: number;
  signal: AbortSignal;
}

/** Slower than the limit by this much, since calls may bunch up on the way. */
const margin = 1.05;
/** Each refusal makes everybody slower by this much, each admitted call a little faster again. */
const slowDown = 1.5;
const recovery = 0.95;
const slowest = 8;
const longestBackOffMs = 180_000;
const longestRetryAfterMs = 600_000;

/** Calls start in the order asked, as early as all limits allow. */
export function createPace({ limits, concurrency, signal }: PaceOptions): Pace {
  const spurts = limits.map(({ calls, perMs, burst = Math.max(1, Math.floor(calls / 10)) }) => ({
    size: burst,
    perMs: (perMs * burst * margin) / calls,
    starts: [] as number[],
  }));
  /** The first wait after a refusal without Retry-After: the time of one call at full speed, at least 500 ms. */
  const firstBackOffMs = Math.max(500, ...limits.map(({ calls, perMs }) => perMs / calls));
  let slowness = 1;
  let blockedUntil = 0;
  let refusalsInARow = 0;
  let underWay = 0;
  let seatFreed = () => {};
  let lastInLine: Promise<unknown> = Promise.resolve();

  async function waitForTurn(): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (underWay >= concurrency) {
        await new Promise<void>((resolve) => {
          seatFreed = resolve;
        });
        continue;
      }
      const now = performance.now();
      const free = spurts.map(({ size, perMs, starts }) =>
        starts.length < size ? 0 : starts[0]! + perMs * slowness,
      );
      const wait = Math.max(blockedUntil, ...free) - now;
      if (wait <= 0) {
        for (const { size, starts } of spurts) {
          starts.push(now);
          if (starts.length > size) starts.shift();
        }
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
      const backOff = Math.min(firstBackOffMs * 2 ** (refusalsInARow - 1), longestBackOffMs);
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
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
