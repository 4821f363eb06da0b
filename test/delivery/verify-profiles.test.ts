import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProfilesVerifyReport } from "../../contract/delivery.ts";
import { latestReports } from "../../engine/delivery/reports.ts";
import { verifyProfiles } from "../../engine/delivery/verify-profiles.ts";
import { quietProgress, type Said, state, TestMigration } from "./test-migration.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start();
});
afterEach(() => migration.end());

const attributes = {
  city: "Bern",
  age: 41,
  score: 1.5,
  vip: true,
  tags: ["a", "b"],
  address: { zip: "3011" },
};
const people: Said[] = [
  { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
  { userId: "2", email: "two@x.com", attributes },
  { userId: "3", email: "three@x.com", attributes: { city: "Bern" } },
  { email: "lead@x.com", states: [state("implied")] },
];

/** An open gate and uploaded profiles. */
async function uploadEverybody(): Promise<void> {
  await migration.import("csv", people);
  await migration.run();
  await migration.uploadProfiles();
}

function readBack(): Promise<ProfilesVerifyReport> {
  return verifyProfiles(migration.project, migration.client, quietProgress, {
    settleMilliseconds: migration.settleMilliseconds,
    firstPauseMilliseconds: 20,
  });
}

/** Attributes as they stand in the workspace, to be changed by hand. */
function inWorkspace(id: string): Record<string, unknown> {
  return migration.simulator.personById(id)!.attributes as Record<string, unknown>;
}

describe("reading profiles back", () => {
  test("finds all of them where all arrived, whatever kinds of values they hold", async () => {
    await uploadEverybody();
    const report = await readBack();
    expect(report).toMatchObject({
      profiles: 4,
      arrived: 4,
      missing: 0,
      missingItems: [],
      differingAttributes: [],
    });
    expect((await latestReports(migration.project)).verifyProfiles).toEqual(report);
    expect((await migration.gate()).open).toBe(true);
  });

  test("names a profile that was accepted and dropped, and the next upload sends it and no other again", async () => {
    migration.simulator.setItemFaults((item) =>
      (item as { identifiers: { id?: string } }).identifiers.id === "3" ? "drop" : undefined,
    );
    await uploadEverybody();
    migration.simulator.setItemFaults(undefined);
    const report = await readBack();
    expect(report).toMatchObject({ profiles: 4, arrived: 3, missing: 1 });
    expect(report.missingItems).toMatchObject([
      { subject: "id:3", reason: "Customer.io has no such profile." },
    ]);

    const sent: number[] = [];
    migration.simulator.setFaults((request) => {
      if (request.path === "/api/v2/batch") sent.push(JSON.parse(request.body).batch.length);
      return undefined;
    });
    expect(await migration.uploadProfiles()).toMatchObject({ operations: 4, delivered: 4 });
    expect(sent).toEqual([1]);
    expect(await readBack()).toMatchObject({ profiles: 4, arrived: 4, missing: 0 });
  });

  test("waits for writes that take effect late", async () => {
    await migration.end();
    migration = await TestMigration.start({ writeDelayMs: 120 });
    migration.settleMilliseconds = 2_000;
    await uploadEverybody();
    expect(await readBack()).toMatchObject({ arrived: 4, missing: 0 });
  });

  test("names a profile that has nothing of what was written, and one that did not take its address", async () => {
    await uploadEverybody();
    delete inWorkspace("2").sendgate_source;
    migration.simulator.personById("3")!.email = "somebody.else@x.com";
    expect((await readBack()).missingItems).toMatchObject([
      { subject: "id:2", reason: expect.stringContaining("has nothing of what was written") },
      { subject: "id:3", reason: expect.stringContaining("has another address") },
    ]);
  });

  test("counts attributes that somebody changed, and does not write them again", async () => {
    await uploadEverybody();
    Object.assign(inWorkspace("2"), { city: "Basel", age: 42, tags: ["a"] });
    inWorkspace("3").city = "Basel";
    expect(await readBack()).toMatchObject({
      missing: 0,
      differingAttributes: [
        { name: "city", profiles: 2 },
        { name: "age", profiles: 1 },
        { name: "tags", profiles: 1 },
      ],
    });
    await migration.uploadProfiles();
    expect(inWorkspace("2").city).toBe("Basel");
  });

  test("locks the gate again where a suppressed person turns out to be subscribed", async () => {
    await uploadEverybody();
    delete inWorkspace("1").unsubscribed;
    const report = await readBack();
    expect(report).toMatchObject({ missing: 1, subscribed: 1 });
    expect(report.missingItems[0]).toMatchObject({
      subject: "id:1",
      nextStep: expect.stringContaining("locked"),
    });
    expect(await migration.blockers()).toContain("NOT_VERIFIED");

    // The way out that it names.
    expect((await migration.verify()).missing).toBeGreaterThan(0);
    await migration.upload();
    expect((await migration.verify()).missing).toBe(0);
    expect(await migration.blockers()).toEqual([]);
    await migration.uploadProfiles();
    expect(await readBack()).toMatchObject({ arrived: 4, missing: 0, subscribed: 0 });
  });

  test("locks the gate although it is cut short after it saw somebody suppressed who is subscribed", async () => {
    await uploadEverybody();
    delete inWorkspace("1").unsubscribed;
    const abort = new AbortController();
    const progress = {
      ...quietProgress,
      signal: abort.signal,
      start: (step: string) => {
        if (step.startsWith("Waiting")) abort.abort();
      },
      report: async () => abort.signal.throwIfAborted(),
    };
    await expect(verifyProfiles(migration.project, migration.client, progress)).rejects.toThrow();
    expect(await migration.blockers()).toContain("NOT_VERIFIED");
  });

  test("locks the gate where the profile that keeps an opt-out is gone", async () => {
    await uploadEverybody();
    await migration.client.eraseProfile({ id: "1" });
    const report = await readBack();
    expect(report).toMatchObject({ missing: 1, subscribed: 1 });
    expect(report.missingItems).toMatchObject([
      { subject: "id:1", reason: expect.stringContaining("kept the opt-out is gone") },
    ]);
    expect(await migration.blockers()).toContain("NOT_VERIFIED");
  });

  test("names what is lost again and again, until it is there", async () => {
    await uploadEverybody();
    const { sendgate_source } = inWorkspace("2");
    delete inWorkspace("2").sendgate_source;
    expect(await readBack()).toMatchObject({ profiles: 4, missing: 1 });
    expect(await readBack()).toMatchObject({ profiles: 4, missing: 1 });

    // It took effect at last: nothing is left to send.
    inWorkspace("2").sendgate_source = sendgate_source;
    expect(await readBack()).toMatchObject({ profiles: 4, missing: 0 });
    migration.simulator.setFaults((request) =>
      request.path === "/api/v2/batch" ? { status: 500 } : undefined,
    );
    expect(await migration.uploadProfiles()).toMatchObject({ delivered: 4 });
  });

  test("an address that was changed over there is not written over without a decision", async () => {
    await migration.end();
    migration = await TestMigration.start({ allowEmailUpdateById: true });
    await uploadEverybody();
    await migration.client.sendBatch([
      {
        type: "person",
        action: "identify",
        identifiers: { id: "3" },
        attributes: { email: "new.three@x.com" },
      },
    ]);
    expect((await readBack()).missingItems).toMatchObject([{ subject: "id:3" }]);
    await migration.uploadProfiles().catch(() => undefined);
    expect(migration.simulator.personById("3")!.email).toBe("new.three@x.com");
    expect((await migration.operations("profiles")).map(({ subject }) => subject)).not.toContain("id:3");
  });

  test("counts nothing that a half-read answer said", async () => {
    await uploadEverybody();
    migration.simulator.setFaults((request) =>
      request.path === "/v1/customers/attributes" ? "truncate" : undefined,
    );
    await expect(readBack()).rejects.toMatchObject({ kind: "failed" });
    expect((await latestReports(migration.project)).verifyProfiles).toBeNull();
  });
});

test("reading suppressions back does not wait for writes that were refused", async () => {
  migration.simulator.setItemFaults(() => "refuse");
  // A wait of this length would outlast the test.
  migration.settleMilliseconds = 600_000;
  await migration.import("csv", people);
  const report = await migration.run();
  expect(report.missingItems.map(({ subject }) => subject)).toEqual(["id:1", "email:one@x.com"]);
});
