import { afterEach, describe, expect, test } from "vitest";
import {
  type CustomerIoClientOptions,
  createCustomerIoClient,
  type SuppressionEntry,
} from "../../customerio/client.ts";
import type { IdentifyItem } from "../../customerio/identify-item.ts";
import { customerIoFaults, type Fault } from "../../simulators/customerio/faults.ts";
import {
  type CustomerIoSimulator,
  type CustomerIoSimulatorOptions,
  startCustomerIoSimulator,
} from "../../simulators/customerio/simulator.ts";

let running: CustomerIoSimulator[] = [];
afterEach(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  running = [];
});

async function simulate(options: CustomerIoSimulatorOptions = {}): Promise<CustomerIoSimulator> {
  const simulator = await startCustomerIoSimulator({
    appRequestsPerSecond: 2_000,
    broadcastIntervalMs: 20,
    writeDelayMs: 0,
    recordBodies: true,
    ...options,
  });
  running.push(simulator);
  return simulator;
}

function connect(simulator: CustomerIoSimulator, options: Partial<CustomerIoClientOptions> = {}) {
  return createCustomerIoClient({
    credentials: simulator.keys,
    endpoint: simulator.url,
    appRequestsPerSecond: 1_000,
    broadcastIntervalMs: 20,
    timeoutMs: 5_000,
    retries: 3,
    retryDelayMs: 1,
    ...options,
  });
}

function person(id: string, attributes: IdentifyItem["attributes"] = { unsubscribed: true }): IdentifyItem {
  return { type: "person", action: "identify", identifiers: { id }, attributes };
}

/** The fault for the first `times` requests to paths that start so. */
function first(times: number, fault: Fault, path = "/") {
  let left = times;
  return (request: { path: string }) => {
    if (!request.path.startsWith(path) || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

async function collect<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

const failure = (kind: string, code: string) => expect.objectContaining({ name: "Failure", kind, code });

describe("the workspace", () => {
  test.each(["us", "eu"] as const)("is found with its name and region %s", async (region) => {
    const simulator = await simulate({ accountRegion: region, workspaceName: "Shop", workspaceId: 42 });
    expect(await connect(simulator).workspace()).toEqual({ id: 42, name: "Shop", region });
  });

  test.each(["siteId", "trackApiKey"] as const)("is refused with a wrong %s", async (key) => {
    const simulator = await simulate();
    const client = connect(simulator, { credentials: { ...simulator.keys, [key]: "wrong-secret" } });
    const error = await client.workspace().catch((e) => e);
    expect(error).toEqual(failure("bad_input", "TRACK_KEY_REFUSED"));
    expect(JSON.stringify([error.message, error.nextStep])).not.toContain("secret");
  });

  test("is refused with a wrong App key", async () => {
    const simulator = await simulate();
    const client = connect(simulator, { credentials: { ...simulator.keys, appApiKey: "wrong-secret" } });
    await expect(client.workspace()).rejects.toEqual(failure("bad_input", "APP_KEY_REFUSED"));
  });

  test("is refused where the App key opens another account", async () => {
    const simulator = await simulate({
      faults: ({ path }) =>
        path === "/v1/workspaces"
          ? { status: 200, body: { workspaces: [{ id: 7, name: "Other" }] } }
          : undefined,
    });
    await expect(connect(simulator).workspace()).rejects.toEqual(failure("bad_input", "KEYS_DO_NOT_MATCH"));
  });

  test("is asked again after a failure", async () => {
    const simulator = await simulate({ faults: first(4, { status: 503 }) });
    const client = connect(simulator);
    await expect(client.workspace()).rejects.toEqual(failure("failed", "CUSTOMER_IO_SERVER_ERROR"));
    expect(await client.workspace()).toMatchObject({ name: "Practice" });
  });
});

describe("sending a batch", () => {
  test("accepts every item and they can be read back", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    const items = [person("1"), person("2", { email: "b@x.com", plan: "gold" })];
    expect(await client.sendBatch(items)).toEqual([{ kind: "accepted" }, { kind: "accepted" }]);
    const profiles = await client.profilesByIds(["1", "2", "3"]);
    expect([...profiles.keys()].sort()).toEqual(["1", "2"]);
    expect(profiles.get("1")).toMatchObject({ unsubscribed: true, email: null });
    expect(profiles.get("2")).toMatchObject({ unsubscribed: false, email: "b@x.com" });
    expect(profiles.get("2")?.attributes.plan).toBe("gold");
  });

  test.each([
    ["first", 0],
    ["middle", 2],
    ["last", 4],
  ])("reports a refused %s item and accepts the others", async (_, bad) => {
    const simulator = await simulate();
    const items = [0, 1, 2, 3, 4].map((n) => person(n === bad ? "x".repeat(151) : String(n)));
    const outcomes = await connect(simulator).sendBatch(items);
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      items.map((_, n) => (n === bad ? "refused" : "accepted")),
    );
    expect(outcomes[bad]).toMatchObject({ reason: expect.stringContaining("150 bytes") });
    expect(simulator.requestCount()).toBe(1);
  });

  test("believes the errors of a 200", async () => {
    const body = { errors: [{ batch_index: 1, reason: "invalid", message: "taken by jo@x.com" }] };
    const simulator = await simulate({ faults: first(1, { status: 200, body }) });
    const outcomes = await connect(simulator).sendBatch([person("1"), person("2")]);
    expect(outcomes).toEqual([
      { kind: "accepted" },
      { kind: "refused", reason: "Customer.io refused it: invalid: taken by [address]." },
    ]);
  });

  test("finds the item that makes Customer.io refuse the whole batch", async () => {
    const simulator = await simulate({
      faults: ({ body }) =>
        body.includes('"poison"')
          ? { status: 400, body: { errors: [{ reason: "invalid", field: "id", message: "no" }] } }
          : undefined,
    });
    const items = ["1", "2", "poison", "4", "5", "6", "7"].map((id) => person(id));
    const outcomes = await connect(simulator).sendBatch(items);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      "accepted",
      "accepted",
      "refused",
      "accepted",
      "accepted",
      "accepted",
      "accepted",
    ]);
    expect(simulator.peopleCount()).toBe(6);
  });

  test.each([
    ["a 207 that names nobody", { status: 207, body: { errors: [] } }],
    [
      "an index that does not exist",
      { status: 207, body: { errors: [{ batch_index: 9, reason: "invalid" }] } },
    ],
    ["an error without an index", { status: 200, body: { errors: [{ reason: "invalid" }] } }],
    ["errors that are no list", { status: 200, body: { errors: "invalid" } }],
    ["a meta error", { status: 200, body: { meta: { error: "invalid" } } }],
  ])("never takes %s for an acceptance", async (_, fault) => {
    const simulator = await simulate({ faults: () => fault });
    const outcomes = await connect(simulator).sendBatch([person("1"), person("2"), person("3")]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["refused", "refused", "refused"]);
  });

  test("divides a batch that is too large for the server", async () => {
    const simulator = await simulate({
      faults: ({ body }) => (body.length > 300 ? { status: 413, body: "too large" } : undefined),
    });
    const outcomes = await connect(simulator).sendBatch(["1", "2", "3", "4", "5"].map((id) => person(id)));
    expect(outcomes.every(({ kind }) => kind === "accepted")).toBe(true);
    expect(simulator.peopleCount()).toBe(5);
  });

  test.each<[string, Fault]>([
    ["429", { status: 429, headers: { "retry-after": "0" } }],
    ["500", { status: 500, body: "upstream error" }],
    ["503", { status: 503 }],
    ["a reset", "reset"],
    ["a reset after the fact", "reset-after"],
    ["a truncated answer", "truncate"],
    ["an HTML page", { status: 200, body: "<html></html>" }],
    ["an empty answer", { status: 200 }],
  ])("tries again after %s", async (_, fault) => {
    const simulator = await simulate({ faults: first(2, fault) });
    expect(await connect(simulator).sendBatch([person("1")])).toEqual([{ kind: "accepted" }]);
    expect(simulator.requestCount()).toBe(3);
    expect(simulator.personById("1")).not.toBeNull();
  });

  test.each<[string, Fault, string]>([
    ["429", { status: 429, headers: { "retry-after": "0" } }, "CUSTOMER_IO_RATE_LIMITED"],
    ["503", { status: 503 }, "CUSTOMER_IO_SERVER_ERROR"],
    ["resets", "reset", "CUSTOMER_IO_UNREACHABLE"],
    ["silence", "hang", "CUSTOMER_IO_UNREACHABLE"],
    ["truncated answers", "truncate", "CUSTOMER_IO_UNREACHABLE"],
    ["HTML pages", { status: 200, body: "<html></html>" }, "CUSTOMER_IO_UNREADABLE"],
  ])("fails where %s outlast the retries", async (_, fault, code) => {
    const simulator = await simulate({ faults: () => fault });
    const client = connect(simulator, { retries: 1, timeoutMs: 100 });
    await expect(client.sendBatch([person("1")])).rejects.toEqual(failure("failed", code));
    expect(simulator.requestCount()).toBe(2);
  });

  test("stops at once where the key is refused", async () => {
    const simulator = await simulate();
    const client = connect(simulator, { credentials: { ...simulator.keys, trackApiKey: "x" } });
    await expect(client.sendBatch([person("1")])).rejects.toEqual(failure("bad_input", "TRACK_KEY_REFUSED"));
    expect(simulator.requestCount()).toBe(1);
  });

  test.each([301, 302, 307, 308] as const)(
    "follows a %i to the other region with its body",
    async (redirectStatus) => {
      const eu = await simulate({ accountRegion: "eu" });
      const us = await simulate({
        accountRegion: "eu",
        hostRegion: "us",
        redirectTo: eu.url,
        redirectStatus,
      });
      expect(await connect(us).sendBatch([person("1")])).toEqual([{ kind: "accepted" }]);
      expect(eu.personById("1")?.attributes.unsubscribed).toBe(true);
    },
  );

  test("does not follow a redirect to anywhere else", async () => {
    const simulator = await simulate({
      faults: () => ({ status: 307, headers: { location: "https://example.com/" } }),
    });
    await expect(connect(simulator).sendBatch([person("1")])).rejects.toEqual(
      failure("failed", "CUSTOMER_IO_REDIRECT"),
    );
  });

  test("sends nothing that would subscribe somebody", async () => {
    const simulator = await simulate();
    const item = person("1", { unsubscribed: false } as unknown as IdentifyItem["attributes"]);
    await expect(connect(simulator).sendBatch([person("2"), item])).rejects.toThrow(/subscribe somebody/);
    expect(simulator.requestCount()).toBe(0);
  });

  test("ends with the signal's reason while a call hangs", async () => {
    const simulator = await simulate({ faults: () => "hang" });
    const controller = new AbortController();
    const sending = connect(simulator, { signal: controller.signal }).sendBatch([person("1")]);
    const outcome = expect(sending).rejects.toThrow("the operator cancelled");
    while (simulator.requestCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("the operator cancelled"));
    await outcome;
  });
});

/** The reference leaves these open; each reading must do. */
describe("answers in another shape than our simulator's", () => {
  const answered = async (path: string, body: unknown) => {
    const simulator = await simulate();
    simulator.setFaults((request) => (request.path === path ? { status: 200, body } : undefined));
    return connect(simulator);
  };
  const attributesPath = "/v1/customers/attributes";

  test("a person is read whether or not the entry wraps it, with a number for an id too", async () => {
    const customer = {
      identifiers: { id: 7, email: null, cio_id: "a1" },
      attributes: {},
      unsubscribed: true,
    };
    for (const entry of [{ customer }, customer]) {
      const client = await answered(attributesPath, { customers: [entry] });
      expect((await client.profilesByIds(["7"])).get("7")).toMatchObject({ id: "7", unsubscribed: true });
    }
  });

  test.each([
    ["a list of another name", { environments: [{ id: 140_001, name: "Practice" }], next: "" }],
    ["a bare list", [{ id: "140001", name: "Practice" }]],
  ])("the workspace is found in %s", async (_, body) => {
    expect(await (await answered("/v1/workspaces", body)).workspace()).toMatchObject({ name: "Practice" });
  });

  test("people without an id are found under a cio_id with its prefix too", async () => {
    const simulator = await simulate({ identifiers: "id" });
    simulator.setFaults(({ path, query, body }) => {
      if (path === "/v1/customers") return { status: 200, body: { results: [{ cio_id: "a1", id: null }] } };
      if (path !== attributesPath) return undefined;
      if (query.get("id_type") === "email") return { status: 400 };
      const customer = { identifiers: { id: null, cio_id: "a1" }, attributes: { email: "jo@x.com" } };
      return { status: 200, body: { customers: body.includes('"cio_a1"') ? [{ customer }] : [] } };
    });
    const { profiles } = await connect(simulator).profilesByEmails(["jo@x.com"]);
    expect(profiles.get("jo@x.com")).toMatchObject([{ cioId: "a1" }]);
  });

  test("an address that stands on its list already is no refusal", async () => {
    const simulator = await simulate({ faults: () => ({ status: 409 }) });
    expect(await connect(simulator).addSuppression("bounces", "jo@x.com")).toEqual({ kind: "accepted" });
  });
});

describe("ESP suppression lists", () => {
  test("hold what was added, and not what was removed", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    expect(await client.addSuppression("bounces", "Jo+x/y@x.com")).toEqual({ kind: "accepted" });
    expect(await client.addSuppression("spam_reports", "b@x.com")).toEqual({ kind: "accepted" });
    expect(await collect(client.suppressionList("bounces"))).toMatchObject([
      { email: "Jo+x/y@x.com", status: "550" },
    ]);
    expect(await client.searchSuppression("b@x.com")).toMatchObject([{ email: "b@x.com" }]);
    await client.removeSuppression("spam_reports", "b@x.com");
    await client.removeSuppression("spam_reports", "b@x.com");
    expect(await client.searchSuppression("b@x.com")).toEqual([]);
  });

  test("refuse what is no address", async () => {
    const simulator = await simulate();
    const outcome = await connect(simulator).addSuppression("bounces", "not an address");
    expect(outcome).toEqual({
      kind: "refused",
      reason: "Customer.io refused it (HTTP 400): email is not valid.",
    });
  });

  test.each([true, false])(
    "are read whole over many pages, with empty lists as null: %s",
    async (emptyListAsNull) => {
      const simulator = await simulate({ emptyListAsNull });
      for (let n = 0; n < 2_500; n += 1) {
        simulator
          .lists()
          .add("bounces", `a${n}@x.com`, { created: n, reason: "", status: "550", domain: null });
      }
      const client = connect(simulator);
      const entries = await collect<SuppressionEntry>(client.suppressionList("bounces"));
      expect(new Set(entries.map(({ email }) => email)).size).toBe(2_500);
      expect(await collect(client.suppressionList("blocks"))).toEqual([]);
    },
  );

  test("are read whole where the server gives shorter pages than asked", async () => {
    const all = Array.from({ length: 7 }, (_, n) => ({
      email: `a${n}@x.com`,
      created: n,
      reason: "",
      status: "550",
    }));
    const simulator = await simulate({
      faults: ({ query }) => {
        const offset = Number(query.get("offset"));
        return { status: 200, body: { category: "bounces", suppressions: all.slice(offset, offset + 3) } };
      },
    });
    expect(await collect(connect(simulator).suppressionList("bounces"))).toHaveLength(7);
  });

  test.each([
    ["repeats its pages", { suppressions: [{ email: "a@x.com" }] }],
    ["has no list", {}],
    ["has an entry without address", { suppressions: [{}] }],
  ])("fail to be read where the server %s", async (_, body) => {
    const simulator = await simulate({ faults: () => ({ status: 200, body }) });
    await expect(collect(connect(simulator).suppressionList("bounces"))).rejects.toEqual(
      failure("failed", "CUSTOMER_IO_UNREADABLE"),
    );
  });
});

describe("reading profiles back", () => {
  test("works for any number of ids", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    const ids = Array.from({ length: 250 }, (_, n) => `id/${n} ü`);
    await client.sendBatch(ids.map((id) => person(id)));
    const profiles = await client.profilesByIds([...ids, "nobody"]);
    expect([...profiles.keys()].sort()).toEqual([...ids].sort());
    expect(simulator.requests().filter(({ path }) => path === "/v1/customers/attributes")).toHaveLength(3);
  });

  test("shows a write once it has taken effect", async () => {
    const simulator = await simulate({ writeDelayMs: 60_000 });
    const client = connect(simulator);
    expect(await client.sendBatch([person("1")])).toEqual([{ kind: "accepted" }]);
    expect((await client.profilesByIds(["1"])).size).toBe(0);
    simulator.settle();
    expect((await client.profilesByIds(["1"])).get("1")?.unsubscribed).toBe(true);
  });

  test("finds addresses as asked, in any letter case", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    await client.sendBatch([{ ...person(""), identifiers: { email: "Jo+x@X.com" } }]);
    const { profiles, byLookup } = await client.profilesByEmails(["jo+x@x.com", "nobody@x.com"]);
    expect(byLookup).toBe(false);
    expect([...profiles.keys()]).toEqual(["jo+x@x.com"]);
    expect(profiles.get("jo+x@x.com")).toMatchObject([{ email: "Jo+x@X.com", id: null, unsubscribed: true }]);
  });

  test("finds every profile of an address where email is no identifier, and says how", async () => {
    const simulator = await simulate({ identifiers: "id" });
    const client = connect(simulator);
    await client.sendBatch([
      person("1", { email: "jo+x@x.com", unsubscribed: true }),
      person("2", { email: "jo+x@x.com" }),
      person("3", { email: "other@x.com" }),
    ]);
    const { profiles, byLookup } = await client.profilesByEmails(["jo+x@x.com", "nobody@x.com"]);
    expect(byLookup).toBe(true);
    expect(profiles.get("jo+x@x.com")?.map(({ id, unsubscribed }) => [id, unsubscribed])).toEqual([
      ["1", true],
      ["2", false],
    ]);
    expect(profiles.size).toBe(1);
  });

  test.each(["true", 1, undefined])("does not take unsubscribed: %j for proof", async (unsubscribed) => {
    const customer = {
      id: "1",
      identifiers: { id: "1", email: null, cio_id: "a1" },
      attributes: {},
      unsubscribed,
    };
    const simulator = await simulate({
      faults: () => ({ status: 200, body: { customers: [{ customer }] } }),
    });
    const profiles = await connect(simulator).profilesByIds(["1"]);
    expect(profiles.get("1")?.unsubscribed).toBe(false);
  });

  test.each(["email+id", "id"] as const)(
    "takes ids that are numbers in the answers for what they are (%s)",
    async (identifiers) => {
      const simulator = await simulate({ numericIds: true, identifiers });
      const client = connect(simulator);
      await client.sendBatch([person("42", { email: "jo@x.com" }), person("007")]);
      expect([...(await client.profilesByIds(["42", "007"])).keys()].sort()).toEqual(["007", "42"]);
      const { profiles } = await client.profilesByEmails(["jo@x.com"]);
      expect(profiles.get("jo@x.com")).toMatchObject([{ id: "42" }]);
    },
  );

  test("ignores profiles that nobody asked for", async () => {
    const customer = {
      identifiers: { id: "2", email: null, cio_id: "a1" },
      attributes: {},
      unsubscribed: true,
    };
    const simulator = await simulate({
      faults: () => ({ status: 200, body: { customers: [{ customer }] } }),
    });
    expect((await connect(simulator).profilesByIds(["1"])).size).toBe(0);
  });
});

test("topics are listed", async () => {
  const simulator = await simulate();
  expect(await connect(simulator).topics()).toContainEqual({
    id: 2,
    identifier: "topic_2",
    name: "Offers",
    description: "Offers and discounts",
    subscribedByDefault: false,
  });
});

test("conflicts show in the activities since a time, over many pages", async () => {
  const simulator = await simulate();
  const client = connect(simulator);
  await client.sendBatch([person("0", { email: "owner@x.com" })]);
  const others = Array.from({ length: 150 }, (_, n) => `p${n}`);
  await client.sendBatch(others.map((id) => person(id)));
  await client.sendBatch(others.map((id) => person(id, { email: "owner@x.com" })));
  const activities = await collect(client.activities("failed_attribute_change", 0));
  expect(activities.map(({ customer }) => customer.id).sort()).toEqual([...others].sort());
  expect(activities[0]?.data).toEqual({ email: { from: "", to: "owner@x.com" } });
  const tomorrow = Date.now() / 1000 + 86_400;
  expect(await collect(client.activities("failed_attribute_change", tomorrow))).toEqual([]);
});

describe("triggering a broadcast", () => {
  test("reaches the subscribed", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    await client.sendBatch([
      person("1", { email: "in@x.com" }),
      person("2", { email: "out@x.com", unsubscribed: true }),
    ]);
    const { triggerId } = await client.triggerBroadcast(1, {});
    expect(simulator.deliveriesOf(triggerId)).toMatchObject([{ email: "in@x.com" }]);
  });

  test.each<[string, Fault]>([
    ["silence", "hang"],
    ["a reset", "reset"],
    ["a reset after the fact", "reset-after"],
    ["a truncated answer", "truncate"],
    ["500", { status: 500 }],
    ["503", { status: 503 }],
    ["an HTML page", { status: 200, body: "<html></html>" }],
    ["an answer without a trigger", { status: 200, body: {} }],
  ])("is not tried again after %s", async (_, fault) => {
    const simulator = await simulate({ faults: () => fault });
    const client = connect(simulator, { timeoutMs: 100 });
    await expect(client.triggerBroadcast(1, {})).rejects.toEqual(failure("failed", "SEND_UNCLEAR"));
    expect(simulator.requestCount()).toBe(1);
  });

  test("is unclear where it is cancelled under way", async () => {
    const simulator = await simulate({ faults: () => "hang" });
    const controller = new AbortController();
    const sending = connect(simulator, { signal: controller.signal }).triggerBroadcast(1, {});
    const outcome = expect(sending).rejects.toEqual(failure("failed", "SEND_UNCLEAR"));
    while (simulator.requestCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await outcome;
  });

  test("is tried again after a 429, which is clear", async () => {
    const simulator = await simulate({ faults: first(1, { status: 429, headers: { "retry-after": "0" } }) });
    expect(await connect(simulator).triggerBroadcast(1, {})).toEqual({ triggerId: 1 });
    expect(simulator.triggers()).toHaveLength(1);
  });

  test("says plainly that nothing was sent where nobody listens", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    await simulator.close();
    running = [];
    await expect(client.triggerBroadcast(1, {})).rejects.toEqual(
      failure("failed", "CUSTOMER_IO_UNREACHABLE"),
    );
  });

  test("is refused for an unknown broadcast and an empty audience", async () => {
    const simulator = await simulate();
    const client = connect(simulator);
    await expect(client.triggerBroadcast(99, {})).rejects.toEqual(failure("bad_input", "BROADCAST_UNKNOWN"));
    await expect(client.triggerBroadcast(1, { recipients: {} })).rejects.toEqual(
      failure("bad_input", "BROADCAST_REFUSED"),
    );
  });
});

describe("pace", () => {
  test("stays within the App limit over many calls at once", async () => {
    const simulator = await simulate({ appRequestsPerSecond: 40 });
    const client = connect(simulator, { appRequestsPerSecond: 40 });
    await Promise.all(Array.from({ length: 120 }, (_, n) => client.addSuppression("bounces", `a${n}@x.com`)));
    const refused = simulator.requests().filter(({ status }) => status === 429).length;
    expect(refused / simulator.requestCount()).toBeLessThan(0.01);
    expect(simulator.lists().entries("bounces")).toHaveLength(120);
  });

  test("slows down instead of storming where the limit is lower than thought", async () => {
    const simulator = await simulate({ appRequestsPerSecond: 20 });
    const client = connect(simulator, { appRequestsPerSecond: 60, retries: 10 });
    await Promise.all(Array.from({ length: 60 }, (_, n) => client.addSuppression("bounces", `a${n}@x.com`)));
    const refused = simulator.requests().filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(30);
    expect(simulator.lists().entries("bounces")).toHaveLength(60);
  }, 20_000);

  test("waits as long as Retry-After says", async () => {
    const simulator = await simulate({
      faults: first(1, { status: 429, headers: { "retry-after": "1" } }),
    });
    await connect(simulator).topics();
    const [refused, admitted] = simulator.requests();
    expect([refused?.status, admitted?.status]).toEqual([429, 200]);
    expect(admitted!.at - refused!.at).toBeGreaterThanOrEqual(990);
  });

  test("spaces broadcast triggers", async () => {
    const simulator = await simulate({ broadcastIntervalMs: 300 });
    const client = connect(simulator, { broadcastIntervalMs: 600 });
    for (let n = 0; n < 3; n += 1) await client.triggerBroadcast(1, {});
    expect(simulator.requests().map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

test.each(Object.entries(customerIoFaults).filter(([name]) => !name.endsWith("-down")))(
  "a migration comes through the trouble called %s with nothing lost",
  async (_, makeFaults) => {
    const simulator = await simulate({ faults: makeFaults() });
    const client = connect(simulator, { retries: 8 });
    const ids = Array.from({ length: 40 }, (_, n) => String(n));
    const outcomes = await Promise.all(ids.map((id) => client.sendBatch([person(id)])));
    expect(outcomes.flat().every(({ kind }) => kind === "accepted")).toBe(true);
    const profiles = await client.profilesByIds(ids);
    expect(ids.filter((id) => !profiles.get(id)?.unsubscribed)).toEqual([]);
  },
  20_000,
);

test("nothing that the client says of a failure holds a key or an address", async () => {
  const simulator = await simulate({
    faults: ({ path }) => ({ status: 400, body: { errors: [{ detail: `bad: ${path}`, status: 400 }] } }),
  });
  const client = connect(simulator);
  const errors = await Promise.all([
    client.searchSuppression("jo@x.com").catch((e) => e),
    client.removeSuppression("bounces", "jo@x.com").catch((e) => e),
    client.profilesByIds(["1"]).catch((e) => e),
    client.addSuppression("bounces", "jo@x.com"),
  ]);
  for (const error of errors) {
    expect(`${error.message} ${error.reason} ${error.nextStep} ${error.stack}`).not.toMatch(/jo(@|%40)x/);
  }
});
