import { afterEach, describe, expect, test } from "vitest";
import type { ApiStream } from "../../importers/api-importer.ts";
import { createKlaviyoApiImporter } from "../../importers/klaviyo/api/importer.ts";
import { klaviyoImporter } from "../../importers/klaviyo/importer.ts";
import type { KlaviyoSimulator, KlaviyoSimulatorOptions } from "../../simulators/klaviyo/simulator.ts";
import { Landing, pull } from "../importers/landing.ts";
import { connect, startFastSimulator } from "./pull.ts";

const started: KlaviyoSimulator[] = [];
async function simulator(options: KlaviyoSimulatorOptions = {}) {
  const one = await startFastSimulator(options);
  started.push(one);
  return one;
}
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

async function pulled(options: KlaviyoSimulatorOptions, userIdField: string | null = "external_id") {
  const account = await simulator(options);
  const store = new Landing();
  const { plan, pages } = await pull(connect(account, { userIdField }), store);
  const recordOf = (email: string) => [...store.records.values()].find((record) => record.email === email)!;
  return { account, store, plan, pages, recordOf };
}

const microseconds = (time: number) => Math.round(time * 1000);
const subscribedAt = microseconds(Date.UTC(2024, 2, 1, 8, 30));
const leftAt = microseconds(Date.UTC(2024, 8, 2, 17, 45, 12) + 852.051);
const optIn = { level: "explicit_opt_in", at: subscribedAt };

describe("probing a key", () => {
  test("names the account", async () => {
    expect(await connect(await simulator()).probe()).toEqual({ account: "Practice Ltd, PrAct1" });
  });

  test("is content with a key for profiles alone", async () => {
    const { account } = await connect(await simulator({ scopes: ["profiles:read"] })).probe();
    expect(account).toContain("may not read");
  });

  test("says which scope is missing", async () => {
    const probe = connect(await simulator({ scopes: ["accounts:read"] })).probe();
    await expect(probe).rejects.toMatchObject({
      kind: "bad_input",
      code: "KLAVIYO_SCOPE_MISSING",
      message: expect.stringContaining("profiles:read"),
    });
  });

  for (const key of ["pk_wrong", "", "pk_with\r\nheader: injected", "pk_ü"]) {
    test(`refuses the key ${JSON.stringify(key)}`, async () => {
      const account = await simulator();
      const probe = async () => connect(account, { key }).probe();
      await expect(probe()).rejects.toMatchObject({ kind: "bad_input", code: "KLAVIYO_KEY_REFUSED" });
    });
  }

  test("takes a key with a line break from the clipboard behind it", async () => {
    const account = await simulator();
    await connect(account, { key: `${account.key}\n` }).probe();
  });

  test("goes to no endpoint that is not on this computer", async () => {
    const account = await simulator();
    expect(() => connect({ ...account, url: "http://klaviyo.example" })).toThrow(
      expect.objectContaining({ code: "ENDPOINT_NOT_ALLOWED" }),
    );
  });
});

describe("candidates for the user_id", () => {
  const persons = Array.from({ length: 40 }, (_, index) => ({
    email: `person${index}@example.com`,
    externalId: index % 2 === 0 ? `ext-${index}` : null,
    properties: {
      customer_id: 1000 + index,
      Plan: index % 3 === 0 ? "free" : "paid",
      "Loyalty card": `LC-${index}`,
      tags: ["a"],
      ...(index < 4 ? { "User ID": `u${index}` } : {}),
    },
  }));

  test("are the external id and properties that are named or look like identifiers, counted", async () => {
    const candidates = await connect(await simulator({ persons })).userIdCandidates();
    expect(candidates.map(({ field }) => field)).toEqual([
      "properties.User ID",
      "external_id",
      "properties.customer_id",
      "properties.Loyalty card",
    ]);
    expect(candidates[1]).toMatchObject({ sampled: 40, filled: 20, distinct: 20 });
    expect(candidates[2]).toMatchObject({ sampled: 40, filled: 40, distinct: 40 });
    expect(candidates[2]!.examples).toHaveLength(3);
    expect(candidates[2]!.examples[0]).toMatch(/^10\d\d$/);
  });

  test("show an external id that nobody has, last", async () => {
    const nobody = persons.map((person) => ({ ...person, externalId: null }));
    const candidates = await connect(await simulator({ persons: nobody })).userIdCandidates();
    expect(candidates.at(-1)).toEqual({
      field: "external_id",
      named: true,
      sampled: 40,
      filled: 0,
      distinct: 0,
      examples: [],
    });
  });

  test("come from the oldest and the newest profiles of a large account", async () => {
    const account = await simulator({ people: 4000 });
    const [best] = await connect(account).userIdCandidates();
    expect(best).toMatchObject({ field: "external_id", sampled: 600 });
    expect(account.requestCount()).toBe(6);
  });

  test("may be confirmed: the records take the user_id from there, and it is no attribute", async () => {
    const { recordOf } = await pulled({ persons }, "properties.customer_id");
    const record = recordOf("person2@example.com");
    expect(record.userId).toBe("1002");
    expect(record.attributes).not.toHaveProperty("customer_id");
    expect(record.attributes).toMatchObject({ external_id: "ext-2", Plan: "paid", tags: ["a"] });
  });

  test("may be none", async () => {
    const { recordOf } = await pulled({ persons }, null);
    expect(recordOf("person2@example.com")).toMatchObject({
      userId: null,
      attributes: { external_id: "ext-2", customer_id: 1002 },
    });
  });

  test("are refused where profiles have no such field", async () => {
    const account = await simulator();
    expect(() => connect(account, { userIdField: "merge_fields.ID" })).toThrow(
      expect.objectContaining({ kind: "bad_input", code: "USER_ID_FIELD_UNKNOWN" }),
    );
  });
});

describe("a full pull", () => {
  test("brings every profile of the account once, with the account's lists as topics", async () => {
    const { account, store, plan, pages } = await pulled({ people: 3000, oddities: true });
    expect([...store.records.keys()].sort()).toEqual(
      account
        .profiles()
        .map(({ id }) => `profile/${id}`)
        .sort(),
    );
    expect(store.rejections).toEqual([]);
    expect(plan).toMatchObject({
      kind: "full",
      topicNames: { "list:Y6nRLr": "Newsletter", "list:XkPd2a": "Offers" },
    });
    expect(pages.every(({ raw }) => raw === "" || Array.isArray(JSON.parse(raw).data))).toBe(true);
    expect(pages.map(({ raw }) => raw).join()).not.toContain(account.key);
    expect(account.writeAttempts()).toEqual([]);
  });

  test("reads all lists, ten at a time", async () => {
    const lists = Array.from({ length: 25 }, (_, index) => ({
      id: `Lst${String(index).padStart(3, "0")}`,
      name: `List ${index}`,
      optInProcess: "single_opt_in" as const,
    }));
    const { plan } = await pulled({ lists });
    expect(Object.keys(plan.topicNames!)).toHaveLength(25);
  });

  test("goes without the lists' names where the key may not read them, and says so", async () => {
    const { plan } = await pulled({ scopes: ["profiles:read"] });
    expect(plan.topicNames).toEqual({});
    expect(plan.notes.join()).toContain("lists");
  });

  test("of an empty account is complete", async () => {
    const { pages, store } = await pulled({});
    expect(pages[0]).toMatchObject({ records: [], last: true });
    expect(store.records.size).toBe(0);
  });

  test("brings what changed while it went on", async () => {
    const account = await simulator({ people: 2000 });
    const emails = account.profiles().flatMap(({ email }) => email ?? []);
    const source = connect(account);
    const plan = await source.plan(null);
    const store = new Landing();
    let read = 0;
    for (const stream of plan.streams) {
      for await (const page of source.read(stream, null)) {
        store.take(page);
        read += 1;
        if (read === 4) {
          account.events.complain(emails[0]!);
          account.events.change(emails[1]!, { Plan: "business" });
          account.events.addPerson({ email: "late@example.com", id: "00000000000000000000000000" });
        }
      }
    }
    const of = (email: string) => [...store.records.values()].find((record) => record.email === email);
    expect(of(emails[0]!)?.states).toContainEqual(expect.objectContaining({ level: "complaint" }));
    expect(of(emails[1]!)?.attributes).toMatchObject({ Plan: "business" });
    expect(of("late@example.com")).toBeDefined();
  });
});

describe("consent", () => {
  const cases: Record<string, unknown[]> = {
    "several-reasons": [
      { level: "manual", at: subscribedAt + 60_000_000 },
      { level: "hard_bounce", at: leftAt },
      { level: "complaint", at: leftAt + 1_000_000 },
      optIn,
    ],
    "subscribed-and-suppressed": [{ level: "hard_bounce", at: leftAt, invalidAddress: true }, optIn],
    "unsubscribed-without-suppression": [{ level: "unsubscribed_all", at: leftAt }],
    "unsubscribed-and-suppressed": [
      { level: "unsubscribed_all", at: leftAt + 5_000_000 },
      { level: "unsubscribed_all", at: leftAt },
    ],
    "list-only": [{ level: "unsubscribed_topic", at: leftAt, topic: "list:Y6nRLr" }, optIn],
    "unknown-reason": [{ level: "manual", at: leftAt }, optIn],
    "unknown-consent": [{ level: "unknown", at: null }],
    "cannot-receive": [optIn, { level: "manual", at: null }],
    "never-subscribed": [{ level: "unknown", at: null }],
    "no-email-channel": [{ level: "unknown", at: null }],
  };
  test("is the union of everything that Klaviyo says in different places", async () => {
    const { recordOf } = await pulled({ oddities: true });
    const states = Object.keys(cases).map((name) => [name, recordOf(`${name}@example.com`).states]);
    expect(Object.fromEntries(states)).toEqual(cases);
  });

  const marketing = (fields: object) => ({ consent: "SUBSCRIBED", consent_timestamp: null, ...fields });
  const levelsOf = async (subscriptions: unknown) => {
    const entry = { type: "profile", id: "01X", attributes: { email: "one@example.com", subscriptions } };
    const account = await simulator({
      faults: () => ({ status: 200, body: { data: [entry], links: { self: "http://127.0.0.1/" } } }),
    });
    const stream: ApiStream = {
      id: "profiles",
      title: "All profiles",
      carriesSuppressions: true,
      scope: { kind: "all", from: "2026-01-01T00:00:00Z" },
    };
    for await (const { records, rejections } of connect(account).read(stream, null)) {
      return records[0]?.record.states.map(({ level }) => level) ?? rejections;
    }
  };
  test.each([
    ["a reason in lower case", marketing({ suppression: [{ reason: "spam_complaint" }] }), "complaint"],
    ["an entry without a reason", marketing({ suppression: [{ timestamp: "2024-01-01" }] }), "manual"],
    ["a bare word for an entry", marketing({ suppression: ["HARD_BOUNCE"] }), "hard_bounce"],
    ["an entry that is null", marketing({ suppression: [null] }), "manual"],
    ["an object for the list", marketing({ suppression: { reason: "UNSUBSCRIBE" } }), "unsubscribed_all"],
    [
      "a list opt-out without a list",
      marketing({ list_suppressions: [{ reason: "X" }] }),
      "unsubscribed_all",
    ],
  ])("in an unknown form is read restrictively: %s", async (_, fields, level) => {
    expect(await levelsOf({ email: { marketing: fields } })).toContain(level);
  });

  test.each([
    [[]],
    [{ email: "unsubscribed" }],
    [{ email: { marketing: [] } }],
    [{ email: { marketing: "UNSUBSCRIBED" } }],
  ])("in place of which something else stands is read restrictively: %j", async (subscriptions) => {
    expect(await levelsOf(subscriptions)).toEqual(["manual"]);
  });

  test("of a list whose id is a number is about that list", async () => {
    const fields = marketing({ list_suppressions: [{ list_id: 123456, reason: "UNSUBSCRIBE" }] });
    expect(await levelsOf({ email: { marketing: fields } })).toEqual([
      "unsubscribed_topic",
      "explicit_opt_in",
    ]);
  });

  test("that cannot receive is suppressed even where only one list was left", async () => {
    const fields = marketing({
      can_receive_email_marketing: false,
      list_suppressions: [
        { list_id: "Y6nRLr", reason: "USER_SUPPRESSED", timestamp: "2024-01-01T00:00:00Z" },
      ],
    });
    expect(await levelsOf({ email: { marketing: fields } })).toEqual([
      "unsubscribed_topic",
      "explicit_opt_in",
      "manual",
    ]);
  });

  test("that Klaviyo left out makes a rejection, never a person without suppressions", async () => {
    expect(await levelsOf(undefined)).toEqual([
      expect.objectContaining({ line: 1, reason: expect.stringContaining("consent is not known") }),
    ]);
    expect(await levelsOf(null)).toEqual(["unknown"]);
  });
});

describe("a record", () => {
  test("has standard names for Klaviyo's fields and exact ones for custom properties", async () => {
    const { recordOf } = await pulled({ oddities: true });
    const { attributes, userId, updatedAt } = recordOf("nested-properties@example.com");
    expect(userId).toBe("odd-1");
    expect(updatedAt).toBe(subscribedAt);
    expect(attributes).toMatchObject({
      zip: "10115",
      timezone: "Europe/Berlin",
      "klaviyo.Latitude": 52.52,
      "klaviyo.Longitude": "13.405",
      "klaviyo.IP Address": "192.0.2.7",
      loyalty: { tier: "gold", points: [1, 2, { season: "spring" }] },
      favourites: ["tea", "bread"],
      "Customer ID": 1234567,
    });
    expect(attributes).not.toHaveProperty("nothing");
    expect(Object.entries(attributes)).toContainEqual(["__proto__", "kept"]);
  });

  test("holds a property of a megabyte", async () => {
    const { recordOf } = await pulled({ oddities: true });
    expect(String(recordOf("large-property@example.com").attributes.essay)).toHaveLength(1_250_000);
  });

  test("exists for people without an address, and for those with no identifier at all", async () => {
    const { store } = await pulled({ oddities: true });
    const without = [...store.records.values()].filter(({ email }) => email === null);
    expect(without.map(({ userId }) => userId).sort()).toEqual([null, null, "odd-2"].sort());
  });

  test("loses no digit of a long number, and takes every form of time", async () => {
    const body = `{"data":[{"type":"profile","id":"01X","attributes":{"email":"a@example.com","updated":"2023-07-28T13:26:48.852051+02:00","properties":{"account":12345678901234567890},"subscriptions":null}}],"links":{"self":"x"}}`;
    const account = await simulator({ faults: () => ({ status: 200, body }) });
    const source = connect(account, { userIdField: "properties.account" });
    const [stream] = (await connect(await simulator()).plan(null)).streams;
    for await (const { records } of source.read(stream!, null)) {
      expect(records[0]!.record).toMatchObject({
        userId: "12345678901234567890",
        updatedAt: Date.UTC(2023, 6, 28, 11, 26, 48) * 1000 + 852_051,
      });
    }
  });

  test("is known by its id, which may be a number", async () => {
    const data = [{ type: "profile", id: 17, attributes: { email: "a@example.com", subscriptions: null } }];
    const account = await simulator({
      faults: () => ({ status: 200, body: { data, links: { self: "x", next: null } } }),
    });
    const [stream] = (await connect(await simulator()).plan(null)).streams;
    for await (const { records } of connect(account).read(stream!, null)) {
      expect(records.map(({ key }) => key)).toEqual(["profile/17"]);
    }
  });

  test("cannot be made of an entry without an id or attributes: it is rejected with its row", async () => {
    const data = [{ type: "profile", attributes: {} }, "nonsense", { type: "profile", id: "01X" }];
    const account = await simulator({
      faults: () => ({ status: 200, body: { data, links: { self: "x", next: null } } }),
    });
    const [stream] = (await connect(await simulator()).plan(null)).streams;
    for await (const page of connect(account).read(stream!, null)) {
      expect(page.records).toEqual([]);
      expect(page.rejections.map(({ line, row }) => [line, row])).toEqual(
        data.map((entry, index) => [index + 1, JSON.stringify(entry)]),
      );
    }
  });
});

test("the API and the CSV export of one account mean the same", async () => {
  const { account, store } = await pulled({ people: 2000 });
  const cells = (profile: ReturnType<KlaviyoSimulator["profiles"]>[number]): Record<string, string> => ({
    Email: profile.email ?? "",
    "Klaviyo ID": profile.id,
    "External ID": profile.externalId ?? "",
    "First Name": profile.firstName ?? "",
    "State / Region": String(profile.location?.region ?? ""),
    Organization: profile.organization ?? "",
    "Email Marketing Consent": profile.consent,
    "Email Suppressions": profile.suppressions.map(({ reason }) => reason).join(", "),
    Plan: String(profile.properties.Plan ?? ""),
  });
  const headers = Object.keys(cells(account.profiles()[0]!));
  const mapper = klaviyoImporter.recognise({ name: "list.csv", format: "csv", headers }, {})!;
  for (const profile of account.profiles()) {
    const fromFile = mapper.map({ line: 2, cells: Object.values(cells(profile)) });
    const fromApi = store.records.get(`profile/${profile.id}`)!;
    const levels = (states: { level: string }[]) => [...new Set(states.map(({ level }) => level))].sort();
    expect(levels(fromApi.states)).toEqual(levels(fromFile.states));
    expect(fromApi.userId ?? "").toBe(fromFile.userId);
    // Consent is in the states; as attributes the API leaves it out, because a sync would not keep it fresh.
    const shared = Object.entries(fromFile.attributes).filter(([name]) => !/Consent|Suppressions/.test(name));
    expect(fromApi.attributes).toMatchObject(Object.fromEntries(shared));
  }
});

test("the importer declares what it can do", () => {
  expect(createKlaviyoApiImporter()).toMatchObject({
    source: "klaviyo",
    capabilities: { full: true, delta: true, declaredTotals: false, topics: true },
  });
});
