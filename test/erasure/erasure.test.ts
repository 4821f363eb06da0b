import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CustomerIoClient } from "../../customerio/client.ts";
import { erase, previewErasure } from "../../engine/erasure/erase.ts";
import { quietProgress, type Said, state, TestMigration } from "../delivery/test-migration.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start({ workspaceName: "Acme Mail" });
});
afterEach(() => migration.end());

interface Whom {
  userIds?: string[];
  emails?: string[];
  forgotten?: boolean;
}

const whole = (whom: Whom) => ({ userIds: [], emails: [], forgotten: false, ...whom });
const eraseThem = (whom: Whom, confirm: string | undefined, client: CustomerIoClient = migration.client) =>
  erase(migration.project, client, { ...whole(whom), confirm, decidedBy: "test" }, quietProgress, 500);

const people: Said[] = [
  { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
  { userId: "2", email: "two@x.com" },
];

/** A profile that was there before. */
const holds = async (id: string, email: string) => {
  await migration.client.sendBatch([
    { type: "person", action: "identify", identifiers: { id }, attributes: { email } },
  ]);
  migration.simulator.settle();
};

const erasingCalls = () =>
  migration.simulator
    .requests()
    .filter(({ path }) => path === "/api/v2/entity" || path.endsWith("/suppress"));

describe("an erasure", () => {
  test.each([
    ["nothing", undefined],
    ["another number", "erase 2 people in Acme Mail"],
    ["another name", "erase 1 people in Acme"],
    ["another letter case", "Erase 1 people in Acme Mail"],
  ])("deletes nobody where %s was typed", async (_, typed) => {
    await holds("2", "two@x.com");
    await migration.import("csv", people);
    await migration.run();
    await expect(eraseThem({ userIds: ["2"] }, typed)).rejects.toMatchObject({
      kind: "bad_input",
      code: "CONFIRM_ERASURE",
      nextStep: expect.stringContaining('--confirm "erase 1 people in Acme Mail"'),
    });
    expect(erasingCalls()).toEqual([]);
    expect(migration.simulator.personById("2")).not.toBeNull();
  });

  test("deletes for ever whom the operator names, and blocks id and address", async () => {
    await holds("2", "two@x.com");
    await migration.import("csv", people);
    await migration.run();
    const {
      confirm,
      profiles,
      people: count,
    } = await previewErasure(migration.project, migration.client, whole({ userIds: ["2"] }));
    expect({ profiles, count }).toEqual({ profiles: 1, count: 1 });
    expect(await eraseThem({ userIds: ["2"] }, confirm)).toMatchObject({
      erased: 2,
      stillThere: 0,
      refused: [],
    });
    await holds("2", "two@x.com");
    expect(migration.simulator.personById("2")).toBeNull();
    expect(migration.simulator.peopleByEmail("two@x.com")).toEqual([]);
  });

  test("counts the address that the profile holds over there, which is blocked as well, and the plan knows it", async () => {
    await migration.import("csv", people);
    await migration.run();
    await holds("2", "moved@x.com");
    const preview = await previewErasure(migration.project, migration.client, whole({ userIds: ["2"] }));
    expect(preview).toMatchObject({ people: 1, profiles: 1, identifiers: 3 });
    expect(await eraseThem({ userIds: ["2"] }, preview.confirm)).toMatchObject({ erased: 3 });
    await holds("3", "moved@x.com");
    expect(migration.simulator.peopleByEmail("moved@x.com")).toEqual([]);
  });

  test("leaves whoever holds an address of somebody else over there, who would never get mail again", async () => {
    await migration.import("csv", people);
    await migration.run();
    await holds("2", "one@x.com");
    const preview = await previewErasure(
      migration.project,
      migration.client,
      whole({ userIds: ["2"], emails: ["stranger@x.com"] }),
    );
    expect(preview).toMatchObject({ people: 1, identifiers: 1, left: [{ subject: "id:2" }] });
    const both = await previewErasure(migration.project, migration.client, whole({ userIds: ["1", "2"] }));
    expect(both).toMatchObject({ people: 2, left: [] });
  });

  test("leaves whoever holds an address of somebody who is left", async () => {
    const others = ["3", "4"].map((id) => ({ userId: id, email: `${id}@x.com` }));
    await migration.import("csv", [...people, ...others]);
    await migration.run();
    await holds("4", "3@x.com");
    await holds("2", "4@x.com");
    const request = whole({ userIds: ["4", "2"], emails: ["stranger@x.com"] });
    const preview = await previewErasure(migration.project, migration.client, request);
    expect(preview.left.map(({ subject }) => subject)).toEqual(["id:4", "id:2"]);
    expect(preview).toMatchObject({ people: 1, identifiers: 1 });
  });

  test("comes last: not while suppressions are still to be sent", async () => {
    await migration.import("csv", people);
    await migration.merge();
    await migration.plan();
    await expect(eraseThem({ userIds: ["2"] }, "erase 1 people in Acme Mail")).rejects.toMatchObject({
      kind: "locked",
      code: "ERASE_LAST",
    });
    expect(erasingCalls()).toEqual([]);
  });

  test("is never part of a plan, an upload or a reading back", async () => {
    await migration.import("csv", [
      ...people,
      { userId: "9", email: "nine@x.com", states: [state("forgotten")] },
    ]);
    await migration.run();
    await migration.uploadProfiles();
    expect(erasingCalls()).toEqual([]);
    const operations = [
      ...(await migration.operations("suppressions")),
      ...(await migration.operations("profiles")),
    ];
    expect(JSON.stringify(operations)).not.toContain('"suppress"');
  });

  test("of all who asked to be forgotten takes them and nobody else", async () => {
    await holds("9", "nine@x.com");
    await holds("2", "two@x.com");
    await migration.import("csv", [
      ...people,
      { userId: "9", email: "nine@x.com", states: [state("forgotten")] },
    ]);
    await migration.run();
    expect(await migration.blockers()).toContain("VERIFY_MISSING");
    const report = await eraseThem({ forgotten: true }, "erase 1 people in Acme Mail");
    expect(report).toMatchObject({ people: 1, profiles: 1, erased: 2 });
    expect(migration.simulator.personById("9")).toBeNull();
    expect(migration.simulator.personById("2")).not.toBeNull();

    await migration.plan();
    await migration.upload();
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("counts whoever was erased as forgotten from then on, so that the gate opens again", async () => {
    await migration.import("csv", people);
    await migration.run();
    expect((await migration.gate()).open).toBe(true);
    await eraseThem({ userIds: ["1"] }, "erase 1 people in Acme Mail");
    expect(await migration.blockers()).toContain("PLAN_STALE");
    await migration.plan();
    const subjects = (await migration.operations("profiles")).map(({ subject }) => subject);
    expect(subjects).toEqual(["id:2"]);
    await migration.upload();
    await migration.verify();
    expect(await migration.blockers()).toEqual([]);
  });

  test("leaves an address alone that the profile of somebody else holds, and says so", async () => {
    await holds("77", "two@x.com");
    await migration.import("csv", people);
    await migration.run();
    const report = await eraseThem({ userIds: ["2"] }, "erase 1 people in Acme Mail");
    expect(report.left).toMatchObject([
      { subject: "email:two@x.com", nextStep: expect.stringContaining("77") },
    ]);
    expect(migration.simulator.personById("77")).not.toBeNull();
  });

  test("asks for the user_id where an address belongs to several people", async () => {
    await migration.import("csv", [...people, { userId: "3", email: "two@x.com" }]);
    await migration.run();
    await expect(eraseThem({ emails: ["two@x.com"] }, "erase 1 people in Acme Mail")).rejects.toMatchObject({
      code: "ERASE_AMBIGUOUS",
    });
    expect(erasingCalls()).toEqual([]);
  });

  test("that was cut short is on record and can be asked for again", async () => {
    await holds("2", "two@x.com");
    await migration.import("csv", people);
    await migration.run();
    const dying = {
      ...migration.client,
      eraseProfile: async (...call: Parameters<CustomerIoClient["eraseProfile"]>) => {
        await migration.client.eraseProfile(...call);
        throw new Error("killed");
      },
    };
    await expect(eraseThem({ userIds: ["2"] }, "erase 1 people in Acme Mail", dying)).rejects.toThrow(
      "killed",
    );
    await migration.reopen();
    expect(await migration.project.store.rows("SELECT DISTINCT state FROM erasure")).toEqual([
      { state: "intent" },
    ]);
    expect(await migration.blockers()).toContain("PLAN_STALE");
    await migration.plan();
    await migration.upload();
    await eraseThem({ userIds: ["2"] }, "erase 1 people in Acme Mail");
    expect(await migration.project.store.rows("SELECT DISTINCT state FROM erasure")).toEqual([
      { state: "done" },
    ]);
  });

  test("reports what Customer.io refuses, and does not count it as erased", async () => {
    await migration.import("csv", people);
    await migration.run();
    const refused = {
      status: 400,
      body: { errors: [{ reason: "invalid", field: "id", message: "no such id" }] },
    };
    migration.simulator.setFaults(({ path }) => (path === "/api/v2/entity" ? refused : undefined));
    const report = await eraseThem({ userIds: ["2"] }, "erase 1 people in Acme Mail");
    expect(report).toMatchObject({
      erased: 0,
      refused: [{ subject: "id:2" }, { subject: "email:two@x.com" }],
    });
  });

  test("leaves no identifier in the journal", async () => {
    await migration.import("csv", people);
    await migration.run();
    await eraseThem({ userIds: ["2"], emails: ["stranger@y.com"] }, "erase 2 people in Acme Mail");
    const journal = await readFile(join(migration.project.folder, "journal.ndjson"), "utf8");
    expect(journal).toContain("erasure_settled");
    expect(journal).not.toMatch(/x\.com|y\.com/);
  });
});
