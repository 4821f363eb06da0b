import { createBackOff } from "../../../pacing/back-off.ts";
import { createLine } from "../../../pacing/line.ts";

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

/** With how many it begins: what other tools hold is not known. */
const firstConnections = 4;
/** Calls that must go well before one connection more is tried, while none was refused. */
const admittedBeforeFirstRefusal = 8;
/** The same after a refusal, so that refused tries stay far under 1 %. */
const admittedAfterRefusal = 400;

/**
 * Mailchimp limits connections (10 per user, shared with all that user's other tools), not calls per second
 * (reference/mailchimp.md §2). So a refusal takes a connection away instead of making calls rarer.
 */
export function createConnectionBudget(options: ConnectionBudgetOptions): ConnectionBudget {
  const { connections, firstWaitMs, signal } = options;
  const backOff = createBackOff(firstWaitMs);
  let allowed = Math.min(firstConnections, connections);
  let admittedBeforeMore = admittedBeforeFirstRefusal;
  let admittedInARow = 0;
  const line = createLine({ seats: () => allowed, nextStart: backOff.until, signal });

  return {
    run: (task) => line.run(task),
    refused(retryAfterMs) {
      admittedInARow = 0;
      admittedBeforeMore = admittedAfterRefusal;
      allowed = Math.max(1, allowed - 1);
      backOff.refused(retryAfterMs);
    },
    admitted() {
      backOff.admitted();
      admittedInARow += 1;
      if (admittedInARow < admittedBeforeMore || allowed === connections) return;
      admittedInARow = 0;
      allowed += 1;
      line.lookAgain();
    },
  };
}
