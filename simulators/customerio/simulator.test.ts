import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { meansUnsubscribed } from "./people.ts";
import {
  type CustomerIoSimulator,
  type CustomerIoSimulatorOptions,
  startCustomerIoSimulator,
} from "./simulator.ts";

let running: CustomerIoSimulator[] = [];
afterEach(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  running = [];
});

async function start(options: CustomerIoSimulatorOptions = {}): Promise<CustomerIoSimulator> {
  const simulator = await startCustomerIoSimulator({ appRequestsPerSecond: 1_000, ...options });
  running.push(simulator);
  return simulator;
}

async function call(simulator: CustomerIoSimulator, method: string, path: string, body?: unknown) {
  const { siteId, trackApiKey, appApiKey } = simulator.keys;
  const authorization = path.startsWith("/api/")
    ? `Basic ${Buffer.from(`${siteId}:${trackApiKey}`).toString("base64")}`
    : `Bearer ${appApiKey}`;
  const response = await fetch(simulator.url + path, {
    method,
    headers: { authorization, "content-type": "application/json" },
    redirect: "manual",
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    headers: response.headers,
    body: text === "" ? null : JSON.parse(text),
  };
}

/** A v1 identify that has taken effect. */
async function identify(simulator: CustomerIoSimulator, path: string, attributes: object) {
  const { status } = await call(
    simulator,
    "PUT",
    `/api/v1/customers/${encodeURIComponent(path)}`,
    attributes,
  );
  expect(status).toBe(200);
  simulator.settle();
}

describe("unsubscribed", () => {
  test.each([
    [true, true],
    ["true", true],
    ["TRUE", true],
    ["tRUe", true],
    [1, true],
    ["1", true],
    [false, false],
    ["false", false],
    ["yes", false],
    ["Y", false],
    ["t", false],
    ["unsubscribed", false],
    ["2024-01-01", false],
    [" true", false],
    [0, false],
    ["", false],
    [null, false],
    [undefined, false],
  ])("%j means %s", (value, expected) => {
    expect(meansUnsubscribed(value)).toBe(expected);
  });

  test("reads as a boolean beside text attributes", async () => {
    const simulator = await start();
    await identify(simulator, "7", { unsubscribed: 1, created_at: 1489014595, plan: "basic" });
    const { body } = await call(simulator, "GET", "/v1/customers/7/attributes");
    expect(body.customer.unsubscribed).toBe(true);
    expect(body.customer.attributes).toMatchObject({ unsubscribed: "true", created_at: "1489014595" });
  });
});

describe("identify finds its person", () => {
  test("by the identifier in the path", async () => {
    const simulator = await start();
    await identify(simulator, "7", { plan: "a" });
    await identify(simulator, "7", { plan: "b" });
    expect(simulator.peopleCount()).toBe(1);
    expect(simulator.personById("7")?.attributes.plan).toBe("b");
  });

  test("by the body where the path is unknown, and gives that person the path's identifier", async () => {
    const simulator = await start();
    await identify(simulator, "Jo@X.com", {});
    await identify(simulator, "7", { email: "jo@x.com" });
    expect(simulator.peopleCount()).toBe(1);
    expect(simulator.personById("7")?.email).toBe("Jo@X.com");
  });

  test("as a new one where neither is known; ids are case-sensitive", async () => {
    const simulator = await start();
    await identify(simulator, "a", {});
    await identify(simulator, "A", {});
    expect(simulator.peopleCount()).toBe(2);
  });

  test("and reports a conflict only in the activity log where path and body are two people", async () => {
    const simulator = await start();
    await identify(simulator, "1", { email: "a@x.com" });
    await identify(simulator, "2", { email: "b@x.com" });
    await identify(simulator, "1", { email: "b@x.com", plan: "c" });
    expect(simulator.personById("1")).toMatchObject({ email: "a@x.com", attributes: { plan: "c" } });
    const { body } = await call(simulator, "GET", "/v1/activities?type=failed_attribute_change");
    expect(body.activities).toHaveLength(1);
    expect(body.activities[0].customer_identifiers.id).toBe("1");
    expect(body.activities[0].data).toEqual({ email: { from: "a@x.com", to: "b@x.com" } });
  });

  test.each([
    [true, 1],
    [false, 2],
  ])("and merges an id-only with an email-only profile where autoMerge is %s", async (autoMerge, people) => {
    const simulator = await start({ autoMerge });
    await identify(simulator, "old@x.com", { plan: "a" });
    await identify(simulator, "1", {});
    await identify(simulator, "1", { email: "old@x.com" });
    expect(simulator.peopleCount()).toBe(people);
    const failures = simulator.activities().filter(({ type }) => type === "failed_attribute_change");
    expect(failures).toHaveLength(people - 1);
  });

  test("but drops a call for an unknown cio_id", async () => {
    const simulator = await start();
    await identify(simulator, "cio_a3000001", { email: "a@x.com" });
    expect(simulator.peopleCount()).toBe(0);
  });

  test.each([
    [true, "new@x.com"],
    [false, "old@x.com"],
  ])("and changes its address by id where that is allowed: %s", async (allowEmailUpdateById, email) => {
    const simulator = await start({ allowEmailUpdateById });
    await identify(simulator, "1", { email: "old@x.com" });
    await identify(simulator, "1", { email: "new@x.com" });
    expect(simulator.personById("1")?.email).toBe(email);
  });

  test("but never makes one with _update", async () => {
    const simulator = await start();
    await identify(simulator, "1", { _update: true });
    expect(simulator.peopleCount()).toBe(0);
    expect(simulator.activities().map(({ type }) => type)).toEqual(["failed_attribute_change"]);
  });
});

test("suppress deletes the person and keeps both identifiers out until unsuppress", async () => {
  const simulator = await start();
  await identify(simulator, "1", { email: "a@x.com" });
  expect((await call(simulator, "POST", "/api/v1/customers/1/suppress")).text).toBe("{}\n");
  simulator.settle();
  await identify(simulator, "A@x.com", {});
  await identify(simulator, "2", { email: "a@x.com" });
  expect(simulator.peopleCount()).toBe(0);
  await call(simulator, "POST", "/api/v1/customers/a%40x.com/unsuppress");
  await identify(simulator, "a@x.com", {});
  expect(simulator.peopleCount()).toBe(1);
});

test("delete forgets that somebody was unsubscribed", async () => {
  const simulator = await start();
  await identify(simulator, "1", { unsubscribed: true });
  await call(simulator, "DELETE", "/api/v1/customers/1");
  await identify(simulator, "1", {});
  expect(simulator.personById("1")?.attributes.unsubscribed).toBeUndefined();
});

test("a merge fills the survivor's empty attributes and deletes the other", async () => {
  const simulator = await start();
  await identify(simulator, "1", { plan: "a" });
  await identify(simulator, "2", { plan: "b", city: "Bonn" });
  await call(simulator, "POST", "/api/v1/merge_customers", { primary: { id: "1" }, secondary: { id: "2" } });
  simulator.settle();
  expect(simulator.personById("1")?.attributes).toEqual({ plan: "a", city: "Bonn" });
  expect(simulator.personById("2")).toBeNull();
});

describe("a batch", () => {
  const person = (id: string, attributes: object = {}) => ({
    type: "person",
    action: "identify",
    identifiers: { id },
    attributes,
  });

  test("names only the refused items and accepts the rest", async () => {
    const simulator = await start();
    const { status, body } = await call(simulator, "POST", "/api/v2/batch", {
      batch: [
        person("1"),
        { ...person("2"), identifiers: { id: "2", email: "a@x.com" } },
        { ...person("3"), action: "subscribe" },
        { ...person("4"), identifiers: {} },
        person("5", { note: "x".repeat(1_001) }),
        person("6", { ["n".repeat(151)]: 1 }),
        person("7", Object.fromEntries(Array.from({ length: 301 }, (_, n) => [`a${n}`, n]))),
        person("8", { notes: Array.from({ length: 40 }, () => "x".repeat(900)) }),
        person("i".repeat(151)),
        person("9"),
      ],
    });
    expect(status).toBe(207);
    expect(body.errors.map((error: { batch_index: number }) => error.batch_index)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(new Set(body.errors.map((error: { reason: string }) => error.reason))).toEqual(
      new Set(["required", "invalid"]),
    );
    simulator.settle();
    expect(simulator.personById("1")).not.toBeNull();
    expect(simulator.personById("9")).not.toBeNull();
    expect(simulator.peopleCount()).toBe(2);
  });

  test.each([
    ["no JSON", "{", 400],
    ["no batch", "{}", 400],
    ["too many bytes", JSON.stringify({ batch: [], pad: "x".repeat(500_000) }), 413],
  ])("with %s is refused whole", async (_, body, status) => {
    const simulator = await start();
    const answer = await call(simulator, "POST", "/api/v2/batch", body);
    expect(answer.status).toBe(status);
    expect(answer.body.errors[0]).not.toHaveProperty("batch_index");
  });
});

test("writes take effect a while after they were accepted", async () => {
  const simulator = await start({ writeDelayMs: 60_000 });
  await call(simulator, "PUT", "/api/v1/customers/1", {});
  expect((await call(simulator, "GET", "/v1/customers/1/attributes")).status).toBe(404);
  simulator.settle();
  expect((await call(simulator, "GET", "/v1/customers/1/attributes")).status).toBe(200);
});

describe("looking people up", () => {
  test("leaves unknown ids out and takes at most 100", async () => {
    const simulator = await start();
    await identify(simulator, "1", { email: "a+b@x.com" });
    const { body } = await call(simulator, "POST", "/v1/customers/attributes", { ids: ["1", "2"] });
    expect(body.customers.map((entry: { customer: { id: string } }) => entry.customer.id)).toEqual(["1"]);
    const tooMany = Array.from({ length: 101 }, String);
    expect((await call(simulator, "POST", "/v1/customers/attributes", { ids: tooMany })).status).toBe(400);
  });

  test("an unencoded plus finds nobody, without an error", async () => {
    const simulator = await start();
    await identify(simulator, "a+b@x.com", {});
    expect((await call(simulator, "GET", "/v1/customers?email=a+b@x.com")).body).toEqual({ results: [] });
    expect((await call(simulator, "GET", "/v1/customers?email=A%2Bb%40x.com")).body.results).toHaveLength(1);
  });

  test("by an identifier that the workspace does not use is refused", async () => {
    const simulator = await start({ identifiers: "id" });
    expect((await call(simulator, "GET", "/v1/customers/a%40x.com/attributes?id_type=email")).status).toBe(
      400,
    );
  });

  test("by a filter pages with a cursor", async () => {
    const simulator = await start();
    for (const id of ["1", "2", "3"]) await identify(simulator, id, { unsubscribed: id !== "2" });
    const filter = { attribute: { field: "unsubscribed", operator: "eq", value: "true" } };
    const first = await call(simulator, "POST", "/v1/customers?limit=1", { filter });
    const second = await call(simulator, "POST", `/v1/customers?limit=1&start=${first.body.next}`, {
      filter,
    });
    expect([...first.body.ids, ...second.body.ids]).toEqual(["1", "3"]);
    expect(second.body.next).toBe("");
  });
});

test("an ESP suppression is added, found in any letter case and removed", async () => {
  const simulator = await start();
  const path = "/v1/esp/suppression/bounces/Jo%2Bx%40x.com";
  expect(await call(simulator, "POST", path, {})).toMatchObject({ status: 200, body: {} });
  simulator.settle();
  const found = await call(simulator, "GET", "/v1/esp/search_suppression/jo%2Bx%40X.com");
  expect(found.body.suppressions).toMatchObject([{ email: "Jo+x@x.com", status: "550" }]);
  const byDomain = await call(simulator, "GET", "/v1/esp/domains/mail.x.com/suppression/bounces");
  expect(byDomain.body.suppressions).toHaveLength(1);
  expect((await call(simulator, "DELETE", path)).status).toBe(204);
  simulator.settle();
  expect((await call(simulator, "GET", "/v1/esp/suppression/bounces")).body.suppressions).toEqual([]);
});

describe("a broadcast", () => {
  test("reaches subscribed people with an address that is on no ESP list", async () => {
    const simulator = await start();
    await identify(simulator, "1", { email: "in@x.com" });
    await identify(simulator, "2", { email: "out@x.com", unsubscribed: true });
    await identify(simulator, "3", { email: "yes@x.com", unsubscribed: "yes" });
    await identify(simulator, "4", { email: "bounced@x.com" });
    await identify(simulator, "5", {});
    await call(simulator, "POST", "/v1/esp/suppression/bounces/bounced%40x.com", {});
    simulator.settle();
    const { body } = await call(simulator, "POST", "/v1/campaigns/1/triggers", {});
    expect(simulator.deliveriesOf(body.id).map(({ email }) => email)).toEqual(["in@x.com", "yes@x.com"]);
  });

  test("fails whole where somebody is missing, unless told otherwise", async () => {
    const simulator = await start({ broadcastIntervalMs: 0 });
    await identify(simulator, "1", { email: "in@x.com" });
    const strict = await call(simulator, "POST", "/v1/campaigns/1/triggers", { ids: ["1", "2"] });
    expect(simulator.deliveriesOf(strict.body.id)).toEqual([]);
    const lenient = await call(simulator, "POST", "/v1/campaigns/1/triggers", {
      ids: ["1", "2"],
      id_ignore_missing: true,
    });
    expect(simulator.deliveriesOf(lenient.body.id)).toHaveLength(1);
  });

  test("is refused with an empty filter, and a second time within ten seconds", async () => {
    const simulator = await start();
    const unknown = await call(simulator, "POST", "/v1/campaigns/99/triggers", {});
    const first = await call(simulator, "POST", "/v1/campaigns/1/triggers", { recipients: {} });
    const second = await call(simulator, "POST", "/v1/campaigns/1/triggers", {});
    expect([unknown.status, first.status, second.status]).toEqual([404, 422, 429]);
  });
});

describe("regions", () => {
  test("the US host sends an EU account's calls on and still tells its region", async () => {
    const eu = await start({ accountRegion: "eu" });
    const us = await start({ accountRegion: "eu", hostRegion: "us", redirectTo: eu.url });
    expect((await call(us, "GET", "/api/v1/accounts/region")).body).toEqual({
      url: "https://track-eu.customer.io",
      region: "eu",
      environment_id: 140_001,
    });
    const sent = await call(us, "PUT", "/api/v1/customers/1", {});
    expect([sent.status, sent.headers.get("location")]).toEqual([307, `${eu.url}/api/v1/customers/1`]);
    expect((await call(us, "GET", "/v1/workspaces")).status).toBe(401);
  });

  test("the EU host refuses a US account", async () => {
    const simulator = await start({ accountRegion: "us", hostRegion: "eu" });
    expect((await call(simulator, "PUT", "/api/v1/customers/1", {})).status).toBe(401);
  });
});

test("the App API refuses the eleventh call within a second, without headers", async () => {
  const simulator = await start({ appRequestsPerSecond: 10 });
  const answers = await Promise.all(
    Array.from({ length: 11 }, () => call(simulator, "GET", "/v1/workspaces")),
  );
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited).toHaveLength(1);
  expect(limited[0]!.headers.get("retry-after")).toBeNull();
});

test("wrong keys are refused", async () => {
  const simulator = await start({ unauthorisedBody: "meta" });
  const other = { ...simulator, keys: { siteId: "x", trackApiKey: "x", appApiKey: "x" } };
  expect((await call(other, "GET", "/api/v1/accounts/region")).body.meta.error).toBeTypeOf("string");
  expect((await call(other, "GET", "/v1/workspaces")).status).toBe(401);
});

test("a practice workspace that is opened again still knows its people", async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), "customerio-")), "state.json");
  const first = await start({ stateFile });
  await identify(first, "1", { email: "a@x.com", unsubscribed: true });
  await call(first, "POST", "/api/v1/customers/gone%40x.com/suppress");
  await call(first, "POST", "/v1/esp/suppression/bounces/b%40x.com", {});
  await call(first, "POST", "/v1/campaigns/1/triggers", {});
  await first.close();
  const again = await start({ stateFile });
  await identify(again, "gone@x.com", {});
  await identify(again, "2", {});
  expect(again.peopleCount()).toBe(2);
  expect(again.personById("1")).toMatchObject({ email: "a@x.com", attributes: { unsubscribed: true } });
  expect(again.lists().has("bounces", "B@x.com")).toBe(true);
  expect(again.triggers()).toHaveLength(1);
});
