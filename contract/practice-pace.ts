/**
 * How fast the simulated vendors of a practice migration may be asked. At the vendors' own limits it would take longer
 * than anybody's patience.
 */
export const practicePace = {
  /** Calls to Customer.io's App API; the vendor allows 10 (reference/customerio.md). */
  appRequestsPerSecond: 200,
  /** Milliseconds of the minute by which the old tools count calls. */
  minuteMs: 1000,
} as const;
