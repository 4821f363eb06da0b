import { afterEach, describe, expect, test } from "vitest";
import { type KlaviyoSimulator, type KlaviyoSimulatorOptions, startKlaviyoSimulator } from "./simulator.ts";

const unlimited = { burst: 1_000_000, steady: 10_000_000 };
const started: KlaviyoSimulator[] = [];
async function start(options: KlaviyoSimulatorOptions = {}) {
  const one = await startKlaviyoSimulator({
    tiers: { accounts: unlimited, lists: unlimited, profiles: unlimited },
    ...options,
  });
  started.push(one);
  return one;
}
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

interface Answer {
  status: number;
  headers: Headers;
  data: { id: string; attributes: Record<string, unknown> }[];
  links: { next?: string | null };
  error: { code: string; source: { parameter?: string } } | undefined;
}
async function ask(
  account: KlaviyoSimulator,
  path: string,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  const response = await fetch(`${account.url}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: { authorization: `Klaviyo-API-Key ${account.key}`, revision: "2026-07-15", ...headers },
  });
  const body = await response.json();
  return { status: response.status, headers: response.headers, ...body, error: body.errors?.[0] };
}
const profiles = (account: KlaviyoSimulator, query: Record<string, string> = {}) =>
  ask(account, "/api/profiles", query);

const day = 24 * 60 * 60 * 1000;
const june = Date.UTC(2026, 5, 1);
const people = ["a", "b", "c", "d", "e"].map((name, index) => ({
  email: `${name}@example.com`,
  externalId: `x${index}`,
  id: `01J${name.toUpperCase().repeat(23)}`,
  at: june + index * day,
}));
const emailsOf = ({ data }: Answer) => data.map(({ attributes }) => attributes.email);

describe("keys and revisions", () => {
  test("a call needs the key, a scope and a revision", async () => {
    const account = await start({ scopes: ["lists:read"] });
    const code = async (headers: Record<string, string>, path = "/api/lists") => {
      const { status, error } = await ask(account, path, {}, headers);
      return [status, error?.code];
    };
    expect(await code({ authorization: "Klaviyo-API-Key pk_wrong" })).toEqual([401, "authentication_failed"]);
    expect(await code({ authorization: `Bearer ${account.key}` })).toEqual([401, "authentication_failed"]);
    expect(await code({ revision: "newest" })).toEqual([400, "invalid"]);
    expect(await code({}, "/api/profiles")).toEqual([403, "permission_denied"]);
    expect(await code({})).toEqual([200, undefined]);
  });

  test("an old revision is served by a newer one unless the caller has opted out", async () => {
    const account = await start();
    const old = { revision: "2023-10-15" };
    expect((await ask(account, "/api/lists", {}, old)).status).toBe(200);
    const optedOut = { ...old, "x-klaviyo-revision-fall-forward-opt-out": "1" };
    expect((await ask(account, "/api/lists", {}, optedOut)).status).toBe(410);
  });

  test("every write is refused and recorded", async () => {
    const account = await start();
    expect((await ask(account, "/api/profile-suppression-bulk-create-jobs", {}, {}, "POST")).status).toBe(
      405,
    );
    expect(account.writeAttempts()).toHaveLength(1);
  });
});

describe("profiles", () => {
  test("come by id, 20 at a time, on pages that lead from one to the next", async () => {
    const account = await start({ people: 300 });
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Answer = await profiles(account, cursor === null ? {} : { "page[cursor]": cursor });
      expect(page.data.length).toBeLessThanOrEqual(20);
      ids.push(...page.data.map(({ id }) => id));
      if (page.links.next) expect(page.links.next.startsWith(`${account.url}/api/profiles?`)).toBe(true);
      cursor = page.links.next ? new URL(page.links.next).searchParams.get("page[cursor]") : null;
    } while (cursor !== null);
    expect(ids).toEqual(account.profiles().map(({ id }) => id));
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  test("a page keeps its place while profiles before it are deleted", async () => {
    const account = await start({ persons: people });
    const first = await profiles(account, { "page[size]": "2" });
    account.events.remove("a@example.com");
    const cursor = new URL(first.links.next!).searchParams.get("page[cursor]")!;
    expect(emailsOf(await profiles(account, { "page[size]": "2", "page[cursor]": cursor }))).toEqual([
      "c@example.com",
      "d@example.com",
    ]);
  });

  test.each([
    ["created", ["a", "b", "c", "d", "e"]],
    ["-created", ["e", "d", "c", "b", "a"]],
    ["updated", ["b", "c", "d", "e", "a"]],
    ["-email", ["e", "d", "c", "b", "a"]],
  ])("are sorted by %s across pages", async (sort, names) => {
    const account = await start({ persons: people, longestPage: 2 });
    account.events.change("a@example.com", { Plan: "free" }, { at: june + 30 * day });
    const found: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Answer = await profiles(account, {
        sort,
        ...(cursor === "" ? {} : { "page[cursor]": cursor }),
      });
      found.push(...emailsOf(page));
      cursor = page.links.next ? new URL(page.links.next).searchParams.get("page[cursor]") : null;
    }
    expect(found).toEqual(names.map((name) => `${name}@example.com`));
  });

  test("are filtered as Klaviyo filters", async () => {
    const account = await start({ persons: people });
    account.events.hardBounce("b@example.com", { at: june + 40 * day });
    account.events.complain("c@example.com", { at: june + 10 * day });
    account.events.unsubscribeFromList("d@example.com", "Y6nRLr", { at: june + 50 * day });
    const found = async (filter: string) =>
      emailsOf(await profiles(account, { filter }))
        .map((email) => String(email).slice(0, 1))
        .join("");
    const suppression = "subscriptions.email.marketing.suppression";
    const perList = "subscriptions.email.marketing.list_suppressions";
    expect(await found("greater-than(updated,2026-06-03T00:00:00Z)")).toBe("de");
    expect(
      await found("greater-than(created,2026-06-01T00:00:00Z),less-than(created,2026-06-03T00:00:00Z)"),
    ).toBe("b");
    expect(await found(`greater-or-equal(${suppression}.timestamp,2026-06-11T00:00:00+00:00)`)).toBe("bc");
    expect(
      await found(
        `and(equals(${suppression}.reason,"HARD_BOUNCE"),greater-than(${suppression}.timestamp,2026-06-01T00:00:00Z))`,
      ),
    ).toBe("b");
    expect(
      await found(
        `and(equals(${perList}.list_id,'Y6nRLr'),greater-than(${perList}.timestamp,2026-06-01T00:00:00Z))`,
      ),
    ).toBe("d");
    expect(await found('any(email,["a@example.com","E@example.com"])')).toBe("ae");
    expect(await found('equals(external_id,"x2")')).toBe("c");
  });

  test.each([
    ["filter", "greater-or-equal(updated,2026-06-03T00:00:00Z)"],
    ["filter", "equals(consent,'SUBSCRIBED')"],
    [
      "filter",
      "greater-than(subscriptions.email.marketing.list_suppressions.timestamp,2026-06-03T00:00:00Z)",
    ],
    ["filter", "equals(email,"],
    ["sort", "consent"],
    ["page[size]", "101"],
    ["page[cursor]", "nonsense"],
    ["fields[profile]", "consent"],
    ["additional-fields[profile]", "everything"],
  ])("are refused for %s %s", async (name, value) => {
    const account = await start({ persons: people });
    const { status, error } = await profiles(account, { [name]: value });
    expect([status, error?.code]).toEqual([400, "invalid"]);
    expect(error?.source.parameter).toBeDefined();
  });

  test("show subscriptions only to those who ask, and only the fields that were asked for", async () => {
    const account = await start({ persons: people.slice(0, 1) });
    const [plain] = (await profiles(account)).data;
    expect(plain!.attributes).not.toHaveProperty("subscriptions");
    const [sparse] = (
      await profiles(account, {
        "additional-fields[profile]": "subscriptions",
        "fields[profile]": "email,subscriptions.email.marketing.consent",
      })
    ).data;
    expect(sparse!.attributes).toEqual({
      email: "a@example.com",
      subscriptions: { email: { marketing: { consent: "NEVER_SUBSCRIBED" } } },
    });
  });
});

describe("what happens while it runs", () => {
  test("an unsubscribe shows in the consent and leaves `updated` as it was", async () => {
    const account = await start({ persons: people, now: () => june + 60 * day });
    const one = async () => {
      const { data } = await profiles(account, { "additional-fields[profile]": "subscriptions" });
      return data[0]!.attributes as { updated: string; subscriptions: { email: { marketing: object } } };
    };
    const before = await one();
    account.events.unsubscribe("a@example.com");
    const after = await one();
    expect(after.updated).toBe(before.updated);
    expect(after.subscriptions.email.marketing).toMatchObject({
      consent: "UNSUBSCRIBED",
      consent_timestamp: "2026-07-31T00:00:00+00:00",
      suppression: [],
    });
    account.events.resubscribe("A@example.com");
    expect((await one()).subscriptions.email.marketing).toMatchObject({ consent: "SUBSCRIBED" });
  });

  test("cursors that were handed out can expire", async () => {
    const account = await start({ persons: people });
    const cursorOf = ({ links }: Answer) => new URL(links.next!).searchParams.get("page[cursor]")!;
    const cursor = cursorOf(await profiles(account, { "page[size]": "2" }));
    account.expireCursors();
    expect((await profiles(account, { "page[cursor]": cursor })).status).toBe(400);
    const fresh = cursorOf(await profiles(account, { "page[size]": "2" }));
    expect((await profiles(account, { "page[cursor]": fresh })).status).toBe(200);
  });
});

describe("limits", () => {
  test("are told in headers, and by Retry-After once they are used up", async () => {
    const account = await start({ tiers: { profiles: { burst: 100, steady: 2 } } });
    const first = await profiles(account);
    expect(first.headers.get("ratelimit-remaining")).toBe("1");
    await profiles(account);
    const refused = await profiles(account);
    expect([refused.status, refused.error?.code]).toEqual([429, "throttled"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("ratelimit-limit")).toBeNull();
  });
});

test("the same seed makes the same account", async () => {
  const [one, other] = [await start({ people: 400, seed: 7 }), await start({ people: 400, seed: 7 })];
  expect(one.profiles()).toEqual(other.profiles());
});
