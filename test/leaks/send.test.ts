import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createCustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../../engine/activity/activity.ts";
import { now } from "../../engine/clock.ts";
import { acceptLeak, leaksState } from "../../engine/leaks/stored-leaks.ts";
import { compareSends } from "../../engine/send/compare-deliveries.ts";
import { type SendOptions, send as sendThroughGate, settleSend } from "../../engine/send/send.ts";
import { comparisonIsDue, type Mailing } from "../../engine/send/sendings.ts";
import type { Fault } from "../../simulators/customerio/faults.ts";
import { quietProgress, state, type TestMigration } from "../delivery/test-migration.ts";
import { provenMigration, sharedMigration } from "./proven-workspace.ts";

const shared = sharedMigration();
let migration: TestMigration;
let askedBefore = 0;
beforeEach(() => {
  migration = shared();
  askedBefore = 0;
  askedBefore = askedToSend();
});

/** For tests after which nothing is proven any more. */
async function migrationOfItsOwn(): Promise<void> {
  migration = await provenMigration();
  const { end } = migration;
  onTestFinished(() => end.call(migration));
  askedBefore = 0;
}

const broadcast: Mailing = { kind: "broadcast", number: 1 };
const newsletter: Mailing = { kind: "newsletter", number: 1 };
const mailings: [string, Mailing][] = [
  ["broadcast", broadcast],
  ["newsletter", newsletter],
];

function send(
  mailing: Mailing = broadcast,
  options: SendOptions = {},
  client = migration.client,
  progress: Progress = quietProgress,
) {
  return sendThroughGate(migration.project, async () => client, mailing, progress, {
    triggerIntervalMilliseconds: 0,
    comparisonPauses: [0],
    ...options,
  });
}

/** The fault for requests that send. */
function failSending(fault: Fault | undefined): void {
  const sends = /\/(triggers|send)$/;
  migration.simulator.setFaults(({ method, path }) =>
    method === "POST" && sends.test(path) ? fault : undefined,
  );
}

/** How often the vendor was asked to send. */
function askedToSend(): number {
  return (
    migration.simulator
      .requests()
      .filter(({ method, path }) => method === "POST" && /\/(triggers|send)$/.test(path)).length - askedBefore
  );
}

function reached(): string[] {
  return migration.simulator.messaging.messages
    .filter(({ metrics }) => metrics.sent)
    .map(({ recipient }) => recipient);
}

describe.each(mailings)("a %s", (_, mailing) => {
  test("goes through the open gate to nobody who is suppressed, and says whom it compared", async () => {
    const report = await send(mailing);
    expect(reached()).toEqual(["two@x.com"]);
    // The delivery that the ESP list dropped is compared too.
    expect(report.deliveries).toEqual({ compared: 2, pending: 0, reached: 0 });
    expect((await migration.gate()).open).toBe(true);
    const { sent } = await leaksState(migration.project);
    expect(sent).toMatchObject([{ ...mailing, state: "sent", deliveries: 2, reached: 0 }]);
  });

  test("is tried without being sent", async () => {
    expect(await send(mailing, { dryRun: true })).toMatchObject({ dryRun: true, deliveries: null });
    expect(askedToSend()).toBe(0);
    expect((await leaksState(migration.project)).sent).toEqual([]);
  });

  test.each<[string, Fault]>([
    ["the connection is cut before it is taken", "reset"],
    ["the connection is cut after it was taken", "reset-after"],
    ["nothing is answered", "hang"],
    ["the answer is cut in the middle", "truncate"],
    ["500", { status: 500 }],
    ["503 of a proxy", { status: 503, body: "<html></html>" }],
    ["200 that is no JSON", { status: 200, body: "<html></html>" }],
    ["200 that says nothing", { status: 200, body: {} }],
    ["202", { status: 202, body: { id: 1, newsletter: { id: 1 } } }],
    ["204", { status: 204 }],
    ["a redirect", { status: 307, headers: { location: "http://127.0.0.1:1/" } }],
  ])("is asked for once and not repeated where the outcome is unclear: %s", async (_, fault) => {
    failSending(fault);
    const impatient = createCustomerIoClient({
      credentials: migration.simulator.keys,
      endpoint: migration.simulator.url,
      appRequestsPerSecond: 100_000,
      broadcastIntervalMs: 0,
      retries: 1,
      retryDelayMs: 1,
      timeoutMs: 500,
    });
    await expect(send(mailing, {}, impatient)).rejects.toMatchObject({ code: "SEND_UNCLEAR" });
    failSending(undefined);
    await migration.reopen();
    await expect(send(mailing)).rejects.toMatchObject({
      code: "SEND_UNCLEAR",
      nextStep: expect.stringContaining("--was-sent"),
    });
    expect(askedToSend()).toBe(1);
  });

  test.each<[string, Fault]>([
    ["400", { status: 400, body: { errors: [{ detail: "no recipients" }] } }],
    ["404", { status: 404 }],
    ["422", { status: 422 }],
    ["401", { status: 401 }],
    ["403 without JSON", { status: 403, body: "<html></html>" }],
  ])("that was clearly refused (%s) can be sent again", async (_, fault) => {
    failSending(fault);
    await expect(send(mailing)).rejects.toMatchObject({ kind: "bad_input" });
    failSending(undefined);
    await send(mailing);
    expect(reached()).toEqual(["two@x.com"]);
  });

  test("of which the process was killed between intent and outcome counts as unclear", async () => {
    const killed = {
      ...migration.client,
      triggerBroadcast: () => new Promise<never>(() => undefined),
      sendNewsletter: () => new Promise<never>(() => undefined),
    };
    void send(mailing, {}, killed).catch(() => undefined);
    await vi.waitFor(
      async () => expect((await leaksState(migration.project)).sent).toMatchObject([{ state: "unclear" }]),
      { timeout: 30_000 },
    );
    await migration.reopen();
    await expect(send(mailing)).rejects.toMatchObject({ code: "SEND_UNCLEAR" });
    expect(askedToSend()).toBe(0);
  });

  test("of unclear outcome is sent again only after the operator put on record that it was not sent", async () => {
    failSending("reset");
    await expect(send(mailing)).rejects.toMatchObject({ code: "SEND_UNCLEAR" });
    failSending(undefined);
    await settleSend(migration.project, mailing, false, "command line");
    await send(mailing);
    expect(reached()).toEqual(["two@x.com"]);
  });

  test("of unclear outcome that the operator saw to be sent is compared like any other", async () => {
    failSending("reset-after");
    await expect(send(mailing)).rejects.toMatchObject({ code: "SEND_UNCLEAR" });
    failSending(undefined);
    await settleSend(migration.project, mailing, true, "window");
    await compareSends(migration.project, migration.client, quietProgress);
    const { sent } = await leaksState(migration.project);
    expect(sent).toMatchObject([{ state: "sent", deliveries: 2 }]);
    expect((await migration.gate()).open).toBe(true);
  });

  test("with a clear outcome needs nobody's word", async () => {
    await send(mailing);
    await expect(settleSend(migration.project, mailing, true, "window")).rejects.toMatchObject({
      code: "NOTHING_UNCLEAR",
    });
  });
});

describe("at the moment of sending", () => {
  test("a campaign that was started since the look before keeps it home", async () => {
    expect((await migration.gate()).open).toBe(true);
    migration.simulator.messaging.campaigns.push({ id: 9, name: "Old flow", state: "running" });
    await expect(send()).rejects.toMatchObject({
      kind: "locked",
      message: expect.stringContaining("Old flow"),
    });
    expect(askedToSend()).toBe(0);
  });

  test("a workspace that cannot be looked at keeps it home", async () => {
    migration.simulator.setFaults(({ path }) => (path === "/v1/campaigns" ? { status: 500 } : undefined));
    await expect(send()).rejects.toMatchObject({ kind: "locked" });
    expect(askedToSend()).toBe(0);
  });

  test("keys of another workspace keep it home", async () => {
    const other = { ...migration.client, workspace: async () => ({ id: 7, region: "us", name: "Other" }) };
    await expect(send(broadcast, {}, other as never)).rejects.toMatchObject({ code: "WRONG_WORKSPACE" });
    expect(askedToSend()).toBe(0);
  });

  test("an export that came in since keeps it home, before anything is asked", async () => {
    await migrationOfItsOwn();
    await migration.import("klaviyo", [{ userId: "2", states: [state("manual")] }]);
    const before = migration.simulator.requestCount();
    await expect(send()).rejects.toMatchObject({ kind: "locked", code: "GATE_LOCKED" });
    expect(migration.simulator.requestCount()).toBe(before);
  });
});

describe("two broadcasts", () => {
  test("are ten seconds apart, whichever process sends them, and the waiting is told", async () => {
    // The simulator's clock runs ahead with ours, and does not come back.
    await migrationOfItsOwn();
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await send();
      vi.setSystemTime(Date.now() + 9_200);
      await migration.reopen();
      const told: string[] = [];
      const progress = { ...quietProgress, start: (step: string) => void told.push(step) };
      const end = performance.now() + 800;
      await send(broadcast, { triggerIntervalMilliseconds: 10_000 }, migration.client, progress);
      expect(told).toContain("Waiting: Customer.io takes one broadcast in 10 seconds");
      expect(performance.now()).toBeGreaterThanOrEqual(end - 50);
      expect(askedToSend()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("can be called off while the second one waits; then it is not sent", async () => {
    await send();
    const cancelling: Progress = {
      ...quietProgress,
      report: async () => {
        throw new Error("cancelled");
      },
    };
    const waiting = { ...cancelling, start: () => undefined };
    await expect(
      send(broadcast, { triggerIntervalMilliseconds: 10_000 }, migration.client, waiting),
    ).rejects.toThrow("cancelled");
    expect(askedToSend()).toBe(1);
    expect((await leaksState(migration.project)).sent).toMatchObject([{ state: "sent" }]);
  });

  test("triggered from elsewhere a moment ago are waited for: a 429 says that nothing was sent", async () => {
    let refusals = 1;
    migration.simulator.setFaults(({ method, path }) =>
      method === "POST" && path.endsWith("/triggers") && refusals-- > 0 ? { status: 429 } : undefined,
    );
    expect(await send()).toMatchObject({ triggerId: expect.any(Number) });
    expect(reached()).toEqual(["two@x.com"]);
  });
});

describe("a suppressed person who was reached", () => {
  /** The broadcast's message is set to go to unsubscribed people too. */
  const leaky = () => {
    migration.simulator.messaging.broadcasts[0]!.sendToUnsubscribed = true;
  };

  test("is reported at once, kept, and locks the gate", async () => {
    leaky();
    expect((await send()).deliveries).toMatchObject({ reached: 1 });
    await migration.reopen();
    const gate = await migration.gate();
    expect(gate.blockers).toEqual([
      {
        code: "SUPPRESSED_REACHED",
        message: "Broadcast 1 reached 1 suppressed person.",
        nextStep: expect.stringContaining("send:broadcast:1"),
      },
    ]);
    const { sent } = await leaksState(migration.project);
    expect(sent[0]!.reachedItems).toMatchObject([{ subject: "id:1" }]);
    await expect(send()).rejects.toMatchObject({ kind: "locked" });
  });

  test("opens the gate again once acknowledged with a reason, until another one is reached", async () => {
    leaky();
    await send();
    await acceptLeak(migration.project, "send:broadcast:1", "a test message", "command line");
    expect((await migration.gate()).open).toBe(true);
    await compareSends(migration.project, migration.client, quietProgress);
    expect((await migration.gate()).open).toBe(true);
    const person = { id: "1", email: "one@x.com", cio_id: "cio-1" };
    migration.simulator.messaging.add({ broadcastId: 1, person, metrics: { sent: 1 } });
    await compareSends(migration.project, migration.client, quietProgress);
    expect(await migration.blockers()).toEqual(["SUPPRESSED_REACHED"]);
  });

  test.each([
    [
      "by address, in another spelling",
      { id: null, email: "ONE@x.com", cio_id: "c1" },
      "ONE@X.COM",
      "email:one@x.com",
    ],
    [
      "by a recipient with a name",
      { id: null, email: null, cio_id: "c1" },
      "One <one@x.com>",
      "email:one@x.com",
    ],
    [
      "by address among several",
      { id: "2", email: "two@x.com", cio_id: "c2" },
      "two@x.com, one@x.com",
      "email:one@x.com",
    ],
    ["by id alone", { id: "1", email: null, cio_id: "c1" }, "+491700000", "id:1"],
    [
      "under a bounced address",
      { id: "9", email: "bounced@x.com", cio_id: "c9" },
      "bounced@x.com",
      "email:bounced@x.com",
    ],
    ["with no word of whom it went to", { id: null, email: null, cio_id: "" }, "", "unknown"],
  ])("is recognised %s", async (_, person, recipient, subject) => {
    await send();
    migration.simulator.messaging.add({ broadcastId: 1, person, recipient, metrics: { delivered: 1 } });
    await compareSends(migration.project, migration.client, quietProgress);
    const { sent } = await leaksState(migration.project);
    expect(sent[0]!.reachedItems).toMatchObject([{ subject }]);
  });

  test.each([
    ["what the ESP list dropped", { created: 1, dropped: 1 }, "email"],
    ["what could not be delivered", { created: 1, undeliverable: 1 }, "email"],
    ["a note to a chat that goes to nobody", { created: 1, sent: 1 }, "slack"],
  ])("is not seen in %s", async (_, metrics, type) => {
    await send();
    const person = { id: "1", email: "one@x.com", cio_id: "c1" };
    migration.simulator.messaging.add({ broadcastId: 1, person, metrics, type });
    await compareSends(migration.project, migration.client, quietProgress);
    expect((await migration.gate()).open).toBe(true);
  });

  test.each(["sent", "delivered", "opened", "clicked", "bounced", "attempted", "a_new_metric"])(
    "is seen in a message that was %s",
    async (metric) => {
      await send();
      const person = { id: "1", email: "one@x.com", cio_id: "c1" };
      migration.simulator.messaging.add({ broadcastId: 1, person, metrics: { created: 1, [metric]: 1 } });
      await compareSends(migration.project, migration.client, quietProgress);
      expect(await migration.blockers()).toEqual(["SUPPRESSED_REACHED"]);
    },
  );

  test("may still be on the way: until its outcome is known the gate stays shut", async () => {
    await send();
    const person = { id: "1", email: "one@x.com", cio_id: "c1" };
    const message = migration.simulator.messaging.add({ broadcastId: 1, person, metrics: { created: 1 } });
    await compareSends(migration.project, migration.client, quietProgress);
    expect(await migration.blockers()).toEqual(["SEND_UNCHECKED"]);
    message.metrics.dropped = 1;
    await compareSends(migration.project, migration.client, quietProgress);
    expect(await migration.blockers()).toEqual([]);
  });

  test("who unsubscribed after it was sent accuses nobody", async () => {
    await migrationOfItsOwn();
    await send();
    await migration.import("klaviyo", [
      { userId: "2", email: "two@x.com", states: [state("unsubscribed_all")] },
    ]);
    await migration.run();
    expect(await migration.suppressedAddresses()).toContain("two@x.com");
    expect((await migration.gate()).blockers).toEqual([]);
  });

  test("is found by the reading back of a later day", async () => {
    await send();
    const person = { id: "1", email: "one@x.com", cio_id: "c1" };
    migration.simulator.messaging.add({ broadcastId: 1, person, metrics: { sent: 1 } });
    await migration.verify();
    expect(await migration.blockers()).toEqual(["SUPPRESSED_REACHED"]);
  });

  test("is kept although a later page of the deliveries cannot be read, and the send counts as not compared", async () => {
    const many = Array.from({ length: 5 }, (_, n) => ({
      id: `p${n}`,
      email: `p${n}@x.com`,
      cio_id: `c${n}`,
    }));
    // The newest come first, and the send's own three are the newest.
    migration.simulator.messaging.options.mostPerPage = 3;
    leaky();
    migration.simulator.setFaults(({ path, query }) =>
      path.endsWith("/messages") && query.get("start") ? { status: 500 } : undefined,
    );
    for (const person of many) {
      migration.simulator.messaging.add({ broadcastId: 1, person, metrics: { sent: 1 } });
    }
    expect((await send()).deliveries).toBeNull();
    expect(await migration.blockers()).toEqual(["SUPPRESSED_REACHED"]);
    await acceptLeak(migration.project, "send:broadcast:1", "a test", "window");
    migration.simulator.setFaults(undefined);
    await compareSends(migration.project, migration.client, quietProgress);
    const { sent } = await leaksState(migration.project);
    expect(sent[0]).toMatchObject({ reached: 1, open: 0 });
  });
});

test("a send whose deliveries nobody compared keeps the gate shut until they are", async () => {
  migration.simulator.setFaults(({ path }) => (path.endsWith("/messages") ? { status: 500 } : undefined));
  const report = await send();
  expect(report).toMatchObject({ triggerId: expect.any(Number), deliveries: null });
  expect(await migration.blockers()).toEqual(["SEND_UNCHECKED"]);
  await expect(send()).rejects.toMatchObject({ kind: "locked" });
  migration.simulator.setFaults(undefined);
  await compareSends(migration.project, migration.client, quietProgress);
  expect(await migration.blockers()).toEqual([]);
});

describe("deliveries that come late", () => {
  test("lock nothing while there are none, and are held against the suppressions before anything else is sent", async () => {
    await send();
    migration.simulator.messaging.messages = [];
    await compareSends(migration.project, migration.client, quietProgress);
    expect((await migration.gate()).open).toBe(true);
    const person = { id: "1", email: "one@x.com", cio_id: "c1" };
    migration.simulator.messaging.add({ broadcastId: 1, person, metrics: { sent: 1 } });
    await expect(send()).rejects.toMatchObject({ kind: "locked" });
    expect(await migration.blockers()).toEqual(["SUPPRESSED_REACHED"]);
  });

  test("are asked for again after a minute, and an hour after the send after an hour", async () => {
    await send();
    const { store } = migration.project;
    const isDue = () => comparisonIsDue(store, migration.simulator.workspace.id);
    const ago = (sent: number, compared: number) =>
      store.run("UPDATE sending SET intended_at = $sent, compared_at = $compared WHERE state = 'sent'", {
        sent: now() - sent * 60_000_000,
        compared: now() - compared * 60_000_000,
      });
    expect(await isDue()).toBe(false);
    await ago(10, 2);
    expect(await isDue()).toBe(true);
    await ago(90, 2);
    expect(await isDue()).toBe(false);
    await ago(180, 61);
    expect(await isDue()).toBe(true);
    await ago(8 * 24 * 60, 120);
    expect(await isDue()).toBe(false);
  });
});

test("no address and no reason reaches the journal", async () => {
  const { readFile } = await import("node:fs/promises");
  migration.simulator.messaging.broadcasts[0]!.sendToUnsubscribed = true;
  await send();
  await acceptLeak(migration.project, "send:broadcast:1", "asked for by one@x.com", "window");
  const journal = await readFile(`${migration.project.folder}/journal.ndjson`, "utf8");
  expect(journal).toContain("send_intended");
  expect(journal).not.toContain("@x.com");
});
