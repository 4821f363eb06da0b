const longestWaitMs = 180_000;
const longestRetryAfterMs = 600_000;

/** The waiting that refused calls bring upon everybody who shares a budget. */
export interface BackOff {
  /** Until when nothing may start, on the clock of `performance.now`. */
  until(): number;
  /**
   * A call was refused: everybody waits as long as the vendor says, or twice as long as the last time.
   * @param retryAfterMs null where the vendor does not say
   * @returns false where the refusal says nothing new: calls that were under way together are refused together
   */
  refused(retryAfterMs: number | null): boolean;
  /** A call was let through. */
  admitted(): void;
}

/** @param firstWaitMs the wait after the first refusal of a row, where the vendor does not say how long */
export function createBackOff(firstWaitMs: number): BackOff {
  let blockedUntil = 0;
  let refusedInARow = 0;
  return {
    until: () => blockedUntil,
    refused(retryAfterMs) {
      const now = performance.now();
      const isNew = now >= blockedUntil;
      if (isNew) refusedInARow += 1;
      const own = Math.min(firstWaitMs * 2 ** (refusedInARow - 1), longestWaitMs);
      const wait = Math.min(retryAfterMs ?? own, longestRetryAfterMs);
      // A little longer, so that several programs of one account do not come back together.
      blockedUntil = Math.max(blockedUntil, now + wait * (1 + Math.random() / 4));
      return isNew;
    },
    admitted() {
      refusedInARow = 0;
    },
  };
}
