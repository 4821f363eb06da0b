import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { latestReports } from "../../engine/delivery/reports.ts";
import { state } from "../delivery/test-migration.ts";
import { OccupiedWorkspace } from "./harness.ts";

let workspace: OccupiedWorkspace;
beforeEach(async () => {
  workspace = await OccupiedWorkspace.start();
});
afterEach(() => workspace.migration.end());

const suppressed = { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] };

/** Something of the workspace's log that the simulator does not bring forth by itself. */
function logged(activities: Record<string, unknown>[]): void {
  workspace.migration.simulator.setFaults(({ path, query }) =>
    path === "/v1/activities"
      ? {
          status: 200,
          body: { activities: activities.filter(({ type }) => type === query.get("type")), next: "" },
        }
      : undefined,
  );
}

const seconds = () => Math.floor(Date.now() / 1000);

describe("the workspace's activity log", () => {
  test("has nothing to tell where all went well, and says from when on it was read", async () => {
    await workspace.planned([suppressed, { userId: "2", email: "two@x.com" }]);
    await workspace.migration.upload();
    const { failedActivities } = await workspace.migration.verify();
    expect(failedActivities).toEqual({
      since: expect.stringMatching(/Z$/),
      count: 0,
      items: [],
      trouble: null,
    });
  });

  test("tells whose address was not taken, why, and what to do", async () => {
    await workspace.planned([suppressed]);
    await workspace.lookUp();
    // Somebody else gets the address after the look-up.
    await workspace.there({ id: "1" });
    await workspace.there({ id: "late", email: "one@x.com" });
    await workspace.migration.upload();
    const report = await workspace.migration.verify();
    expect(report.failedActivities).toMatchObject({ count: 1, trouble: null });
    expect(report.failedActivities.items).toEqual([
      {
        subject: "id:1",
        suppressed: true,
        type: "failed_attribute_change",
        at: expect.stringMatching(/Z$/),
        reason: expect.stringMatching(/did not give this person the address one@x\.com.*without one/),
        nextStep: expect.stringMatching(/Look the destination up again/),
      },
    ]);
    expect(report.missing).toBeGreaterThan(0);
    expect((await latestReports(workspace.migration.project)).verify).toEqual(report);
  });

  test("is left alone about people who are not ours, and about what came before the first write", async () => {
    await workspace.planned([suppressed]);
    await workspace.migration.upload();
    logged([
      {
        id: "a",
        type: "failed_attribute_change",
        timestamp: seconds(),
        customer_identifiers: { id: "stranger" },
        data: {},
      },
      {
        id: "b",
        type: "failed_attribute_change",
        timestamp: seconds() - 86_400,
        customer_identifiers: { id: "1" },
        data: {},
      },
    ]);
    expect((await workspace.migration.verify()).failedActivities.count).toBe(0);
  });

  test("names people however the vendor names them, and every kind of trouble has words", async () => {
    await workspace.planned([
      suppressed,
      { userId: "2", email: "two@x.com", states: [state("unsubscribed_all")] },
      { email: "lead@x.com", states: [state("unsubscribed_all")] },
    ]);
    await workspace.migration.upload();
    const { cioId } = workspace.migration.simulator.personById("2")!;
    await workspace.migration.project.store.run("UPDATE destination_look_up SET looked_up_at = 0");
    await workspace.lookUp();
    const at = seconds();
    logged([
      { type: "failed_batch_update", timestamp: at, customer_identifiers: { cio_id: cioId } },
      { id: "2", type: "profile_delete", timestamp: at, customer_id: `cio_${cioId}`, data: null },
      {
        id: "3",
        type: "profile_merge",
        timestamp: at,
        customer_identifiers: { email: "LEAD@x.com" },
        data: {},
      },
      { id: "4", type: "skipped_update", timestamp: at, customer_id: "1", data: {} },
      {
        id: "5",
        type: "failed_attribute_change",
        timestamp: at,
        customer_id: null,
        data: { email: { to: "one@x.com" } },
      },
      {
        id: "6",
        type: "failed_attribute_change",
        timestamp: at,
        customer_id: "1",
        data: { city: { from: "", to: "x" } },
      },
      {
        id: "7",
        type: "failed_attribute_change",
        timestamp: at,
        customer_id: "1",
        data: { id: { from: "1", to: "9" } },
      },
    ]);
    const { failedActivities } = await workspace.migration.verify();
    const told = failedActivities.items.map(({ subject, type, reason }) => `${subject} ${type}: ${reason}`);
    expect(told.sort()).toEqual([
      expect.stringMatching(/^email:lead@x.com profile_merge: .*merged/),
      expect.stringMatching(/^id:1 failed_attribute_change: .*address one@x.com/),
      expect.stringMatching(/^id:1 failed_attribute_change: .*id 9/),
      expect.stringMatching(/^id:1 failed_attribute_change: .*attribute city/),
      expect.stringMatching(/^id:1 skipped_update/),
      expect.stringMatching(/^id:2 failed_batch_update/),
      expect.stringMatching(/^id:2 profile_delete: .*deleted/),
    ]);
  });

  test("is kept: what was read once is told although the log has forgotten it", async () => {
    await workspace.planned([suppressed]);
    await workspace.migration.upload();
    logged([{ id: "a", type: "skipped_update", timestamp: seconds(), customer_id: "1" }]);
    expect((await workspace.migration.verify()).failedActivities.count).toBe(1);
    logged([]);
    expect((await workspace.migration.verify()).failedActivities.count).toBe(1);
  });

  test("what was written again since is no trouble any more", async () => {
    await workspace.planned([suppressed]);
    await workspace.migration.upload();
    logged([{ id: "a", type: "skipped_update", timestamp: seconds(), customer_id: "1" }]);
    await workspace.migration.verify();
    await workspace.migration.project.store.run(
      "UPDATE delivery SET changed_at = changed_at + 300000000 WHERE state = 'done'",
    );
    expect((await workspace.migration.verify()).failedActivities.count).toBe(0);
  });

  test.each([
    ["a key without that right", { status: 403 }],
    ["an answer nobody can read", { status: 200, body: { activities: "?" } }],
    ["trouble at the server", { status: 500 }],
  ])("that cannot be read is said so, and the reading back counts: %s", async (_, fault) => {
    await workspace.planned([suppressed]);
    await workspace.migration.upload();
    workspace.migration.simulator.setFaults(({ path }) => (path === "/v1/activities" ? fault : undefined));
    const report = await workspace.migration.verify();
    expect(report.missing).toBe(0);
    expect(report.failedActivities.trouble).toMatch(/could not be read whole/);
  });

  test("that is kept for too short a time is said to be", async () => {
    await workspace.planned([suppressed]);
    await workspace.migration.upload();
    await workspace.migration.project.store.run(
      "UPDATE delivery SET changed_at = changed_at - 40 * 86400000000",
    );
    const { trouble } = (await workspace.migration.verify()).failedActivities;
    expect(trouble).toMatch(/keeps its activity log for 30 days/);
    // Read in time from then on, there is no gap.
    expect((await workspace.migration.verify()).failedActivities.trouble).toBeNull();
  });

  test("shows the first hundred of many, and counts all", async () => {
    await workspace.planned([suppressed]);
    await workspace.migration.upload();
    const at = seconds();
    logged(
      Array.from({ length: 130 }, (_, index) => ({
        id: `a${index}`,
        type: "skipped_update",
        timestamp: at,
        customer_id: "1",
      })),
    );
    const { count, items } = (await workspace.migration.verify()).failedActivities;
    expect(count).toBe(130);
    expect(items).toHaveLength(100);
  });
});
