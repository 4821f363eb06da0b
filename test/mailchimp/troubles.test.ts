import { afterEach, describe, expect, test } from "vitest";
import { Failure } from "../../contract/failure.ts";
import type { SourceRecord } from "../../contract/source.ts";
import { type MailchimpFaultName, mailchimpFaults } from "../../simulators/mailchimp/faults.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { closeSimulators, connect, expectedOf, pull, readOf, simulate } from "./harness.ts";

afterEach(closeSimulators);

const world = createWorld({ people: 400, seed: 5 });

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe("no trouble on the way loses or adds anybody", () => {
  test.each(Object.keys(mailchimpFaults) as MailchimpFaultName[])("%s", async (name) => {
    const simulator = await simulate({ world, faults: mailchimpFaults[name]() });
    const { records } = await pull(connect(simulator, { pageSize: 40, attempts: 30 }));
    expect(readOf(records)).toEqual(expectedOf(simulator.account));
  });

  test("calls that are never answered", async () => {
    const hangs = new Set([6, 20, 21, 33]);
    const simulator = await simulate({
      world,
      faults: ({ count }) => (hangs.has(count) ? "hang" : undefined),
    });
    const { records } = await pull(connect(simulator, { pageSize: 40, timeoutMs: 300 }));
    expect(readOf(records)).toEqual(expectedOf(simulator.account));
  });

  test("a Retry-After that the vendor does not promise is waited for", async () => {
    const waits: number[] = [];
    const simulator = await simulate({
      world,
      faults: ({ count }) => {
        waits.push(performance.now());
        return count === 3 ? { status: 429, headers: { "retry-after": "1" } } : undefined;
      },
    });
    await connect(simulator).probe();
    await connect(simulator).probe();
    expect(waits[3]! - waits[2]!).toBeGreaterThanOrEqual(1000);
  });

  test("people with fields of a megabyte, whose page is too much at once", async () => {
    const simulator = await simulate();
    const { id } = simulator.account.addAudience("a000000001", "Large");
    for (let n = 0; n < 12; n += 1)
      simulator.account.addPerson({
        email: `large${n}@example.com`,
        audience: id,
        mergeFields: { COMPANY: "x".repeat(1_000_000) },
      });
    const { records } = await pull(connect(simulator, { largestAnswer: 3_000_000 }));
    expect(readOf(records)).toEqual(expectedOf(simulator.account));
  });
});

test("of connections that others hold, few are asked for in vain", async () => {
  const simulator = await simulate({ world: createWorld({ people: 1500, seed: 5 }), latencyMs: 2 });
  simulator.setOtherConnections(8);
  const { records } = await pull(connect(simulator, { pageSize: 2, attempts: 30 }));
  expect(readOf(records)).toEqual(expectedOf(simulator.account));
  const refused = simulator.requests().filter(({ status }) => status === 429).length;
  expect(refused / simulator.requestCount()).toBeLessThan(0.01);
});

describe("a key that does not serve is told apart", () => {
  test.each([
    ["wrong", { key: "ffffffffffffffffffffffffffffffff-us6" }, "MAILCHIMP_KEY_REFUSED"],
    [
      "of another data centre",
      { key: "0123456789abcdef0123456789abcdef-us12" },
      "MAILCHIMP_WRONG_DATA_CENTRE",
    ],
    ["no key at all", { key: "x y" }, "MAILCHIMP_KEY_MALFORMED"],
    [
      "without a data centre",
      { key: "0123456789abcdef0123456789abcdef", endpoint: undefined },
      "MAILCHIMP_KEY_MALFORMED",
    ],
    [
      "with a host in it",
      { key: "abcdef0123456789-us6.example.com/", endpoint: undefined },
      "MAILCHIMP_KEY_MALFORMED",
    ],
    ["for a place beyond this computer", { endpoint: "http://mailchimp.example" }, "ENDPOINT_NOT_ALLOWED"],
  ])("%s", async (_, access, code) => {
    const simulator = await simulate();
    const failure = await failureOf(
      (async () => connect(simulator, {}, access as { key: string }).probe())(),
    );
    expect(failure).toMatchObject({ kind: "bad_input", code });
  });

  test("whose data centre answers 401 to strangers", async () => {
    const simulator = await simulate({ wrongDataCentreStatus: 401 });
    const api = connect(simulator, {}, { key: "0123456789abcdef0123456789abcdef-us12" });
    expect(await failureOf(api.probe())).toMatchObject({ code: "MAILCHIMP_KEY_REFUSED" });
  });

  test.each(["spaced", "joined"] as const)("of a suspended account, titles %s", async (problemTitles) => {
    const title = problemTitles === "spaced" ? "Compliance Related" : "ComplianceRelated";
    const simulator = await simulate({
      problemTitles,
      faults: () => ({ status: 503, body: { title, status: 503, detail: "", type: "", instance: "" } }),
    });
    expect(await failureOf(connect(simulator).probe())).toMatchObject({
      code: "MAILCHIMP_ACCOUNT_SUSPENDED",
    });
  });

  test("for an address at which something else answers", async () => {
    const simulator = await simulate({ faults: () => ({ status: 404, body: "nothing here" }) });
    expect(await failureOf(connect(simulator).probe())).toMatchObject({
      kind: "bad_input",
      code: "MAILCHIMP_NOT_THERE",
    });
  });

  test("for an account that does not tell its name: it serves all the same", async () => {
    const simulator = await simulate({
      faults: ({ path }) =>
        path === "/" ? { status: 404, body: { title: "Resource Not Found" } } : undefined,
    });
    expect(await connect(simulator).probe()).toEqual({ account: "Mailchimp account" });
  });

  test("for an address at which nothing answers, in words about the connection", async () => {
    const simulator = await simulate();
    await closeSimulators();
    const failure = await failureOf(connect(simulator).probe());
    expect(failure).toMatchObject({ kind: "failed", code: "MAILCHIMP_UNREACHABLE" });
    expect(failure.message).toMatch(/no connection came about \(ECONNREFUSED\)/);
  });

  test("of a user who may not read members", async () => {
    const simulator = await simulate({
      world,
      faults: ({ path }) =>
        path.endsWith("/members")
          ? { status: 403, body: { title: "Forbidden", status: 403, detail: "No.", type: "", instance: "" } }
          : undefined,
    });
    expect(await failureOf(connect(simulator).plan(null))).toMatchObject({ code: "MAILCHIMP_FORBIDDEN" });
  });
});

test("a user who may not see campaign reports gets everything but times, and is told", async () => {
  const simulator = await simulate({
    world,
    faults: ({ path }) =>
      path.startsWith("/reports")
        ? { status: 403, body: { title: "Forbidden", status: 403, detail: "No.", type: "", instance: "" } }
        : undefined,
  });
  const { records, plan } = await pull(connect(simulator));
  expect(readOf(records)).toEqual(expectedOf(simulator.account));
  expect(plan.notes.join(" ")).toMatch(/may not see campaign reports/);
});

test("a redirect is not followed, so the key goes nowhere else", async () => {
  const stranger = await simulate();
  const simulator = await simulate({
    faults: () => ({ status: 302, headers: { location: `${stranger.url}/3.0/ping` } }),
  });
  expect(await failureOf(connect(simulator).probe())).toMatchObject({ code: "MAILCHIMP_REDIRECTED" });
  expect(stranger.requestCount()).toBe(0);
});

test("an answer that lacks what the vendor documents is no page", async () => {
  const simulator = await simulate({
    world,
    faults: ({ path }) => (path.endsWith("/members") ? { status: 200, body: { members: [] } } : undefined),
  });
  expect(await failureOf(connect(simulator).plan(null))).toMatchObject({ code: "MAILCHIMP_UNREADABLE" });
});

test("an audience whose id holds the word “server” is read like any other", async () => {
  const simulator = await simulate();
  simulator.account.addAudience("server1", "Server news");
  simulator.account.addPerson({ email: "admin@example.com", audience: "server1" });
  const { records } = await pull(connect(simulator));
  expect(readOf(records)).toEqual(expectedOf(simulator.account));
});

test("people whose address is empty or unreadable are kept or told, never left out", async () => {
  const simulator = await simulate();
  simulator.account.addAudience("a000000001", "News");
  simulator.account.addPerson({ email: "", userId: "7" });
  simulator.account.addPerson({ email: "bad\ufffd@example.com", status: "unsubscribed" });
  simulator.account.addPerson({ email: "Jürgen@BÜCHER.example", userId: "12345678901234567890" });
  const { records, rejections } = await pull(connect(simulator));
  const kept = [...records.values()].map(({ email, userId }: SourceRecord) => `${email} ${userId}`);
  expect(kept.sort()).toEqual([" 7", "Jürgen@BÜCHER.example 12345678901234567890"]);
  expect(rejections[0]!.reason).toMatch(/no valid text/);
});
