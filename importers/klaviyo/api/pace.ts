/** Milliseconds that only go forward. */
export interface PaceClock {
  now(): number;
  pause(ms: number): Promise<void>;
}

/** What an answer says of the budget of calls, as its headers stand. */
export interface BudgetHeaders {
  /** `750`, or a list that names windows: `75, 75;w=1, 750;w=60`. */
  limit: string | undefined;
  remaining: string | undefined;
  /** Seconds until the steady window begins anew. */
  reset: string | undefined;
}

/** The pace while nothing is known: 750 calls in a minute, what the specification allows for most calls. */
const standardIntervalMs = 60_000 / 750;
const steadyWindowMs = 60_000;
/** Every tier lets calls come three times as fast for a second as it does in the long run (DOC-RATE). */
const catchUp = 2;
/** Resets are told in whole seconds; whether rounded up or down is not. */
const resetMarginMs = 1000;
/**
 * One refusal makes the calls slower by this much, or by the other where it comes soon after the last one: then the
 * limit is far away. Each call that was let through makes them a little faster again.
 */
const slowDown = 1.25;
const slowDownFarAway = 2;
const soon = 30;
const recovery = 0.998;
const slowest = 64;
/** Of a window, whose beginning a wrong header could put anywhere, and of an own guess. */
const longestWaitMs = 120_000;
const longestRetryAfterMs = 600_000;
const firstBackOffMs = 1000;

/**
 * Spreads the calls of one endpoint over Klaviyo's fixed windows: what remains of the steady window over what is
 * left of its minute, which keeps clear of the burst window as well (reference/klaviyo.md §6). The budget is the
 * account's, so other programs may use it up at the same time; each answer says anew what remains.
 */
export class Pace {
  readonly #clock: PaceClock;
  #intervalMs = standardIntervalMs;
  #slowness = 1;
  #refusalsInARow = 0;
  #admittedInARow = 0;
  #lastStart = Number.NEGATIVE_INFINITY;
  #blockedUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: PaceClock) {
    this.#clock = clock;
  }

  /** Waits until the next call may start. Rejects as the clock's pauses do. */
  async turn(): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      const intervalMs = this.#intervalMs * this.#slowness;
      const start = Math.max(this.#lastStart + intervalMs, this.#blockedUntil);
      if (start <= now) {
        // A call that starts a little late, as timers do, does not put off all that follow.
        this.#lastStart = now - start < intervalMs ? start : now;
        return;
      }
      await this.#clock.pause(start - now);
    }
  }

  /** A call was let through. */
  admitted(headers: BudgetHeaders): void {
    this.#refusalsInARow = 0;
    this.#admittedInARow += 1;
    this.#slowness = Math.max(1, this.#slowness * recovery);
    const limit = steadyLimit(headers.limit);
    const remaining = wholeNumber(headers.remaining);
    const reset = wholeNumber(headers.reset);
    if (limit === null || remaining === null || reset === null) return;
    const leftMs = Math.min(longestWaitMs, reset * 1000);
    if (remaining === 0) this.#blockFor(leftMs + resetMarginMs);
    else {
      const shortestIntervalMs = steadyWindowMs / (catchUp * Math.max(1, limit));
      this.#intervalMs = Math.max(leftMs / (remaining + 1), shortestIntervalMs);
    }
  }

  /** A call was refused with 429. @param retryAfterMs null where the vendor does not say when to come back */
  refused(retryAfterMs: number | null): void {
    this.#refusalsInARow += 1;
    // The refusals of one row say the same thing several times.
    if (this.#refusalsInARow === 1) {
      const factor = this.#admittedInARow < soon ? slowDownFarAway : slowDown;
      this.#slowness = Math.min(slowest, this.#slowness * factor);
    }
    this.#admittedInARow = 0;
    const own = Math.min(longestWaitMs, firstBackOffMs * 2 ** (this.#refusalsInARow - 1));
    const wait = Math.min(longestRetryAfterMs, retryAfterMs ?? own);
    // Jitter, so that several programs of one account do not come back together.
    this.#blockFor(wait + Math.random() * 250);
  }

  #blockFor(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#clock.now() + ms);
  }
}

/** The calls of the steady window; of several windows the one of a minute. */
function steadyLimit(header: string | undefined): number | null {
  const minute = /(\d+)\s*;\s*w=60\b/.exec(header ?? "");
  return wholeNumber(minute?.[1] ?? header);
}

function wholeNumber(header: string | undefined): number | null {
  const digits = /^\s*(\d+)\s*(?:,|$)/.exec(header ?? "")?.[1];
  return digits === undefined ? null : Number(digits);
}
