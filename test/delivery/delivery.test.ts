import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failed } from "../../contract/failure.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../../engine/activity/activity.ts";
import { latestReports } from "../../engine/delivery/reports.ts";
import { uploadProfiles, uploadSuppressions } from "../../engine/delivery/upload.ts";
import { lookUpDestination } from "../../engine/destination/look-up.ts";
import { replaceByWord } from "../../engine/sources/replace-file.ts";
import { quietProgress, type Said, state, TestMigration } from "./test-migration.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start();
});
afterEach(() => migration.end());

const unsubscribed = state("unsubscribed_all");

/** One of everything. */
const everybody: Said[] = [
  { userId: "1", email: "one@x.com", states: [unsubscribed] },
  { userId: "1", email: "one-old@x.com" },
  { userId: "2", email: "two@x.com", states: [state("complaint")] },
  { userId: "3", email: "three@x.com", states: [state("hard_bounce")] },
  { email: "lead@x.com", states: [state("manual")] },
  { email: "invalid@x.com", states: [state("hard_bounce", { invalidAddress: true })] },
  { userId: "4", email: "gone@x.com", states: [state("forgotten")] },
  { userId: "5", email: "shared@x.com", states: [unsubscribed] },
  { userId: "6", email: "shared@x.com" },
  { userId: "7", email: "seven@x.com", attributes: { city: "Bern" } },
  { email: "subscriber@x.com", states: [state("implied")] },
];

async function importEverybody(): Promise<void> {
  await migration.import("csv", everybody);
}

/** A client that does something else in places. */
function meddled(meddling: Partial<CustomerIoClient>): CustomerIoClient {
  return { ...migration.client, ...meddling };
}

describe("a whole migration", () => {
  test.each(["profile", "esp"] as const)(
    "opens the gate by proof, and no broadcast reaches a suppressed address (leads: %s)",
    async (choice) => {
      await importEverybody();
      const verified = await migration.run(choice);
      expect(verified).toMatchObject({ missing: 0, persons: 5, addresses: 8, covered: 13 });
      const gate = await migration.gate();
      expect(gate.blockers).toEqual([]);
      expect(gate.certificate).toMatchObject({
        planHash: verified.planHash,
        workspace: { id: migration.simulator.workspace.id, role: "staging" },
        suppressedAddresses: 8,
        suppressedPersons: 5,
      });

      const profiles = await migration.uploadProfiles();
      expect(profiles).toMatchObject({ failed: 0, delivered: profiles.operations });
      migration.simulator.settle();
      expect((await migration.reached()).sort()).toEqual(["seven@x.com", "subscriber@x.com"]);
      expect((await migration.gate()).open).toBe(true);
    },
  );

  test("writes that take their time are waited for", async () => {
    await migration.end();
    migration = await TestMigration.start({ writeDelayMs: 150 });
    await importEverybody();
    expect((await migration.run()).missing).toBe(0);
    expect((await migration.gate()).open).toBe(true);
  });

  test("invalid addresses are proven where Customer.io keeps them among the bounces", async () => {
    await migration.end();
    migration = await TestMigration.start({ invalidAmongBounces: true });
    await importEverybody();
    expect((await migration.run()).missing).toBe(0);
    expect((await migration.gate()).open).toBe(true);
  });

  test("complaints are on their list before any bounce is written, and those before invalid addresses", async () => {
    const lists = { complaint: "spam_reports", hard_bounce: "bounces" } as const;
    await migration.import(
      "csv",
      [1, 2, 3].flatMap((n) => [
        ...Object.keys(lists).map((level) => ({
          email: `${level}.${n}@x.com`,
          // Whoever complained may have bounced too.
          states: [state(level as keyof typeof lists), ...(n === 2 ? [state("hard_bounce")] : [])],
        })),
        { email: `invalid.${n}@x.com`, states: [state("hard_bounce", { invalidAddress: true })] },
      ]),
    );
    const order: string[] = [];
    migration.simulator.setFaults(({ method, path, count }) => {
      const list = method === "POST" ? /suppression\/(\w+)\//.exec(path)?.[1] : undefined;
      if (list === undefined) return undefined;
      order.push(list);
      return count % 4 === 0 ? { status: 429 } : undefined;
    });
    await migration.merge();
    await migration.plan();
    await migration.upload();
    expect(order.length).toBeGreaterThan(10);
    const places = order.map((list) => ["spam_reports", "bounces", "invalid_emails"].indexOf(list));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("nothing to suppress is fine once it is read back", async () => {
    await migration.import("csv", [{ userId: "1", email: "a@x.com" }]);
    await migration.merge();
    await migration.plan();
    expect(await migration.blockers()).toEqual(["NOT_VERIFIED"]);
    await migration.upload();
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("leaves a report of each step, and none of a dry run", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    const { project, client } = migration;
    const dry = await uploadSuppressions(project, client, { dryRun: true }, quietProgress);
    expect(dry).toMatchObject({ dryRun: true, delivered: 0, failed: 0, operations: 9 });
    expect(migration.simulator.peopleCount()).toBe(0);
    expect(await latestReports(project)).toEqual({
      suppressions: null,
      verify: null,
      profiles: null,
      verifyProfiles: null,
    });
    const uploaded = await migration.upload();
    const verified = await migration.verify();
    expect(await latestReports(project)).toEqual({
      suppressions: uploaded,
      verify: verified,
      profiles: null,
      verifyProfiles: null,
    });
  });
});

describe("profiles before proof", () => {
  test("are refused, a dry run too", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    await migration.upload();
    for (const dryRun of [false, true]) {
      await expect(
        uploadProfiles(migration.project, migration.client, { dryRun }, quietProgress),
      ).rejects.toMatchObject({ kind: "locked", code: "GATE_LOCKED" });
    }
    migration.simulator.settle();
    expect(migration.simulator.personById("7")).toBeNull();
  });
});

describe("an upload that is cut short", () => {
  test("between sending and noting the outcome loses nothing when it is started again", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    const dying = meddled({
      async sendBatch(items) {
        await migration.client.sendBatch(items);
        throw new Error("killed");
      },
    });
    await expect(migration.upload(dying)).rejects.toMatchObject({ code: "UPLOAD_STOPPED" });
    await migration.reopen();
    expect(await migration.blockers()).toEqual(["UPLOAD_INCOMPLETE", "NOT_VERIFIED"]);
    const report = await migration.upload();
    expect(report.delivered).toBe(report.operations);
    expect((await migration.verify()).missing).toBe(0);
    expect((await migration.gate()).open).toBe(true);
  });

  test("in the middle of an ESP list goes on where it stopped", async () => {
    await migration.import(
      "csv",
      Array.from({ length: 70 }, (_, index) => ({
        email: `b${index}@x.com`,
        states: [state("hard_bounce")],
      })),
    );
    await migration.merge();
    await migration.plan();
    let calls = 0;
    const dying = meddled({
      async addSuppression(list, email) {
        calls += 1;
        if (calls === 45) throw failed("CUSTOMER_IO_UNREACHABLE", "No answer.", "Try again.");
        return migration.client.addSuppression(list, email);
      },
    });
    await expect(migration.upload(dying)).rejects.toMatchObject({ code: "CUSTOMER_IO_UNREACHABLE" });
    expect((await latestReports(migration.project)).suppressions!.delivered).toBe(59);
    const before = migration.simulator.requestCount();
    const report = await migration.upload();
    expect(report.delivered).toBe(70);
    // The 11 that were open, and two that ask which workspace it is.
    expect(migration.simulator.requestCount() - before).toBeLessThanOrEqual(13);
  });

  test("by the operator's cancelling says so and keeps what was written", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    await lookUpDestination(migration.project, migration.client, quietProgress);
    let reports = 0;
    const cancelling: Progress = {
      ...quietProgress,
      async report() {
        reports += 1;
        if (reports === 3) throw failed("CANCELLED", "Cancelled.", "Start it again when you like.");
      },
    };
    await expect(
      uploadSuppressions(migration.project, migration.client, {}, cancelling),
    ).rejects.toMatchObject({ code: "CANCELLED" });
    expect((await latestReports(migration.project)).suppressions!.delivered).toBeGreaterThan(0);
    const report = await migration.upload();
    expect(report.delivered).toBe(report.operations);
  });

  test("by trouble that outlasts the retries fails, and is complete after another run", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    migration.simulator.setFaults((request) =>
      request.path === "/api/v2/batch" ? { status: 503 } : undefined,
    );
    await expect(migration.upload()).rejects.toMatchObject({ kind: "failed" });
    migration.simulator.setFaults(undefined);
    const report = await migration.upload();
    expect(report.delivered).toBe(report.operations);
  });
});

describe("a second upload", () => {
  test("of the same plan sends nothing", async () => {
    await importEverybody();
    await migration.run();
    const before = migration.simulator.requestCount();
    const report = await migration.upload();
    expect(report.delivered).toBe(report.operations);
    expect(
      migration.simulator
        .requests()
        .slice(before)
        .filter(({ method }) => method === "POST"),
    ).toEqual([]);
  });

  test("after something changed sends only that", async () => {
    await importEverybody();
    await migration.run();
    await migration.import("klaviyo", [{ userId: "7", email: "seven@x.com", states: [unsubscribed] }]);
    await migration.merge();
    await migration.plan();
    expect(await migration.blockers()).toEqual(["UPLOAD_INCOMPLETE", "VERIFY_OUTDATED"]);
    const before = migration.simulator.requestCount();
    await migration.upload();
    const writes = migration.simulator
      .requests()
      .slice(before)
      .filter(({ method }) => method === "POST");
    expect(writes.map(({ path }) => path)).toEqual(["/api/v2/batch"]);
    migration.simulator.settle();
    expect(migration.simulator.personById("7")!.attributes.unsubscribed).toBe(true);
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("sends again what was sent with other content in between", async () => {
    await importEverybody();
    await migration.run();
    await migration.uploadProfiles();
    const city = async () => {
      await migration.uploadProfiles();
      migration.simulator.settle();
      return migration.simulator.personById("7")!.attributes.city;
    };
    const later = await migration.import("klaviyo", [
      { userId: "7", updatedAt: 5, attributes: { city: "Rome" } },
    ]);
    await migration.run();
    expect(await city()).toBe("Rome");
    const latest = await migration.import("klaviyo", [{ userId: "7" }]);
    await replaceByWord(migration.project, later, latest, "the city was wrong");
    await migration.run();
    expect(await city()).toBe("Bern");
  });
});

test("what Customer.io refuses for good is listed and locks the gate, and the rest is delivered", async () => {
  await importEverybody();
  await migration.merge();
  await migration.plan();
  const { sendBatch } = migration.client;
  const refusing = meddled({
    sendBatch: async (items) => {
      const outcomes = await sendBatch(items);
      return outcomes.map((outcome, index) =>
        index === 0 ? { kind: "refused", reason: "identifiers.id: invalid" } : outcome,
      );
    },
  });
  const report = await migration.upload(refusing);
  expect(report.failed).toBe(1);
  expect(report.failures).toEqual([
    expect.objectContaining({
      subject: "id:1",
      mechanism: "unsubscribe_person",
      reason: "identifiers.id: invalid",
    }),
  ]);
  expect(report.delivered).toBe(report.operations - 1);
  expect(await migration.blockers()).toContain("UPLOAD_FAILED");
});

test("items that Customer.io refuses with a 207 lock the gate", async () => {
  await migration.end();
  migration = await TestMigration.start({ identifiers: "id" });
  await migration.import("csv", [
    { userId: "1", email: "one@x.com", states: [unsubscribed] },
    { email: "lead@x.com", states: [unsubscribed] },
  ]);
  await migration.merge();
  await migration.plan();
  const report = await migration.upload();
  expect(report).toMatchObject({ delivered: 1, failed: 1 });
  expect(report.failures[0]!.subject).toBe("email:lead@x.com");
  expect(await migration.blockers()).toContain("UPLOAD_FAILED");
});

describe("what reading back does not find", () => {
  /** Whoever is there before is found by the look-up; these come after it. */
  async function lookedUp(): Promise<void> {
    await migration.import("csv", [{ userId: "1", email: "one@x.com", states: [unsubscribed] }]);
    await migration.merge();
    await migration.plan();
    await lookUpDestination(migration.project, migration.client, quietProgress);
  }

  test("an address in the hands of another profile is found missing, and the next plan unsubscribes that profile", async () => {
    await lookedUp();
    await migration.client.sendBatch([
      { type: "person", action: "identify", identifiers: { id: "1" }, attributes: { email: "mine@x.com" } },
      {
        type: "person",
        action: "identify",
        identifiers: { id: "stranger" },
        attributes: { email: "One@x.com" },
      },
    ]);
    migration.simulator.settle();
    const verified = await migration.run();
    expect(verified.missingItems).toEqual([
      expect.objectContaining({
        subject: "email:one@x.com",
        reason: expect.stringContaining("not unsubscribed"),
      }),
    ]);
    expect(await migration.blockers()).toEqual(["PLAN_STALE", "VERIFY_MISSING"]);

    await migration.plan();
    await migration.upload();
    expect((await migration.verify()).missing).toBe(0);
    expect((await migration.gate()).open).toBe(true);
    expect(migration.simulator.personById("stranger")!.attributes.unsubscribed).toBe(true);
    expect(await migration.reached()).not.toContain("one@x.com");
  });

  test("an address that its person's profile did not take gets a write of its own", async () => {
    await lookedUp();
    await migration.client.sendBatch([
      { type: "person", action: "identify", identifiers: { id: "1" }, attributes: { email: "other@x.com" } },
    ]);
    migration.simulator.settle();
    expect((await migration.run()).missing).toBe(1);
    expect((await migration.run()).missing).toBe(0);
    expect((await migration.gate()).open).toBe(true);
    expect(migration.simulator.peopleByEmail("one@x.com")[0]!.attributes.unsubscribed).toBe(true);
  });

  test("writes that were accepted and then dropped lock the gate until they are sent again", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    migration.simulator.setFaults((request) =>
      request.path === "/api/v2/batch" ? { status: 200, body: "{}\n" } : undefined,
    );
    await migration.upload();
    migration.simulator.setFaults(undefined);
    const verified = await migration.verify();
    expect(verified.missing).toBeGreaterThan(0);
    expect(await migration.blockers()).toEqual(["UPLOAD_INCOMPLETE", "VERIFY_MISSING"]);
    await migration.upload();
    expect((await migration.verify()).missing).toBe(0);
    expect((await migration.gate()).open).toBe(true);
  });

  test("an ESP list entry that is gone locks the gate until it is written again", async () => {
    await importEverybody();
    await migration.run();
    await migration.client.removeSuppression("bounces", "three@x.com");
    const verified = await migration.verify();
    expect(verified.missingItems).toEqual([
      expect.objectContaining({
        subject: "email:three@x.com",
        reason: "The address is not on its ESP suppression list.",
      }),
    ]);
    expect((await migration.gate()).open).toBe(false);
    await migration.upload();
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("a forgotten person with a subscribed profile locks the gate", async () => {
    await migration.client.sendBatch([
      {
        type: "person",
        action: "identify",
        identifiers: { id: "4" },
        attributes: { email: "new-address@x.com" },
      },
    ]);
    migration.simulator.settle();
    await importEverybody();
    const verified = await migration.run();
    expect(verified.missingItems).toEqual([
      expect.objectContaining({ subject: "id:4", nextStep: expect.stringContaining("Erase") }),
    ]);
    expect((await migration.gate()).open).toBe(false);
  });

  test("a failing read leaves the gate locked", async () => {
    await importEverybody();
    await migration.merge();
    await migration.plan();
    await migration.upload();
    migration.simulator.setFaults((request) =>
      request.path === "/v1/customers/attributes" ? { status: 503 } : undefined,
    );
    await expect(migration.verify()).rejects.toMatchObject({ kind: "failed" });
    expect(await migration.blockers()).toEqual(["NOT_VERIFIED"]);
  });
});

test("keys of another workspace are refused before anything is written", async () => {
  await importEverybody();
  await migration.merge();
  await migration.plan();
  const elsewhere = meddled({ workspace: async () => ({ id: 9, region: "us", name: "Elsewhere" }) });
  await expect(migration.upload(elsewhere)).rejects.toMatchObject({
    kind: "bad_input",
    code: "WRONG_WORKSPACE",
  });
  expect(migration.simulator.peopleCount()).toBe(0);
});

test("the journal tells what was sent without a single address", async () => {
  await importEverybody();
  await migration.run();
  const text = await readFile(join(migration.project.folder, "journal.ndjson"), "utf8");
  expect(text).toContain("batch_intended");
  expect(text).toContain("upload_ended");
  expect(text).not.toContain("@");
});

test("a journal with a line changed, taken out or cut off its end locks the gate", async () => {
  await importEverybody();
  await migration.run();
  const file = join(migration.project.folder, "journal.ndjson");
  const text = await readFile(file, "utf8");
  const lines = text.trimEnd().split("\n");
  for (const broken of [
    text.replace('"accepted":', '"accepted_":'),
    [...lines.slice(0, 3), ...lines.slice(4), ""].join("\n"),
    [...lines.slice(0, -1), ""].join("\n"),
  ]) {
    await writeFile(file, broken);
    expect(await migration.blockers()).toEqual(["JOURNAL_BROKEN"]);
  }
  await writeFile(file, text);
  expect((await migration.gate()).open).toBe(true);
});
