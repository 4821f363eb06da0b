/**
 * At most `calls` within any `perMs` milliseconds, counted over a sliding window.
 * Refused calls do not count.
 */
export function createRateLimit(calls: number, perMs: number) {
  const admitted: number[] = [];
  let oldest = 0;
  return {
    /** 0 where the call is admitted, else the milliseconds until one would be. */
    admit(now: number): number {
      while (oldest < admitted.length && now - admitted[oldest]! >= perMs) oldest += 1;
      if (oldest > 10_000) {
        admitted.splice(0, oldest);
        oldest = 0;
      }
      if (admitted.length - oldest < calls) {
        admitted.push(now);
        return 0;
      }
      return perMs - (now - admitted[oldest]!);
    },
  };
}
