import { createBackOff } from "./back-off.ts";
import { createLine } from "./line.ts";

/** A budget of calls a while that everybody who uses it shares. */
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
  signal?: AbortSignal | undefined;
}

/** Slower than the limit by this much, since calls may bunch up on the way. */
const margin = 1.05;
/** Of that margin, what a start may be late without putting off all that follow: timers are always a little late. */
const lateness = 0.5;
/** Each refusal makes everybody slower by this much, each admitted call a little faster again. */
const slowDown = 1.5;
const recovery = 0.95;
const slowest = 8;
const leastFirstWaitMs = 500;

/** Calls start as early as all limits allow; none of their periods, wherever it begins, holds more than it may. */
export function createPace({ limits, concurrency, signal }: PaceOptions): Pace {
  const spurts = limits.map(({ calls, perMs, burst = Math.max(1, Math.floor(calls / 10)) }) => ({
    size: burst,
    perMs: (perMs * burst * margin) / calls,
    mayBeLateMs: perMs * (margin - 1) * lateness,
    starts: [] as number[],
  }));
  const backOff = createBackOff(
    Math.max(leastFirstWaitMs, ...limits.map(({ calls, perMs }) => perMs / calls)),
  );
  let slowness = 1;

  const line = createLine({
    seats: () => concurrency,
    nextStart: () => Math.max(backOff.until(), ...spurts.map(nextOf)),
    started(now) {
      for (const spurt of spurts) {
        const { size, mayBeLateMs, starts } = spurt;
        const due = nextOf(spurt);
        starts.push(now - due <= mayBeLateMs ? due : now);
        if (starts.length > size) starts.shift();
      }
    },
    signal,
  });

  function nextOf({ size, perMs, starts }: (typeof spurts)[number]): number {
    return starts.length < size ? 0 : starts[0]! + perMs * slowness;
  }

  return {
    run: (task) => line.run(task),
    rateLimited(retryAfterMs) {
      if (backOff.refused(retryAfterMs)) slowness = Math.min(slowest, slowness * slowDown);
    },
    admitted() {
      slowness = Math.max(1, slowness * recovery);
      backOff.admitted();
    },
  };
}
