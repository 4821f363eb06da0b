import { describe, expect, it } from "vitest";
import { ActivityDesk, type Progress } from "./activity.ts";
import { PaceMeter } from "./pace-meter.ts";

/** A task that counts to three, one step each time it is let. */
function steppedTask() {
  const gates: (() => void)[] = [];
  const reached: number[] = [];
  const work = async (progress: Progress) => {
    progress.start("Counting", 3, "steps");
    for (let step = 1; step <= 3; step++) {
      await new Promise<void>((resolve) => gates.push(resolve));
      await progress.report(step, `Step ${step}`);
      reached.push(step);
    }
    return "counted";
  };
  const next = async () => {
    while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gates.shift()!();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { work, next, reached };
}

describe("a long task", () => {
  it("shows what it does, and nothing once it has ended", async () => {
    const desk = new ActivityDesk();
    const { work, next } = steppedTask();
    const running = desk.run("merge", work);
    await next();
    expect(desk.current()).toMatchObject({ kind: "merge", step: "Step 1", done: 1, total: 3, paused: false });
    await next();
    await next();
    expect(await running).toBe("counted");
    expect(desk.current()).toBeNull();
  });

  it("stands still while it is paused and goes on from there", async () => {
    const desk = new ActivityDesk();
    const { work, next, reached } = steppedTask();
    const running = desk.run("import", work);
    await next();
    desk.pause();
    await next();
    expect(desk.current()?.paused).toBe(true);
    expect(reached).toEqual([1]);
    desk.resume();
    await next();
    expect(await running).toBe("counted");
    expect(reached).toEqual([1, 2, 3]);
  });

  it("goes on everywhere after a pause, where it works at several places at once", async () => {
    const desk = new ActivityDesk();
    let start = () => {};
    const running = desk.run("upload_suppressions", async (progress) => {
      await new Promise<void>((resolve) => {
        start = resolve;
      });
      return Promise.all([progress.report(1), progress.report(2)]).then(() => "both");
    });
    desk.pause();
    start();
    await new Promise((resolve) => setImmediate(resolve));
    desk.resume();
    expect(await running).toBe("both");
  });

  it("ends when it is cancelled, also while it is paused", async () => {
    const desk = new ActivityDesk();
    const { work, next, reached } = steppedTask();
    const running = desk.run("import", work);
    await next();
    desk.pause();
    await next();
    desk.cancel();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(reached).toEqual([1]);
  });

  it("does not let a second one start beside it", async () => {
    const desk = new ActivityDesk();
    const { work, next } = steppedTask();
    const running = desk.run("import", work);
    await expect(desk.run("merge", async () => undefined)).rejects.toMatchObject({ code: "BUSY" });
    for (let step = 0; step < 3; step++) await next();
    await running;
    await expect(desk.run("merge", async () => "free again")).resolves.toBe("free again");
  });

  it("is told to watchers from its present state on", async () => {
    const desk = new ActivityDesk();
    const { work, next } = steppedTask();
    const stop = new AbortController();
    const seen: (string | null)[] = [];
    const watching = (async () => {
      for await (const state of desk.watch(stop.signal)) seen.push(state?.step ?? null);
    })();
    const running = desk.run("import", work);
    for (let step = 0; step < 3; step++) await next();
    await running;
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await watching;
    expect(seen[0]).toBeNull();
    expect(seen).toContain("Step 2");
    expect(seen.at(-1)).toBeNull();
  });
});

describe("pace and time left", () => {
  it("say nothing before there is something to go by", () => {
    const meter = new PaceMeter();
    meter.add(0, 0);
    meter.add(1, 100);
    expect(meter.rate()).toBeNull();
    expect(meter.secondsLeft(1000)).toBeNull();
  });

  it("follow the last seconds, not the whole run", () => {
    const meter = new PaceMeter();
    for (let second = 0; second <= 60; second++) meter.add(second, second * 100);
    for (let second = 61; second <= 90; second++) meter.add(second, 6000 + (second - 60) * 10);
    expect(meter.rate()).toBeCloseTo(10, 0);
    expect(meter.secondsLeft(6300 + 100)).toBeCloseTo(10, 0);
  });

  it("give no time left while nothing moves or the total is unknown", () => {
    const meter = new PaceMeter();
    for (let second = 0; second <= 30; second++) meter.add(second, 5);
    expect(meter.secondsLeft(10)).toBeNull();
    expect(meter.secondsLeft(null)).toBeNull();
  });
});
