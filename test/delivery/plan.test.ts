import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { currentPlan, mapTopic } from "../../engine/plan/plan.ts";
import { quietProgress, type Said, state, TestMigration } from "./test-migration.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start();
});
afterEach(() => migration.end());

/** Writes of one mechanism, by subject. */
async function written(mechanism: string) {
  return (await migration.operations())
    .filter((row) => row.mechanism === mechanism)
    .map((row) => row.subject);
}

const unsubscribed = state("unsubscribed_all");

describe("how suppressions reach Customer.io", () => {
  test("a suppressed person with an id is unsubscribed by id, with its primary address and where that comes from", async () => {
    await migration.import("mailchimp", [{ userId: "7", email: "Ada@X.com", states: [unsubscribed] }]);
    await migration.merge();
    await migration.plan();
    expect(await migration.operations()).toEqual([
      {
        mechanism: "unsubscribe_person",
        subject: "id:7",
        email: null,
        attributes: {
          unsubscribed: true,
          email: "Ada@x.com",
          sendgate_source: "mailchimp",
          sendgate_level: "unsubscribed_all",
        },
      },
    ]);
  });

  test("a suppressed lead gets a profile that remembers, or the bounce list alone, by the operator's choice", async () => {
    await migration.import("csv", [
      { email: "lead@x.com", states: [unsubscribed] },
      { userId: "1", email: "one@x.com", states: [unsubscribed] },
    ]);
    await migration.merge();
    const withProfiles = await migration.plan();
    expect(await written("unsubscribe_address")).toEqual(["email:lead@x.com"]);
    expect(await written("esp_bounces")).toEqual([]);
    const listAlone = await migration.plan("esp");
    expect(await written("unsubscribe_address")).toEqual([]);
    expect(await written("esp_bounces")).toEqual(["esp_bounces:lead@x.com"]);
    expect(await migration.operations("profiles")).toHaveLength(1);
    expect(withProfiles.billableProfiles).toEqual({ profile: 2, esp: 1 });
    expect(listAlone.billableProfiles).toEqual({ profile: 2, esp: 1 });
    expect(listAlone.hash).not.toBe(withProfiles.hash);
  });

  test("a plan keeps the choice for leads until another one is made", async () => {
    await migration.import("csv", [{ email: "lead@x.com", states: [unsubscribed] }]);
    await migration.merge();
    await migration.plan("esp");
    expect((await migration.plan()).leadSuppression).toBe("esp");
  });

  test("complaints, hard bounces and invalid addresses go to their ESP lists, whoever holds them", async () => {
    await migration.import("klaviyo", [
      { userId: "1", email: "complained@x.com", states: [state("complaint")] },
      { userId: "2", email: "bounced@x.com", states: [state("hard_bounce")] },
      { email: "bounced-lead@x.com", states: [state("hard_bounce")] },
      { email: "invalid@x.com", states: [state("hard_bounce", { invalidAddress: true })] },
      { email: "both@x.com", states: [state("complaint"), state("hard_bounce")] },
    ]);
    await migration.merge();
    await migration.plan();
    expect(await written("esp_spam_reports")).toEqual([
      "esp_spam_reports:both@x.com",
      "esp_spam_reports:complained@x.com",
    ]);
    expect(await written("esp_bounces")).toEqual([
      "esp_bounces:both@x.com",
      "esp_bounces:bounced-lead@x.com",
      "esp_bounces:bounced@x.com",
    ]);
    expect(await written("esp_invalid_emails")).toEqual(["esp_invalid_emails:invalid@x.com"]);
    expect(await written("unsubscribe_person")).toEqual(["id:1"]);
    expect(await written("unsubscribe_address")).toEqual(["email:both@x.com"]);
  });

  test("alternative and contested addresses of suppressed persons need no write of their own", async () => {
    await migration.import("csv", [
      { userId: "1", email: "old@x.com", states: [unsubscribed], updatedAt: 1 },
      { userId: "1", email: "new@x.com", updatedAt: 2 },
      { userId: "1", email: "shared@x.com", states: [unsubscribed], updatedAt: 3 },
      { userId: "2", email: "shared@x.com" },
      { email: "shared@x.com" },
    ]);
    await migration.merge();
    const plan = await migration.plan();
    const operations = await migration.operations();
    expect(operations.map(({ subject }) => subject)).toEqual(["id:1", "id:2"]);
    expect(operations[0]!.attributes!.email).toBe("new@x.com");
    expect(operations[1]!.attributes).not.toHaveProperty("email");
    expect(plan.suppressions.coveredByPersons).toBe(2);
  });

  test("a contested address that bounced is on the bounce list all the same", async () => {
    await migration.import("csv", [
      { userId: "1", email: "shared@x.com", states: [state("hard_bounce")] },
      { userId: "2", email: "shared@x.com" },
    ]);
    await migration.merge();
    await migration.plan();
    expect((await migration.operations()).map(({ subject }) => subject)).toEqual([
      "esp_bounces:shared@x.com",
    ]);
  });

  test("somebody who asked to be forgotten never gets a profile; all his addresses are blocked", async () => {
    await migration.import("iterable", [
      { userId: "1", email: "gone@x.com", states: [state("forgotten")] },
      { userId: "1", email: "also-gone@x.com" },
      { email: "gone-lead@x.com", states: [state("forgotten")] },
    ]);
    await migration.merge();
    const plan = await migration.plan();
    expect((await migration.operations()).map(({ subject }) => subject)).toEqual([
      "esp_spam_reports:also-gone@x.com",
      "esp_spam_reports:gone-lead@x.com",
      "esp_spam_reports:gone@x.com",
    ]);
    expect(plan.profiles.operations).toBe(0);
    expect(plan.profiles.heldBack).toEqual([{ reason: "They asked to be forgotten.", persons: 2 }]);
  });

  test("a suppressed person whose id Customer.io cannot hold is suppressed by his addresses", async () => {
    await migration.import("csv", [{ userId: "x".repeat(151), email: "long@x.com", states: [unsubscribed] }]);
    await migration.merge();
    const plan = await migration.plan();
    expect((await migration.operations()).map(({ subject }) => subject)).toEqual(["email:long@x.com"]);
    expect(plan.profiles.heldBack).toEqual([
      { reason: "The user_id is longer than the 150 bytes that Customer.io takes.", persons: 1 },
    ]);
    expect(plan.warnings.join()).toContain("user_id that Customer.io cannot hold");
  });
});

describe("topics", () => {
  const optOut = state("unsubscribed_topic", { topic: "list:9" });

  test("an opt-out without a Customer.io topic is listed with a warning and writes nothing", async () => {
    await migration.import("klaviyo", [{ userId: "1", email: "a@x.com", states: [optOut] }]);
    await migration.merge();
    const plan = await migration.plan();
    expect(plan.topics).toEqual([{ source: "klaviyo", topic: "list:9", persons: 1, destination: null }]);
    expect(plan.warnings).toEqual([expect.stringContaining("klaviyo list:9")]);
    expect(plan.suppressions.operations).toBe(0);
  });

  test("a mapped opt-out turns the topic off, in the one write of a suppressed person, and makes no profile of anybody else", async () => {
    await migration.import("klaviyo", [
      { userId: "1", email: "a@x.com", states: [optOut, unsubscribed] },
      { userId: "2", email: "b@x.com", states: [optOut] },
      { email: "lead@x.com", states: [optOut] },
    ]);
    await migration.merge();
    const plan = await mapTopic(
      migration.project,
      { source: "klaviyo", topic: "list:9", destination: "topic_1" },
      quietProgress,
    );
    const off = { "cio_subscription_preferences.topics.topic_1": false };
    expect(plan.topics[0]!.destination).toBe("topic_1");
    expect(plan.warnings).toEqual([]);
    const operations = await migration.operations();
    expect(operations.map(({ mechanism, subject }) => [mechanism, subject])).toEqual([
      ["unsubscribe_person", "id:1"],
      ["topic_preference", "email:lead@x.com"],
      ["topic_preference", "id:2"],
    ]);
    expect(operations[0]!.attributes).toMatchObject({ unsubscribed: true, ...off });
    expect(operations[1]!.attributes).toEqual({ _update: true, ...off });
    for (const profile of await migration.operations("profiles"))
      expect(profile.attributes).toMatchObject(off);

    await migration.upload();
    expect(migration.simulator.peopleByEmail("lead@x.com")).toEqual([]);
    expect(migration.simulator.personById("2")).toBeNull();
  });
});

describe("profiles", () => {
  test("carry typed attributes, and unsubscribed in the same call for suppressed persons", async () => {
    await migration.import("iterable", [
      {
        userId: "1",
        email: "a@x.com",
        attributes: {
          first_name: 'Ünal "U"',
          visits: 3,
          vip: false,
          tags: ["x", "y"],
          created_at: "2020-01-01T00:00:00+02:00",
          "iterable.itblInternal": "stays",
        },
      },
      { email: "lead@x.com", states: [unsubscribed], attributes: { created_at: "1600000000" } },
    ]);
    await migration.merge();
    await migration.plan();
    expect(
      (await migration.operations("profiles")).map(({ subject, attributes }) => [subject, attributes]),
    ).toEqual([
      [
        "email:lead@x.com",
        {
          unsubscribed: true,
          sendgate_source: "iterable",
          sendgate_level: "unsubscribed_all",
          created_at: 1600000000,
        },
      ],
      [
        "id:1",
        {
          email: "a@x.com",
          sendgate_source: "iterable",
          first_name: 'Ünal "U"',
          visits: 3,
          vip: false,
          tags: ["x", "y"],
          created_at: 1577829600,
        },
      ],
    ]);
  });

  test("what cannot go along stays here, and the operator is told", async () => {
    await migration.import("csv", [
      {
        userId: "1",
        attributes: {
          unsubscribed: "false",
          created_at: "long ago",
          story: "é".repeat(501),
          ["n".repeat(151)]: "x",
          kept: "yes",
        },
      },
      {
        userId: "2",
        attributes: Object.fromEntries(Array.from({ length: 320 }, (_, index) => [`a${index}`, "x"])),
      },
      {
        userId: "3",
        attributes: Object.fromEntries(
          Array.from({ length: 60 }, (_, index) => [`a${index}`, "y".repeat(900)]),
        ),
      },
    ]);
    await migration.merge();
    const plan = await migration.plan();
    const [first, second] = await migration.operations("profiles");
    expect(first!.attributes).toEqual({ sendgate_source: "csv", kept: "yes" });
    expect(Object.keys(second!.attributes!).length).toBeLessThanOrEqual(300);
    expect(plan.profiles.operations).toBe(2);
    expect(plan.profiles.heldBack).toEqual([{ reason: expect.stringContaining("31,000 bytes"), persons: 1 }]);
    const told = plan.warnings.join("\n");
    expect(told).toContain("reserves the name: unsubscribed");
    expect(told).toContain("created_at");
    expect(told).toContain("longer than 1,000 bytes: story");
    expect(told).toContain("longer than 150 bytes");
    expect(told).toContain("a profile takes 300 attributes");
  });

  test("a contested address goes with nobody, and its ambiguous lead stays here", async () => {
    await migration.import("csv", [
      { userId: "1", email: "s@x.com" },
      { userId: "2", email: "s@x.com" },
      { email: "s@x.com" },
    ]);
    await migration.merge();
    const plan = await migration.plan();
    const profiles = await migration.operations("profiles");
    expect(profiles.map(({ subject }) => subject)).toEqual(["id:1", "id:2"]);
    for (const { attributes } of profiles) expect(attributes).not.toHaveProperty("email");
    expect(plan.profiles.heldBack).toEqual([
      { reason: expect.stringContaining("several user_ids"), persons: 1 },
    ]);
    expect(plan.warnings).toEqual([expect.stringContaining("2 profiles go without an address")]);
  });

  test("a suppressed address never goes with a person who is not suppressed, even if he was named its owner", async () => {
    await migration.import("csv", [
      { userId: "1", email: "own@x.com", states: [unsubscribed] },
      { userId: "1", email: "shared@x.com" },
      { userId: "2", email: "shared@x.com" },
    ]);
    await migration.project.store.run(
      "INSERT INTO decision VALUES ('EMAIL_MANY_IDS:shared@x.com', 'owner=2', 0, 'test')",
    );
    await migration.merge();
    await migration.plan();
    const profiles = await migration.operations("profiles");
    expect(profiles.find(({ subject }) => subject === "id:2")!.attributes).not.toHaveProperty("email");
  });
});

describe("the plan's hash", () => {
  const people: Said[] = [
    { userId: "2", email: "b@x.com", states: [unsubscribed], attributes: { city: "Bern" } },
    { userId: "10", email: "a@x.com", attributes: { city: "Rome" } },
    { email: "lead@x.com", states: [state("complaint")] },
    { userId: "2", email: "c@x.com", states: [state("hard_bounce")] },
  ];

  async function hashOf(records: readonly Said[]): Promise<string> {
    const other = await TestMigration.start();
    try {
      await other.import("csv", records);
      await other.merge();
      return (await other.plan()).hash;
    } finally {
      await other.end();
    }
  }

  test("is the same however the rows are shuffled", async () => {
    expect(await hashOf([...people].reverse())).toBe(await hashOf(people));
  });

  test("changes with anything that would be written", async () => {
    const changed = people.map((said, index) =>
      index === 1 ? { ...said, attributes: { city: "Oslo" } } : said,
    );
    expect(await hashOf(changed)).not.toBe(await hashOf(people));
  });
});

test("a plan writes nothing to Customer.io", async () => {
  await migration.import("csv", [{ userId: "1", email: "a@x.com", states: [unsubscribed] }]);
  await migration.merge();
  await migration.plan();
  expect(migration.simulator.requestCount()).toBe(0);
});

test("a plan counts calls, bytes and seconds at the vendor's limits", async () => {
  await migration.import("csv", [
    ...Array.from({ length: 1500 }, (_, index) => ({
      userId: `u${index}`,
      email: `u${index}@x.com`,
      states: [unsubscribed],
    })),
    { email: "bounced@x.com", states: [state("hard_bounce")] },
  ]);
  await migration.merge();
  const { suppressions } = await migration.plan();
  expect(suppressions.trackCalls).toBe(2);
  // 1 list write, 3 ends of lists and 1 page, 15 look-ups of persons, 16 of addresses.
  expect(suppressions.appCalls).toBe(36);
  expect(suppressions.seconds).toBeGreaterThanOrEqual(3.6);
  expect(suppressions.byMechanism.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(suppressions.bytes);
});

test("a plan is no longer current once files, decisions or topics have changed", async () => {
  expect(await currentPlan(migration.project)).toBeNull();
  await migration.import("csv", [{ userId: "1", email: "a@x.com", states: [unsubscribed] }]);
  await expect(migration.plan()).rejects.toMatchObject({ code: "NOT_MERGED" });
  await migration.merge();
  await migration.plan();
  expect((await currentPlan(migration.project))!.current).toBe(true);
  await migration.import("csv", [{ userId: "2", email: "b@x.com" }]);
  expect((await currentPlan(migration.project))!.current).toBe(false);
  await expect(migration.plan()).rejects.toMatchObject({ code: "MERGE_STALE" });
});
