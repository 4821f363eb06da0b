import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failed } from "../../contract/failure.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import { now } from "../../engine/clock.ts";
import { send as sendThroughGate } from "../../engine/send/send.ts";
import { acceptRejects } from "../../engine/sources/rejects.ts";
import { saveWorkspace } from "../../engine/workspace/stored-workspaces.ts";
import { quietProgress, type Said, state, TestMigration } from "./test-migration.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start();
});
afterEach(() => migration.end());

const people: Said[] = [
  { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
  { userId: "2", email: "two@x.com" },
];

describe("the gate", () => {
  test("names what is to be done, in the order in which it is done", async () => {
    expect(await migration.blockers()).toEqual(["NO_SOURCES", "NOT_MERGED", "NOT_PLANNED", "NOT_VERIFIED"]);
    await migration.import("csv", people);
    expect(await migration.blockers()).toEqual(["NOT_MERGED", "NOT_PLANNED", "NOT_VERIFIED"]);
    await migration.merge();
    expect(await migration.blockers()).toEqual(["NOT_PLANNED", "NOT_VERIFIED"]);
    await migration.plan();
    expect(await migration.blockers()).toEqual(["NOT_UPLOADED", "NOT_VERIFIED"]);
    await migration.upload();
    expect(await migration.blockers()).toEqual(["NOT_VERIFIED"]);
    await migration.verify();
    expect(await migration.gate()).toMatchObject({ open: true, blockers: [] });
  });

  test("closes again when an export is added", async () => {
    await migration.import("csv", people);
    await migration.run();
    await migration.import("klaviyo", [{ userId: "2", states: [state("manual")] }]);
    expect(await migration.blockers()).toEqual(["MERGE_STALE", "PLAN_STALE"]);
    await migration.merge();
    expect(await migration.blockers()).toEqual(["PLAN_STALE", "VERIFY_OUTDATED"]);
  });

  test("closes when the reading back is older than the freshness limit", async () => {
    await migration.import("csv", people);
    await migration.run();
    const hours = (count: number) => () => now() + count * 3_600_000_000;
    expect((await migration.gate(24, hours(23))).open).toBe(true);
    const gate = await migration.gate(24, hours(25));
    expect(gate.blockers.map(({ code }) => code)).toEqual(["VERIFY_EXPIRED", "LEAKS_UNREAD"]);
    expect(gate.certificate).toBeNull();
  });

  test("stays locked for rejected rows of a file with suppressions until they are accepted", async () => {
    const file = await migration.import("mailchimp", people, "unsubscribed_a.csv");
    await migration.project.store.run(
      `INSERT INTO unreadable_row (file_id, line, reason, row_text) VALUES (${file}, 9, 'too many cells', 'x')`,
    );
    await migration.run();
    const gate = await migration.gate();
    expect(gate.blockers).toEqual([
      expect.objectContaining({
        code: "REJECTED_ROWS",
        message: expect.stringContaining("1 row of unsubscribed_a.csv"),
      }),
    ]);
    await acceptRejects(migration.project, "all", "looked at by hand");
    expect((await migration.gate()).open).toBe(true);
  });

  test("stays locked for a suppression that belongs to nobody until it is accepted", async () => {
    await migration.import("mailchimp", [
      ...people,
      { email: "not an address", states: [state("complaint")] },
    ]);
    await migration.run();
    expect(await migration.blockers()).toEqual(["REJECTED_ROWS"]);
    await acceptRejects(migration.project, "all", "a test row");
    expect((await migration.gate()).open).toBe(true);
  });

  test("closes when the project is bound to another workspace", async () => {
    await migration.import("csv", people);
    await migration.run();
    const workspace = await migration.project.workspace();
    await saveWorkspace(migration.project.store, { ...workspace!, id: 99 });
    expect(await migration.blockers()).toEqual(["NOT_UPLOADED", "NOT_VERIFIED"]);
    await migration.project.store.run("DELETE FROM workspace");
    expect(await migration.blockers()).toEqual(["NO_WORKSPACE", "NOT_VERIFIED"]);
  });
});

describe("a broadcast", () => {
  const send = (client: CustomerIoClient = migration.client, dryRun = false) =>
    sendThroughGate(migration.project, async () => client, { kind: "broadcast", number: 1 }, quietProgress, {
      dryRun,
      triggerIntervalMilliseconds: 0,
      comparisonPauses: [0],
    });

  test("is not sent while the gate is locked, and the first reasons are told", async () => {
    await migration.import("csv", people);
    await expect(send()).rejects.toMatchObject({
      kind: "locked",
      code: "GATE_LOCKED",
      message: expect.stringContaining("Nothing has been merged yet."),
    });
    expect(migration.simulator.requestCount()).toBe(0);
  });

  test("is sent once the gate is open, to nobody who is suppressed", async () => {
    await migration.import("csv", people);
    await migration.run();
    await migration.uploadProfiles();
    migration.simulator.settle();
    expect(await send(migration.client, true)).toMatchObject({ dryRun: true, triggerId: null });
    expect(migration.simulator.triggers()).toHaveLength(0);
    const { triggerId } = await send();
    expect(migration.simulator.deliveriesOf(triggerId!).map(({ email }) => email)).toEqual(["two@x.com"]);
  });

  test("is never sent again after an unclear answer", async () => {
    await migration.import("csv", people);
    await migration.run();
    migration.simulator.setFaults((request) =>
      request.method === "POST" && request.path.endsWith("/triggers") ? "reset-after" : undefined,
    );
    await expect(send()).rejects.toMatchObject({ code: "SEND_UNCLEAR" });
    migration.simulator.setFaults(undefined);
    await migration.reopen();
    await expect(send()).rejects.toMatchObject({
      code: "SEND_UNCLEAR",
      nextStep: expect.stringContaining("Customer.io"),
    });
    expect(migration.simulator.triggers()).toHaveLength(1);
  });

  test("that certainly was not sent can be sent again", async () => {
    await migration.import("csv", people);
    await migration.run();
    const refusing = {
      ...migration.client,
      triggerBroadcast: async () => {
        throw failed("BROADCAST_REFUSED", "No such broadcast.", "Check the number.");
      },
    };
    await expect(send(refusing)).rejects.toMatchObject({ code: "BROADCAST_REFUSED" });
    expect((await send()).triggerId).toBe(1);
  });
});

test("whatever the exports say and whatever gets lost on the way, an open gate means that no suppressed address is reachable", async () => {
  const emails = ["a@x.com", "B@x.com", "c@x.com"] as const;
  const levels = ["forgotten", "complaint", "hard_bounce", "manual", "unsubscribed_all", "implied"] as const;
  const said = fc.record({
    userId: fc.constantFrom(null, "1", "2"),
    email: fc.constantFrom(...emails),
    updatedAt: fc.constantFrom(null, 1, 2),
    states: fc.array(
      fc.constantFrom(...levels).map((level) => state(level)),
      { maxLength: 1 },
    ),
  });
  // Profiles that were in the workspace before, in the way of ours.
  const stranger = fc.record({
    id: fc.constantFrom("1", "2", "8", "9"),
    email: fc.constantFrom("a@x.com", "b@x.com", "c@x.com", "else@x.com", "other@x.com"),
  });
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(said, { minLength: 1, maxLength: 5 }),
      fc.array(stranger, { maxLength: 4 }),
      fc.array(fc.boolean(), { maxLength: 4 }),
      fc.constantFrom("profile" as const, "esp" as const),
      async (records, strangers, drops, choice) => {
        const run = await TestMigration.start();
        run.settleMilliseconds = 1;
        try {
          for (const { id, email } of strangers) {
            await run.client.sendBatch([
              { type: "person", action: "identify", identifiers: { id }, attributes: { email } },
            ]);
          }
          await run.import("csv", records);
          await run.merge();
          const lost = [...drops];
          for (let round = 0; round < 3; round++) {
            await run.plan(choice);
            run.simulator.setFaults(({ method, path }) => {
              const writes = path === "/api/v2/batch" || (method === "POST" && path.includes("/esp/"));
              return writes && lost.shift() ? { status: 200, body: "{}\n" } : undefined;
            });
            await run.upload();
            run.simulator.setFaults(undefined);
            await run.verify();
            if (!(await run.gate()).open) continue;
            opened += 1;
            await run.uploadProfiles();
            run.simulator.settle();
            const suppressed = new Set(await run.suppressedAddresses());
            expect((await run.reached()).filter((email) => suppressed.has(email))).toEqual([]);
            break;
          }
        } finally {
          await run.end();
        }
      },
    ),
    { numRuns: 25 },
  );
  expect(opened).toBeGreaterThan(0);
}, 180_000);
