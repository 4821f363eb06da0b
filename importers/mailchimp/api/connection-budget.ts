import { pause } from "../../api/pace.ts";

/** The calls that may be under way at once, shared by everything that reads one account. */
export interface ConnectionBudget {
  /** Runs the task when a connection is free, in the order asked. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Mailchimp refused a call because too many are under way: everybody waits, then fewer go at once. */
  refused(retryAfterMs: number | null): void;
  /** A call was let through: after many of them one connection more is tried. */
  admitted(): void;
}

export interface ConnectionBudgetOptions {
  connections: number;
  /** The wait after the first refusal without Retry-After; it doubles with each that follows. */
  firstWaitMs: number;
  signal: AbortSignal;
}

/** Calls that must go well before one connection more is tried, so that refused tries stay far under 1 %. */
const admittedBeforeMore = 400;
const longestWaitMs = 60_000;
const longestRetryAfterMs = 600_000;

/**
 * Mailchimp limits connections (10 per user, shared with all that user's other tools), not calls per second
 * (reference/mailchimp.md §2). So a refusal takes a connection away instead of making calls rarer.
 */
export function createConnectionBudget(options: ConnectionBudgetOptions): ConnectionBudget {
  const { connections, firstWaitMs, signal } = options;
  let allowed = connections;
  let underWay = 0;
  let blockedUntil = 0;
  let refusedInARow = 0;
  let admittedInARow = 0;
  let seatFreed = () => {};
  let lastInLine: Promise<unknown> = Promise.resolve();

  async function waitForTurn(): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const wait = blockedUntil - performance.now();
      if (wait > 0) await pause(wait, signal);
      else if (underWay < allowed) break;
      else
        await new Promise<void>((resolve) => {
          seatFreed = resolve;
        });
    }
    underWay += 1;
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
    refused(retryAfterMs) {
      const now = performance.now();
      admittedInARow = 0;
      allowed = Math.max(1, allowed - 1);
      // Calls that were under way together are refused together: everybody waits once for them.
      if (now >= blockedUntil) refusedInARow += 1;
      const backOff = Math.min(firstWaitMs * 2 ** (refusedInARow - 1), longestWaitMs);
      const wait = Math.min(retryAfterMs ?? backOff, longestRetryAfterMs);
      blockedUntil = Math.max(blockedUntil, now + wait * (1 + Math.random() / 4));
    },
    admitted() {
      refusedInARow = 0;
      admittedInARow += 1;
      if (admittedInARow < admittedBeforeMore || allowed === connections) return;
      admittedInARow = 0;
      allowed += 1;
      seatFreed();
    },
  };
}
