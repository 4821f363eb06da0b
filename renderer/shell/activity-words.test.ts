import { describe, expect, it } from "vitest";
import type { Activity } from "../../contract/activity.ts";
import {
  announcement,
  percentDone,
  progressWords,
  rateWords,
  timeLeftWords,
  waitingWords,
} from "./activity-words.ts";

const upload: Activity = {
  kind: "upload_suppressions",
  step: "Setting people to unsubscribed",
  done: 1200,
  total: 4000,
  unit: "writes",
  rate: 41.6,
  secondsLeft: 125,
  paused: false,
  cancelling: false,
};

describe("a running task in words", () => {
  it("tells how far it is, how fast and how long it still takes", () => {
    expect(progressWords(upload)).toBe("1,200 of 4,000 writes");
    expect(rateWords(upload)).toBe("42 writes a second");
    expect(timeLeftWords(upload)).toBe("about 2 minutes left");
  });

  it("tells bytes in bytes", () => {
    const importing = {
      ...upload,
      kind: "import" as const,
      unit: "bytes",
      done: 3_100_000,
      total: 12_000_000,
    };
    expect(progressWords(importing)).toBe("3.1 MB of 12 MB");
    expect(rateWords({ ...importing, rate: 800_000 })).toBe("800 KB a second");
  });

  it("claims nothing that it does not know yet", () => {
    const young = { ...upload, rate: null, secondsLeft: null, total: null };
    expect(rateWords(young)).toBeNull();
    expect(timeLeftWords(young)).toBe("estimating…");
    expect(percentDone(young)).toBeNull();
    expect(progressWords(young)).toBe("1,200 writes");
  });

  it("gives no time left while it is paused or stopping", () => {
    expect(timeLeftWords({ ...upload, paused: true })).toBe("paused");
    expect(timeLeftWords({ ...upload, paused: true, cancelling: true })).toBe("stopping…");
  });

  it("says why other buttons wait, and that a paused task keeps them waiting", () => {
    expect(waitingWords(upload)).toBe("other work waits until it ends");
    expect(waitingWords({ ...upload, paused: true })).toBe("other work waits until you resume or cancel it");
  });

  it("never shows all done before it is", () => {
    expect(percentDone({ ...upload, done: 3_999 })).toBe(99);
    expect(percentDone({ ...upload, done: 4_100 })).toBe(100);
  });
});

describe("what a screen reader hears", () => {
  it("is each turning point once", () => {
    const heard: (string | null)[] = [];
    let before: Activity | null = null;
    const steps: (Activity | null)[] = [0, 100, 1000, 1100, 2100, 3000, 4000].map((done) => ({
      ...upload,
      done,
    }));
    for (const now of [...steps, null]) {
      heard.push(announcement(before, now));
      before = now;
    }
    expect(heard.filter((words) => words !== null)).toEqual([
      "Uploading suppressions: started; other work waits until it ends.",
      "Uploading suppressions: 25 percent done.",
      "Uploading suppressions: 50 percent done.",
      "Uploading suppressions: 75 percent done.",
      "Uploading suppressions: 100 percent done.",
      "Uploading suppressions: ended.",
    ]);
  });

  it("is that it pauses, goes on and stops", () => {
    const paused = { ...upload, paused: true };
    expect(announcement(upload, paused)).toBe("Uploading suppressions: paused.");
    expect(announcement(paused, upload)).toBe("Uploading suppressions: going on.");
    expect(announcement(upload, { ...upload, cancelling: true })).toBe("Uploading suppressions: stopping.");
  });
});
