import { afterEach, describe, expect, test } from "vitest";
import type { Failure } from "../../contract/failure.ts";
import { type IterableFaultName, iterableFaults } from "../../simulators/iterable/faults.ts";
import type { Fault } from "../../simulators/iterable/http.ts";
import { globalSuppressionListId } from "../../simulators/iterable/schema.ts";
import type { IterableSimulator, IterableSimulatorOptions } from "../../simulators/iterable/simulator.ts";
import { Landing, pull, readStream } from "../importers/landing.ts";
import { connect, startFastSimulator } from "./pull.ts";

const running: IterableSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((simulator) => simulator.close())));

async function start(options: IterableSimulatorOptions = {}): Promise<IterableSimulator> {
  const simulator = await startFastSimulator({ rowsPerFile: 20, filesPerPage: 2, ...options });
  running.push(simulator);
  return simulator;
}

const dataJson = "/api/export/data.json";

/** The fault for the first so many requests of a path. */
function firstOf(wanted: string, times: number, fault: Fault) {
  let left = times;
  return ({ path }: { path: string }) => (path === wanted && left-- > 0 ? fault : undefined);
}

describe.each(Object.keys(iterableFaults) as IterableFaultName[])("with %s", (name) => {
  test("a full pull and a delta lose nothing", async () => {
    const calm = new Landing();
    const simulator = await start();
    const { plan } = await pull(connect(simulator), calm);
    const store = new Landing();
    simulator.setFaults(iterableFaults[name]());
    const source = connect(simulator, {}, { retries: 12 });
    const { plan: same } = await pull(source, store);
    expect(store.contents()).toEqual(calm.contents());

    for (const { email } of [...simulator.project.users].slice(0, 20)) simulator.events.unsubscribe(email!);
    await pull(source, store, same.mark);
    simulator.setFaults(undefined);
    await pull(connect(simulator), calm, plan.mark);
    expect(store.contents()).toEqual(calm.contents());
  });
});

describe("a stream that breaks off", () => {
  test("never counts as complete; its window is read again in smaller parts, and that is said", async () => {
    const simulator = await start();
    const { mark } = await connect(simulator).plan(null);
    for (const { email } of simulator.project.users) simulator.events.edit(email!, { Plan: "new" });
    const { streams } = await connect(simulator).plan(mark);
    const users = streams.find(({ id }) => id === "users")!;
    simulator.setFaults(firstOf(dataJson, 2, "truncate"));
    const pages = await readStream(connect(simulator), users);
    const store = new Landing();
    for (const page of pages) store.take(page);
    expect(store.records.size).toBe(simulator.project.users.size);
    expect(store.rejections).toEqual([]);
    expect(pages.filter(({ last }) => last)).toHaveLength(1);
    expect(pages.filter(({ note }) => note?.includes("broke off"))).toHaveLength(2);
    const windows = simulator.requests().filter(({ path }) => path === dataJson);
    expect(new Set(windows.map(({ query }) => query)).size).toBe(windows.length);
  });

  test("is read again up to where it was to end, however long that takes", async () => {
    let now = Date.now();
    const simulator = await start({ now: () => (now += 60_000) });
    const { mark } = await connect(simulator).plan(null);
    const { streams } = await connect(simulator).plan(mark);
    simulator.setFaults(firstOf(dataJson, 1, "truncate"));
    await readStream(connect(simulator), streams.at(-1)!);
    const windows = simulator.requests().filter(({ path }) => path === dataJson);
    expect(windows).toHaveLength(3);
  });

  test("that always does so is a failure without a last page", async () => {
    const simulator = await start();
    const { mark } = await connect(simulator).plan(null);
    const { streams } = await connect(simulator).plan(mark);
    simulator.setFaults(({ path }) => (path === dataJson ? "truncate" : undefined));
    const pages: boolean[] = [];
    const read = async () => {
      for await (const { last } of connect(simulator).read(streams.at(-1)!, null)) pages.push(last);
    };
    await expect(read()).rejects.toMatchObject({ kind: "failed", code: expect.stringMatching(/^ITERABLE_/) });
    expect(pages).not.toContain(true);
  });

  test.each<[string, Fault]>([
    [
      "with an error as its last line",
      { status: 200, lines: ['{"code":"GenericError","msg":"Try again later"}'] },
    ],
    ["but looks like one that ended", "unmarked"],
    [
      "and was closed in the middle of a row",
      { status: 200, lines: ['{"email":"a@x.com"}', '{"email":"b@'] },
    ],
  ])("%s is read again", async (_, fault) => {
    const simulator = await start({ lastLineBreak: false });
    const { mark } = await connect(simulator).plan(null);
    for (const { email } of simulator.project.users) simulator.events.edit(email!, { Plan: "new" });
    const { streams } = await connect(simulator).plan(mark);
    simulator.setFaults(firstOf(dataJson, 1, fault));
    const store = new Landing();
    for (const page of await readStream(connect(simulator), streams.at(-1)!)) store.take(page);
    expect(store.records.size).toBe(simulator.project.users.size);
  });
});

test("a row that cannot be read is rejected with the row, and the others are not lost", async () => {
  const simulator = await start({ people: [] });
  const { mark } = await connect(simulator).plan(null);
  const { streams } = await connect(simulator).plan(mark);
  const lines = ['{"email":"a@x.com"}', "{broken", "", "[1]", '{"userId":12345678901234567890}'];
  simulator.setFaults(firstOf(dataJson, 1, { status: 200, lines }));
  const pages = await readStream(connect(simulator), streams.at(-1)!);
  expect(pages.flatMap(({ rejections }) => rejections.map(({ line, row }) => [line, row]))).toEqual([
    [2, "{broken"],
    [4, "[1]"],
  ]);
  const records = pages.flatMap(({ records }) => records.map(({ key }) => key));
  expect(records).toEqual(["user/email:a@x.com", "user/id:12345678901234567890"]);
});

test("a row without any identifier stays a record, for the engine to account for", async () => {
  const simulator = await start({ people: [] });
  simulator.project.addUser({ fields: { Plan: "free" } });
  const store = new Landing();
  await pull(connect(simulator), store);
  expect([...store.records.values()]).toMatchObject([{ email: null, userId: null, kind: "profile" }]);
});

describe("answers that do not help", () => {
  test("nothing at all is waited for no longer than a while", async () => {
    const simulator = await start();
    simulator.setFaults(firstOf("/api/channels", 1, "hang"));
    await expect(connect(simulator, {}, { shortIdleMs: 50 }).probe()).resolves.toBeDefined();
  });

  test.each<[string, Fault, string]>([
    ["only trouble at the server", { status: 503, lines: ["<html>"] }, "ITERABLE_SERVER_ERROR"],
    ["a 403 that is no word of Iterable's", { status: 403, lines: ["<html>"] }, "ITERABLE_SERVER_ERROR"],
    ["a login page", { status: 200, lines: ["<html>"] }, "ITERABLE_UNREADABLE"],
    [
      "a redirect",
      { status: 302, headers: { location: "http://127.0.0.1:9/" }, lines: [] },
      "ITERABLE_UNREADABLE",
    ],
    ["cut connections", "reset", "ITERABLE_UNREACHABLE"],
    ["half answers", "truncate", "ITERABLE_UNREACHABLE"],
    ["nothing", "hang", "ITERABLE_UNREACHABLE"],
    ["an unknown form", { status: 200, body: { canals: [] } }, "ITERABLE_UNEXPECTED"],
    [
      "a refusal with the code Success",
      { status: 400, body: { code: "Success", msg: "" } },
      "ITERABLE_REFUSED",
    ],
  ])("%s ends in a failure that says so, without key or address", async (_, fault, code) => {
    const simulator = await start();
    simulator.setFaults(() => fault);
    const error = await connect(simulator, {}, { retries: 2, ...(fault === "hang" && { shortIdleMs: 50 }) })
      .probe()
      .then(
        () => undefined,
        (thrown: Failure) => thrown,
      );
    expect(error).toMatchObject({ code });
    expect(error!.message + error!.nextStep).not.toContain(simulator.key);
  });
});

describe("a suppression list", () => {
  test("that breaks off, or answers an error, is asked for again", async () => {
    const simulator = await start({ people: [] });
    for (let number = 0; number < 50; number += 1)
      simulator.project.suppress(globalSuppressionListId, { email: `m${number}@x.com`, userId: null });
    const { streams } = await connect(simulator).plan(null);
    const list = streams.find(({ id }) => id.startsWith("list/"))!;
    const faults: Fault[] = ["truncate", { status: 200, body: { code: "GenericError", msg: "Timeout" } }];
    simulator.setFaults(({ path }) => (path === "/api/lists/getUsers" ? faults.shift() : undefined));
    const pages = await readStream(connect(simulator), list);
    expect(pages.flatMap(({ records }) => records)).toHaveLength(50);
  });

  test("that is deleted in mid-run is a failure, not an empty list", async () => {
    const simulator = await start();
    const { streams } = await connect(simulator).plan(null);
    const list = streams.find(({ id }) => id.startsWith("list/"))!;
    simulator.project.lists.splice(0);
    await expect(readStream(connect(simulator), list)).rejects.toMatchObject({ code: "ITERABLE_LIST_GONE" });
  });
});

test("stopping ends everything that waits, at once", async () => {
  const simulator = await start({ pollsWhileRunning: 1_000_000 });
  const stop = new AbortController();
  const source = connect(simulator, { signal: stop.signal });
  const { streams } = await source.plan(null);
  const reading = readStream(source, streams.at(-1)!);
  setTimeout(() => stop.abort(new Error("stopped")), 50);
  await expect(reading).rejects.toThrow("stopped");
});

describe("a budget that is used up", () => {
  test.each([
    [true, "json"],
    [false, "json"],
    [false, "text"],
  ] as const)("is waited out (Retry-After %s, body %s)", async (retryAfter, refusalBody) => {
    const minuteMs = 1_000;
    const simulator = await start({ people: [], retryAfter, refusalBody, minuteMs });
    const { mark } = await connect(simulator).plan(null);
    simulator.events.addPerson({ email: "a@x.com" });
    // Each process thinks that it has the whole budget.
    const others = Array.from({ length: 12 }, () => connect(simulator, {}, { minuteMs }));
    await Promise.all(others.map((other) => other.userIdCandidates()));
    const store = new Landing();
    await pull(connect(simulator, {}, { minuteMs }), store, mark);
    expect(store.records.size).toBe(1);
    expect(simulator.requests().some(({ status }) => status === 429)).toBe(true);
  });
});
