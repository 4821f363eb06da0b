import { afterEach, describe, expect, test } from "vitest";
import type { ApiPage } from "../../importers/api-importer.ts";
import { klaviyoFaults } from "../../simulators/klaviyo/faults.ts";
import type { KlaviyoSimulator, KlaviyoSimulatorOptions } from "../../simulators/klaviyo/simulator.ts";
import { Landing, pull } from "../importers/landing.ts";
import { connect, startFastSimulator } from "./pull.ts";

const started: KlaviyoSimulator[] = [];
async function simulator(options: KlaviyoSimulatorOptions = {}) {
  const one = await startFastSimulator({ people: 1500, ...options });
  started.push(one);
  return one;
}
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

async function contentsOf(account: KlaviyoSimulator, settings = {}) {
  const store = new Landing();
  const { pages } = await pull(connect(account, {}, settings), store);
  return { contents: store.contents(), pages };
}

/** What a pull without any trouble brings. */
async function undisturbed() {
  return (await contentsOf(await simulator())).contents;
}

/** A fault for the n-th request of profiles alone. */
const atProfilePage =
  (n: number, fault: ReturnType<NonNullable<KlaviyoSimulatorOptions["faults"]>>) =>
  (): NonNullable<KlaviyoSimulatorOptions["faults"]> => {
    let seen = 0;
    return ({ path }) => (path === "/api/profiles" && ++seen === n ? fault : undefined);
  };

describe("trouble that passes costs no record", () => {
  const faults = {
    ...Object.fromEntries(Object.entries(klaviyoFaults).filter(([name]) => name !== "down")),
    "an answer that hangs": atProfilePage(3, "hang"),
    "an answer that drips": atProfilePage(3, "drip"),
    "a redirect elsewhere": atProfilePage(3, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
    "JSON that is no object": atProfilePage(3, { status: 200, body: [] }),
    "JSON without data": atProfilePage(3, { status: 200, body: { links: { self: "x", next: null } } }),
    "a page without links": atProfilePage(3, { status: 200, body: { data: [] } }),
    "a next without a cursor": atProfilePage(3, {
      status: 200,
      body: { data: [], links: { self: "x", next: "https://a.klaviyo.com/api/profiles" } },
    }),
    "an empty body": atProfilePage(3, { status: 200, body: "" }),
    "a Retry-After of one second": atProfilePage(3, { status: 429, headers: { "retry-after": "1" } }),
  } as Record<string, () => NonNullable<KlaviyoSimulatorOptions["faults"]>>;
  test.each(Object.keys(faults))("%s", async (name) => {
    const account = await simulator({ faults: faults[name]!() });
    expect((await contentsOf(account, { timeoutMs: 300 })).contents).toEqual(await undisturbed());
  });

  test("bytes that are no text", async () => {
    const body = Buffer.from('{"data":[],"links":{"self":"\xff","next":null}}', "latin1");
    const account = await simulator({ faults: atProfilePage(2, { status: 200, body })() });
    expect((await contentsOf(account)).contents).toEqual(await undisturbed());
  });
});

describe("a refused cursor", () => {
  for (const cursorRefusal of [400, 404, 410] as const) {
    test(`begins the reading again and says so, HTTP ${cursorRefusal}`, async () => {
      const account = await simulator({ cursorRefusal });
      const source = connect(account);
      const plan = await source.plan(null);
      const store = new Landing();
      const notes: string[] = [];
      let last: ApiPage | undefined;
      let read = 0;
      for await (const page of source.read(plan.streams[0]!, null)) {
        store.take(page);
        if (page.note) notes.push(page.note);
        if (++read === 3) account.expireCursors();
        last = page;
      }
      expect(last?.last).toBe(true);
      expect(notes).toEqual([expect.stringContaining("began again")]);
      expect(store.contents()).toEqual(await undisturbed());
    });
  }

  test("of a checkpoint from yesterday does the same", async () => {
    const account = await simulator();
    const source = connect(account);
    const [stream] = (await source.plan(null)).streams;
    const store = new Landing();
    for await (const page of source.read(stream!, { cursor: "bm90IG9uZSBvZiBvdXJz" })) store.take(page);
    expect(store.contents()).toEqual(await undisturbed());
  });

  test("again and again ends with a failure", async () => {
    const account = await simulator();
    const source = connect(account);
    const [stream] = (await source.plan(null)).streams;
    const reading = async () => {
      for await (const _ of source.read(stream!, null)) account.expireCursors();
    };
    await expect(reading()).rejects.toMatchObject({ kind: "failed", code: "KLAVIYO_REQUEST_REFUSED" });
  });
});

test("pages that go in a circle are never taken for a whole", async () => {
  const account = await simulator();
  let first: string | undefined;
  account.setFaults(({ path, query }) => {
    const cursor = query.get("page[cursor]");
    if (path !== "/api/profiles" || cursor === null) return undefined;
    first ??= cursor;
    const next = `${account.url}/api/profiles?page%5Bcursor%5D=${encodeURIComponent(first)}`;
    return { status: 200, body: { data: [], links: { self: account.url, next } } };
  });
  await expect(contentsOf(account)).rejects.toMatchObject({ code: "KLAVIYO_UNREADABLE" });
});

test("links that lead to another host are never followed", async () => {
  const other = await simulator();
  const account = await simulator({ linkOrigin: other.url });
  expect((await contentsOf(account)).contents).toEqual(await undisturbed());
  expect(other.requestCount()).toBe(0);
});

test("a page that is too large to hold is read in smaller pieces", async () => {
  const account = await simulator({ people: 0, oddities: true });
  const whole = await contentsOf(account);
  const inPieces = await contentsOf(account, { largestAnswer: 1_300_000 });
  expect(inPieces.contents).toEqual(whole.contents);
  const failing = contentsOf(account, { largestAnswer: 1_000_000 });
  await expect(failing).rejects.toMatchObject({
    code: "KLAVIYO_TOO_LARGE",
    nextStep: expect.stringContaining("property"),
  });
});

test("many large profiles are read several at a time, without asking for each page again and again", async () => {
  const persons = Array.from({ length: 20 }, (_, index) => ({
    email: `person${index}@example.com`,
    properties: { essay: "word ".repeat(20_000) },
  }));
  const account = await simulator({ people: 0, persons });
  const { contents } = await contentsOf(account, { largestAnswer: 500_000 });
  expect(Object.keys(contents)).toHaveLength(20);
  // Each person is read twice, as one of all and as one who changed of late.
  expect(account.requestCount()).toBeLessThan(40);
});

describe("trouble that stays ends the reading, and says what to do", () => {
  const cases: [string, KlaviyoSimulatorOptions["faults"], string, string][] = [
    ["a server that is down", klaviyoFaults.down(), "failed", "KLAVIYO_SERVER_ERROR"],
    ["connections that break", () => "reset", "failed", "KLAVIYO_UNREACHABLE"],
    ["a proxy's page", () => ({ status: 200, body: "<html>" }), "failed", "KLAVIYO_UNREADABLE"],
    ["a robot check", () => ({ status: 403, body: "<html>" }), "failed", "KLAVIYO_BLOCKED"],
    ["no answer", () => "hang", "failed", "KLAVIYO_UNREACHABLE"],
    [
      "an account that was closed",
      () => ({ status: 403, body: { errors: [{ code: "account_disabled" }] } }),
      "bad_input",
      "KLAVIYO_FORBIDDEN",
    ],
    ["a refused request", () => ({ status: 400, body: { errors: [] } }), "failed", "KLAVIYO_REQUEST_REFUSED"],
  ];
  test.each(cases)("%s", async (_, faults, kind, code) => {
    const account = await simulator({ faults: faults! });
    const probe = connect(account, {}, { timeoutMs: 100 }).probe();
    await expect(probe).rejects.toMatchObject({
      kind,
      code,
      nextStep: expect.stringMatching(/./),
    });
  });

  test("a key that is revoked while it is used", async () => {
    const account = await simulator();
    const source = connect(account);
    const [stream] = (await source.plan(null)).streams;
    let pages = 0;
    const reading = async () => {
      for await (const _ of source.read(stream!, null)) if (++pages === 2) account.revokeKey();
    };
    await expect(reading()).rejects.toMatchObject({ kind: "bad_input", code: "KLAVIYO_KEY_REFUSED" });
    expect(pages).toBe(2);
  });

  test("a revision that is gone, instead of a newer one whose words may mean other things", async () => {
    const account = await simulator({ retiredRevisions: ["2026-07-15"] });
    await expect(connect(account).probe()).rejects.toMatchObject({
      code: "KLAVIYO_REVISION_GONE",
      nextStep: expect.stringContaining("Update"),
    });
  });
});

test("a proxy of the environment is not asked on the way to this computer", async () => {
  const before = process.env.HTTP_PROXY;
  process.env.HTTP_PROXY = "http://127.0.0.1:1";
  try {
    await connect(await simulator()).probe();
  } finally {
    if (before === undefined) delete process.env.HTTP_PROXY;
    else process.env.HTTP_PROXY = before;
  }
});

describe("every setting of what the reference does not know", () => {
  const settings: Record<string, KlaviyoSimulatorOptions> = {
    "the last page has no next": { lastPage: "absent" },
    "pages repeat profiles of the page before": { repeatedProfiles: 7 },
    "consent events move `updated`": { consentMovesUpdated: true },
    "no rate-limit headers": { rateLimitHeaders: "none" },
    "rate-limit headers with windows": { rateLimitHeaders: "windows" },
    "reasons in lower case": { reasonCase: "lower" },
    "reasons in upper case": { reasonCase: "upper" },
    "another code for a missing key": { missingKeyCode: "authentication_failed" },
    "another code for a retired revision": { retiredRevisions: ["2025-07-15"], retiredCode: "retired" },
  };
  test.each(Object.keys(settings))("is met: %s", async (name) => {
    expect((await contentsOf(await simulator(settings[name]))).contents).toEqual(await undisturbed());
  });
});
