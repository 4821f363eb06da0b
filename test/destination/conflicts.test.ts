import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { state } from "../delivery/test-migration.ts";
import { OccupiedWorkspace } from "./harness.ts";

let workspace: OccupiedWorkspace;
beforeEach(async () => {
  workspace = await OccupiedWorkspace.start();
});
afterEach(() => workspace.migration.end());

const unsubscribed = state("unsubscribed_all");

describe("a look-up in the workspace", () => {
  test("finds nothing to decide where nobody is, and leaves the plan as it was", async () => {
    await workspace.planned([{ userId: "1", email: "one@x.com" }, { email: "lead@x.com" }]);
    const before = await workspace.plan();
    await workspace.lookUp();
    const found = await workspace.state();
    expect(found).toMatchObject({
      planned: { ids: 1, emails: 2 },
      lookedUp: { ids: 1, emails: 2 },
      toDo: { calls: 0, seconds: 0 },
      heldBack: 0,
      warnings: [],
      emailIdentifies: true,
    });
    expect(found.conflicts.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await workspace.plan()).toEqual(before);
  });

  test("finds each kind of conflict, and says what Customer.io would do", async () => {
    await workspace.there({ id: "other", email: "taken@x.com" });
    await workspace.there({ email: "stub@x.com" });
    await workspace.there({ id: "ABC", email: "case@x.com" });
    await workspace.there({ id: "4", email: "old-four@x.com" });
    await workspace.there({ id: "5", email: "five@x.com", unsubscribed: true });
    await workspace.there({ id: "known", email: "cio@x.com" });
    await workspace.there({ id: "same", email: "Same@X.com" });
    const { cioId } = workspace.migration.simulator.personById("known")!;
    await workspace.planned([
      { userId: "1", email: "taken@x.com" },
      { userId: "2", email: "stub@x.com" },
      { userId: "abc", email: "case@x.com" },
      { userId: "4", email: "four@x.com" },
      { userId: "5", email: "five@x.com" },
      { userId: cioId, email: "cio@x.com" },
      { userId: "same", email: "same@x.com" },
      { userId: "7", email: "free@x.com" },
    ]);
    await workspace.lookUp();
    expect(await workspace.codes()).toEqual({
      1: "EMAIL_TAKEN",
      2: "EMAIL_STUB",
      abc: "ID_CASE_DIFFERS",
      4: "EMAIL_CHANGES",
      5: "UNSUBSCRIBED_THERE",
      [cioId]: "ID_IS_CIO_ID",
    });
    const details = Object.fromEntries(
      (await workspace.conflicts()).map(({ code, detail }) => [code, detail]),
    );
    expect(details.EMAIL_TAKEN).toMatch(/belongs to id other there.*two people would become one/);
    expect(details.EMAIL_STUB).toMatch(/would give it our id 2/);
    expect(details.EMAIL_CHANGES).toMatch(/old-four@x.com there and four@x.com here/);
    expect(details.UNSUBSCRIBED_THERE).toMatch(/stays unsubscribed/);
    expect(await workspace.profiles()).toEqual(["id:5", "id:7", "id:same"]);
    expect((await workspace.state()).heldBack).toBe(5);
    expect((await workspace.plan())!.profiles.heldBack).toEqual([
      { persons: 5, reason: expect.stringMatching(/in the workspace already/) },
    ]);
  });

  test("looks addresses of leads up too: one that belongs to a person there stays home", async () => {
    await workspace.there({ id: "other", email: "lead@x.com" });
    await workspace.there({ email: "stub@x.com" });
    await workspace.planned([{ email: "lead@x.com" }, { email: "stub@x.com" }]);
    await workspace.lookUp();
    expect(await workspace.codes()).toEqual({ "lead@x.com": "EMAIL_TAKEN" });
    expect(await workspace.profiles()).toEqual(["email:stub@x.com"]);
    const [conflict] = await workspace.conflicts();
    expect(conflict!.choices.map(({ decision }) => decision)).toEqual(["hold", "write"]);
  });

  test("is not asked for again within the day, except where somebody is in conflict", async () => {
    await workspace.there({ id: "other", email: "taken@x.com" });
    await workspace.planned([
      { userId: "1", email: "taken@x.com" },
      { userId: "2", email: "free@x.com" },
    ]);
    await workspace.lookUp();
    expect((await workspace.state()).toDo.calls).toBe(2);
    await workspace.there({ id: "2", email: "elsewhere@x.com" });
    await workspace.lookUp();
    expect(await workspace.codes()).toEqual({ 1: "EMAIL_TAKEN" });
    await workspace.migration.project.store.run("UPDATE destination_look_up SET looked_up_at = 0");
    await workspace.lookUp();
    expect(await workspace.codes()).toEqual({ 1: "EMAIL_TAKEN", 2: "EMAIL_CHANGES" });
  });

  test("a conflict that is gone there is gone here, and the profile goes", async () => {
    await workspace.there({ id: "other", email: "taken@x.com" });
    await workspace.planned([{ userId: "1", email: "taken@x.com" }]);
    await workspace.lookUp();
    expect(await workspace.profiles()).toEqual([]);
    const { client } = workspace.migration;
    const emptied = {
      ...client,
      profilesByEmails: async () => ({ profiles: new Map(), byLookup: false }),
    };
    await workspace.lookUp(emptied);
    expect(await workspace.conflicts()).toEqual([]);
    expect(await workspace.profiles()).toEqual(["id:1"]);
  });
});

describe("until decided", () => {
  test("a suppression is written all the same: to the id, and to the address by itself, and nobody is merged", async () => {
    await workspace.there({ id: "other", email: "taken@x.com", city: "Bern" });
    await workspace.there({ email: "stub@x.com", city: "Biel" });
    await workspace.there({ id: "3", email: "old-three@x.com" });
    await workspace.planned([
      { userId: "1", email: "taken@x.com", states: [unsubscribed] },
      { userId: "2", email: "stub@x.com", states: [unsubscribed] },
      { userId: "3", email: "three@x.com", states: [unsubscribed] },
    ]);
    await workspace.migration.upload();
    expect((await workspace.migration.verify()).missing).toBe(0);
    expect((await workspace.migration.gate()).blockers).toEqual([]);
    const { simulator } = workspace.migration;
    expect(simulator.personById("other")).toMatchObject({
      email: "taken@x.com",
      attributes: { city: "Bern", unsubscribed: true },
    });
    expect(simulator.peopleByEmail("stub@x.com")).toMatchObject([
      { id: null, attributes: { city: "Biel", unsubscribed: true } },
    ]);
    for (const id of ["1", "2"]) {
      expect(simulator.personById(id)).toMatchObject({ email: null, attributes: { unsubscribed: true } });
    }
    expect(simulator.personById("3")).toMatchObject({
      email: "old-three@x.com",
      attributes: { unsubscribed: true },
    });
    expect(simulator.peopleByEmail("three@x.com")).toMatchObject([{ attributes: { unsubscribed: true } }]);
    expect(simulator.activities().map(({ type }) => type)).not.toContain("profile_merge");
    expect(simulator.activities().map(({ type }) => type)).not.toContain("failed_attribute_change");
    expect(await workspace.migration.reached()).toEqual([]);
  });

  test("with leads on the list alone, an address that nobody has there goes on the list too", async () => {
    await workspace.there({ id: "3", email: "old-three@x.com" });
    await workspace.planned([{ userId: "3", email: "three@x.com", states: [unsubscribed] }]);
    await workspace.migration.plan("esp");
    await workspace.migration.upload();
    expect((await workspace.migration.verify()).missing).toBe(0);
    expect(workspace.migration.simulator.lists().has("bounces", "three@x.com")).toBe(true);
    expect(workspace.migration.simulator.peopleByEmail("three@x.com")).toEqual([]);
  });

  test("the profile stays home, and everybody else's goes", async () => {
    await workspace.there({ id: "other", email: "taken@x.com", city: "Bern" });
    await workspace.planned([
      { userId: "1", email: "taken@x.com", attributes: { city: "Chur" } },
      { userId: "2", email: "two@x.com", attributes: { city: "Thun" } },
    ]);
    await workspace.migrate();
    const { simulator } = workspace.migration;
    expect(simulator.personById("1")).toBeNull();
    expect(simulator.personById("other")).toMatchObject({ attributes: { city: "Bern" } });
    expect(simulator.personById("2")).toMatchObject({ attributes: { city: "Thun" } });
  });
});

describe("a decision", () => {
  test("makes the plan stale, and the next one heeds it", async () => {
    await workspace.there({ email: "stub@x.com", city: "Biel" });
    await workspace.planned([{ userId: "2", email: "stub@x.com", attributes: { name: "Bo" } }]);
    await workspace.lookUp();
    const before = await workspace.plan();
    expect(await workspace.decide("EMAIL_STUB", "write")).toEqual({
      applied: 1,
      unchanged: 0,
      refused: [],
    });
    expect((await workspace.plan())!.current).toBe(false);
    await workspace.migration.plan();
    expect((await workspace.plan())!.hash).not.toBe(before!.hash);
    await workspace.migrate();
    expect(workspace.migration.simulator.personById("2")).toMatchObject({
      email: "stub@x.com",
      attributes: { city: "Biel", name: "Bo" },
    });
  });

  test("to write into an unsubscribed stub keeps the person unsubscribed", async () => {
    await workspace.there({ id: "2", unsubscribed: false });
    await workspace.there({ email: "stub@x.com", unsubscribed: true });
    await workspace.planned([{ userId: "2", email: "stub@x.com" }]);
    await workspace.lookUp();
    await workspace.decide("EMAIL_STUB", "write");
    await workspace.migration.plan();
    await workspace.migrate();
    expect(workspace.migration.simulator.personById("2")).toMatchObject({
      email: "stub@x.com",
      attributes: { unsubscribed: true },
    });
    expect(await workspace.migration.reached()).toEqual([]);
  });

  test("to go without the address of an unsubscribed stub makes the person unsubscribed all the same", async () => {
    await workspace.there({ email: "stub@x.com", unsubscribed: true });
    await workspace.planned([{ userId: "2", email: "stub@x.com" }]);
    await workspace.lookUp();
    await workspace.decide("EMAIL_STUB", "without_email");
    await workspace.migration.plan();
    await workspace.migrate();
    expect(workspace.migration.simulator.personById("2")).toMatchObject({
      email: null,
      attributes: { unsubscribed: true },
    });
    expect(workspace.migration.simulator.peopleByEmail("stub@x.com")).toMatchObject([{ id: null }]);
  });

  test("to go without the address writes the rest and changes no address", async () => {
    await workspace.there({ id: "4", email: "old-four@x.com" });
    await workspace.planned([{ userId: "4", email: "four@x.com", attributes: { city: "Chur" } }]);
    await workspace.lookUp();
    await workspace.decide("EMAIL_CHANGES", "without_email");
    await workspace.migration.plan();
    await workspace.migrate();
    expect(workspace.migration.simulator.personById("4")).toMatchObject({
      email: "old-four@x.com",
      attributes: { city: "Chur" },
    });
  });

  test("counts for the one who was found, not for the next who holds the address", async () => {
    await workspace.there({ id: "other", email: "taken@x.com" });
    await workspace.planned([{ userId: "1", email: "taken@x.com" }]);
    await workspace.lookUp();
    await workspace.decide("EMAIL_TAKEN", "write");
    const { client } = workspace.migration;
    const somebodyElse = {
      ...client,
      profilesByEmails: async (emails: Iterable<string>) => {
        const { profiles, byLookup } = await client.profilesByEmails(emails);
        for (const [email, found] of profiles) {
          profiles.set(
            email,
            found.map((profile) => ({ ...profile, cioId: "next", id: "next" })),
          );
        }
        return { profiles, byLookup };
      },
    };
    await workspace.lookUp(somebodyElse);
    expect(await workspace.conflicts()).toMatchObject([{ there: { userId: "next" }, decision: null }]);
    expect(await workspace.profiles()).toEqual([]);
  });

  test("that the conflict does not take is refused, and nothing is applied", async () => {
    await workspace.there({ id: "other", email: "lead@x.com" });
    await workspace.planned([{ email: "lead@x.com" }]);
    await workspace.lookUp();
    const report = await workspace.decide("EMAIL_TAKEN", "without_email");
    expect(report).toMatchObject({
      applied: 0,
      refused: [{ reason: expect.stringMatching(/takes `accept`, `hold`, `write`/) }],
    });
    expect((await workspace.conflicts())[0]!.decision).toBeNull();
  });

  test("never lifts what Customer.io knows: whatever is decided, whoever is unsubscribed there stays so", async () => {
    await workspace.there({ id: "5", email: "five@x.com", unsubscribed: true });
    await workspace.there({ id: "6", email: "six-there@x.com", unsubscribed: true });
    await workspace.there({ id: "y", email: "seven@x.com", unsubscribed: true });
    await workspace.planned([
      { userId: "5", email: "five@x.com", attributes: { unsubscribed: "false" } },
      { userId: "6", email: "six@x.com" },
      { userId: "7", email: "seven@x.com" },
    ]);
    await workspace.lookUp();
    for (const code of ["UNSUBSCRIBED_THERE", "EMAIL_CHANGES", "EMAIL_TAKEN"]) {
      await workspace.decide(code, "write");
    }
    await workspace.migration.plan();
    await workspace.migrate();
    expect(await workspace.migration.reached()).toEqual([]);
  });
});
