import { describe, expect, it } from "vitest";
import type { SyncRun } from "../../contract/sync.ts";
import { additionsChart, additionWords, roundTop } from "./additions.ts";

const run = (startedAt: string, added: SyncRun["added"]): SyncRun => ({
  startedAt,
  endedAt: startedAt,
  missedAt: null,
  scheduled: false,
  added,
  removed: 0,
  optedInAgain: 0,
  trouble: null,
  gateOpen: true,
});
const klaviyo = (level: string, addresses: number) => ({ source: "klaviyo", level, addresses });

describe("the chart of new suppressions", () => {
  it("goes from the oldest run to the newest, one panel for each source that brought something", () => {
    const chart = additionsChart([
      run("2026-11-24T10:00:00Z", [{ source: "mailchimp", level: "hard_bounce", addresses: 2 }]),
      run("2026-11-23T10:00:00Z", [
        klaviyo("unsubscribed_all", 7),
        { source: "csv", level: "manual", addresses: 0 },
      ]),
    ]);
    expect(chart.runs.map(({ startedAt }) => startedAt)).toEqual([
      "2026-11-23T10:00:00Z",
      "2026-11-24T10:00:00Z",
    ]);
    expect(chart.panels.map(({ source, total }) => [source, total])).toEqual([
      ["klaviyo", 7],
      ["mailchimp", 2],
    ]);
    expect(chart.top).toBe(10);
  });

  it("stacks the reasons of a run without a gap, also one that this window does not know", () => {
    const { panels, levels } = additionsChart([
      run("2026-11-24T10:00:00Z", [
        klaviyo("role_address", 1),
        klaviyo("hard_bounce", 3),
        klaviyo("unsubscribed_all", 5),
      ]),
    ]);
    expect(levels).toEqual(["unsubscribed_all", "hard_bounce", "role_address"]);
    expect(panels[0]?.bars).toEqual([
      [
        { level: "unsubscribed_all", addresses: 5, below: 0 },
        { level: "hard_bounce", addresses: 3, below: 5 },
        { level: "role_address", addresses: 1, below: 8 },
      ],
    ]);
  });

  it("has no panel where no run brought anything", () => {
    expect(additionsChart([run("2026-11-24T10:00:00Z", [])])).toMatchObject({ panels: [], levels: [] });
  });

  it("ends its scale at a round number that no bar exceeds", () => {
    expect([0, 1, 3, 10, 37, 51, 2_001].map(roundTop)).toEqual([1, 1, 5, 10, 50, 100, 5_000]);
  });
});

it("says what a run added by source and reason, strongest reason first", () => {
  expect(
    additionWords([
      { source: "mailchimp", level: "unsubscribed_all", addresses: 1200 },
      klaviyo("unsubscribed_all", 12),
      klaviyo("hard_bounce", 3),
    ]),
  ).toEqual([
    "Klaviyo: Hard bounce 3, Unsubscribed from everything 12",
    "Mailchimp: Unsubscribed from everything 1,200",
  ]);
});
