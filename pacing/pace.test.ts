import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPace } from "./pace.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Times at which so many calls start that were all asked for at once. */
function startsOf(pace: ReturnType<typeof createPace>, calls: number): number[] {
  const starts: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    void pace.run(async () => {
      starts.push(performance.now());
    });
  }
  return starts;
}

/** The most starts that any period holds, wherever it begins. */
function mostWithin(starts: number[], ms: number): number {
  return Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + ms).length));
}

describe("a pace of 10 calls a second", () => {
  const limits = [{ calls: 10, perMs: 1000 }];

  test("uses at least 94 % of it and never exceeds it", async () => {
    const starts = startsOf(createPace({ limits, concurrency: 16 }), 2000);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(starts.length).toBeGreaterThanOrEqual(940);
    expect(mostWithin(starts, 1000)).toBeLessThanOrEqual(10);
  });

  test("loses nothing where timers are late, and still never exceeds it", async () => {
    const pace = createPace({ limits, concurrency: 16 });
    const starts: number[] = [];
    const late = [0, 7, 19, 3, 22];
    for (let call = 0; call < 500; call += 1) {
      void pace.run(async () => {
        starts.push(performance.now());
        // What keeps a busy process from its timers.
        vi.advanceTimersByTime(late[call % late.length]!);
      });
    }
    await vi.advanceTimersByTimeAsync(40_000);
    expect(starts.length).toBeGreaterThanOrEqual(370);
    expect(mostWithin(starts, 1000)).toBeLessThanOrEqual(10);
  });

  test("goes on after a sleep without catching up in one burst", async () => {
    const starts = startsOf(createPace({ limits, concurrency: 16 }), 400);
    await vi.advanceTimersByTimeAsync(5000);
    const before = starts.length;
    // Neither the process nor its timers ran meanwhile.
    const asleepSince = performance.now();
    const realNow = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => realNow() + 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000);
    const after = starts.slice(before);
    expect(after[0]! - asleepSince).toBeGreaterThanOrEqual(3_600_000);
    expect(mostWithin(after, 1000)).toBeLessThanOrEqual(10);
    expect(after.length).toBeGreaterThanOrEqual(90);
  });

  test("does not care where the wall clock jumps to", async () => {
    const starts = startsOf(createPace({ limits, concurrency: 16 }), 400);
    await vi.advanceTimersByTimeAsync(5000);
    vi.setSystemTime(Date.now() - 86_400_000);
    await vi.advanceTimersByTimeAsync(5000);
    vi.setSystemTime(Date.now() + 864_000_000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(starts.length).toBeGreaterThanOrEqual(141);
    expect(mostWithin(starts, 1000)).toBeLessThanOrEqual(10);
  });

  test("stands still for everybody as long as Retry-After says, then goes on more slowly", async () => {
    const pace = createPace({ limits, concurrency: 16 });
    const starts = startsOf(pace, 100);
    await vi.advanceTimersByTimeAsync(1000);
    const before = starts.length;
    pace.rateLimited(4000);
    await vi.advanceTimersByTimeAsync(3999);
    expect(starts).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1001);
    expect(starts.length - before).toBeGreaterThan(3);
    expect(starts.length - before).toBeLessThan(9);
  });

  test("waits twice as long with each refusal in a row", async () => {
    const pace = createPace({ limits: [{ calls: 1, perMs: 100 }], concurrency: 1 });
    const starts: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      void pace.run(async () => {
        starts.push(performance.now());
        pace.rateLimited(null);
      });
    }
    await vi.advanceTimersByTimeAsync(60_000);
    const gaps = starts.slice(1).map((at, index) => Math.round(at - starts[index]!));
    expect(gaps).toEqual([500, 1000, 2000, 4000]);
  });
});

test("several limits hold together", async () => {
  const limits = [
    { calls: 10, perMs: 1000, burst: 10 },
    { calls: 60, perMs: 60_000, burst: 60 },
  ];
  const starts = startsOf(createPace({ limits, concurrency: 100 }), 500);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(mostWithin(starts, 1000)).toBeLessThanOrEqual(10);
  expect(mostWithin(starts, 60_000)).toBeLessThanOrEqual(60);
  expect(starts.length).toBeGreaterThanOrEqual(280);
});

test("calls that wait end with the signal's reason", async () => {
  const abort = new AbortController();
  const pace = createPace({ limits: [{ calls: 1, perMs: 1000 }], concurrency: 1, signal: abort.signal });
  await pace.run(async () => undefined);
  const waiting = expect(pace.run(async () => "ran")).rejects.toThrow("enough");
  abort.abort(new Error("enough"));
  await waiting;
});
