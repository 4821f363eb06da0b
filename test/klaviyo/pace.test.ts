import { describe, expect, test } from "vitest";
import { Pace } from "../../importers/klaviyo/api/pace.ts";
import { createRateLimit, klaviyoTiers, type RateLimitHeaders } from "../../simulators/klaviyo/rate-limit.ts";

/** Calls for so many minutes of an invented clock against the simulator's limit. */
async function callFor(
  minutes: number,
  {
    tier,
    headers,
    retryAfter = true,
    latencyMs = 5,
    others = 0,
  }: {
    tier: { burst: number; steady: number };
    headers: RateLimitHeaders;
    retryAfter?: boolean;
    latencyMs?: number;
    /** Calls of other programs that share the account's budget, in the first instant of each minute. */
    others?: number;
  },
) {
  let time = 0;
  const pace = new Pace({
    now: () => time,
    async pause(ms) {
      time += Math.max(ms, 0.001);
    },
  });
  const limit = createRateLimit({ tier, headers, retryAfter, now: () => time });
  let admitted = 0;
  let refused = 0;
  let minute = -1;
  while (time < minutes * 60_000) {
    await pace.turn();
    if (Math.floor(time / 60_000) > minute) {
      minute = Math.floor(time / 60_000);
      for (let call = 0; call < others; call += 1) limit.admit();
    }
    const answer = limit.admit();
    time += latencyMs;
    if ("refusal" in answer) {
      refused += 1;
      const seconds = answer.refusal.headers?.["retry-after"];
      pace.refused(seconds === undefined ? null : Number(seconds) * 1000);
    } else {
      admitted += 1;
      const name = (header: string) => answer.headers[`ratelimit-${header}`];
      pace.admitted({ limit: name("limit"), remaining: name("remaining"), reset: name("reset") });
    }
  }
  return { utilisation: admitted / (tier.steady * minutes), refusals: refused / (admitted + refused) };
}

describe("the pace of calls", () => {
  for (const [name, tier] of Object.entries(klaviyoTiers)) {
    for (const headers of ["steady", "windows"] as const) {
      test(`uses nine tenths of tier ${name} and is hardly ever refused, with ${headers} headers`, async () => {
        const { utilisation, refusals } = await callFor(10, { tier, headers });
        expect(utilisation).toBeGreaterThan(0.9);
        expect(refusals).toBeLessThan(0.01);
      });
    }
  }

  test("needs no headers at the pace that the specification allows", async () => {
    const { utilisation, refusals } = await callFor(10, { tier: klaviyoTiers.L, headers: "none" });
    expect(utilisation).toBeGreaterThan(0.9);
    expect(refusals).toBeLessThan(0.01);
  });

  for (const retryAfter of [true, false]) {
    test(`settles below a limit that nothing tells it of, ${retryAfter ? "with" : "without"} Retry-After`, async () => {
      const { utilisation, refusals } = await callFor(60, {
        tier: klaviyoTiers.M,
        headers: "none",
        retryAfter,
      });
      expect(utilisation).toBeGreaterThan(0.7);
      expect(refusals).toBeLessThan(0.05);
    });
  }

  test("finds the slowest tier's limit after few refusals where nothing tells it of it", async () => {
    const { utilisation, refusals } = await callFor(10, { tier: klaviyoTiers.XS, headers: "none" });
    expect(utilisation).toBeGreaterThan(0.7);
    expect(refusals).toBeLessThan(0.06);
  });

  test("waits as long as Retry-After says, for minutes too", async () => {
    let time = 0;
    const pace = new Pace({
      now: () => time,
      async pause(ms) {
        time += Math.max(ms, 0.001);
      },
    });
    pace.refused(300_000);
    await pace.turn();
    expect(time).toBeGreaterThanOrEqual(300_000);
  });

  test("makes room for other programs of the account", async () => {
    const { refusals } = await callFor(10, { tier: klaviyoTiers.M, headers: "steady", others: 50 });
    expect(refusals).toBeLessThan(0.02);
  });
});
