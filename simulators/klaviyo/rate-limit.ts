import { apiError, type SimulatorResponse } from "./http.ts";

/** Calls in fixed windows: `burst` in one second, `steady` in one minute. */
export interface Tier {
  burst: number;
  steady: number;
}

/** Klaviyo's tiers (reference/klaviyo.md §6). */
export const klaviyoTiers = {
  XS: { burst: 1, steady: 15 },
  S: { burst: 3, steady: 60 },
  M: { burst: 10, steady: 150 },
  L: { burst: 75, steady: 750 },
  XL: { burst: 350, steady: 3500 },
} satisfies Record<string, Tier>;

/**
 * How the headers of a success look: `steady` is the documented form; `windows` also names each window
 * (`75, 75;w=1, 750;w=60`); `none` leaves them out.
 */
export type RateLimitHeaders = "steady" | "windows" | "none";

export interface RateLimit {
  /** Counts the call; a 429 where it is one too many, else the headers of its answer. */
  admit(): { refusal: SimulatorResponse } | { headers: Record<string, string> };
}

interface Options {
  tier: Tier;
  headers: RateLimitHeaders;
  /** False leaves Retry-After out of a 429. */
  retryAfter: boolean;
  /** Milliseconds; a clock of its own, because limits are of the real world and not of the simulated one. */
  now(): number;
}

/** Fixed windows that begin with their first call. Refused calls do not count. */
export function createRateLimit({ tier, headers, retryAfter, now }: Options): RateLimit {
  const burst = { calls: tier.burst, ms: 1000, start: Number.NEGATIVE_INFINITY, used: 0 };
  const steady = { calls: tier.steady, ms: 60_000, start: Number.NEGATIVE_INFINITY, used: 0 };
  return {
    admit() {
      const time = now();
      for (const window of [burst, steady]) {
        if (time - window.start < window.ms) continue;
        window.start = time;
        window.used = 0;
      }
      const full = [steady, burst].find((window) => window.used >= window.calls);
      if (full) return { refusal: throttled(full.start + full.ms - time, retryAfter) };
      burst.used += 1;
      steady.used += 1;
      if (headers === "none") return { headers: {} };
      const windows = headers === "windows" ? `, ${tier.burst};w=1, ${tier.steady};w=60` : "";
      return {
        headers: {
          "ratelimit-limit": windows === "" ? `${tier.steady}` : `${tier.burst}${windows}`,
          "ratelimit-remaining": `${steady.calls - steady.used}`,
          "ratelimit-reset": `${Math.ceil((steady.start + steady.ms - time) / 1000)}`,
        },
      };
    },
  };
}

function throttled(waitMs: number, retryAfter: boolean): SimulatorResponse {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const detail = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? "" : "s"}.`;
  return apiError(
    429,
    "throttled",
    "Request was throttled.",
    detail,
    { pointer: "/data" },
    retryAfter ? { "retry-after": `${seconds}` } : {},
  );
}
