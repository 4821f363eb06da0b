/** How long things take. Tests and practice simulators run faster than the vendor. */
export interface Timing {
  /** Milliseconds of the minute in which the vendor counts calls. */
  minuteMs: number;
  /** Milliseconds without a byte after which a connection counts as dead: of exports and lists, which take a while. */
  idleMs: number;
  /** The same for all other calls. */
  shortIdleMs: number;
  /** Attempts after the first one where the trouble may pass. */
  retries: number;
  /** Milliseconds before the first retry; doubles with each, with jitter, up to 30 s. */
  retryDelayMs: number;
}

export const vendorTiming: Timing = {
  minuteMs: 60_000,
  idleMs: 120_000,
  shortIdleMs: 30_000,
  retries: 6,
  retryDelayMs: 500,
};
