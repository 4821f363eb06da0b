import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import {
  globalSuppressionListId,
  localSuppressionListId,
  practiceChannels,
} from "../../simulators/iterable/schema.ts";
import type { IterableSimulator, IterableSimulatorOptions } from "../../simulators/iterable/simulator.ts";
import { Landing, pull, readStream } from "../importers/landing.ts";
import { connect, levelsOf, startFastSimulator } from "./pull.ts";

const running: IterableSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((simulator) => simulator.close())));

async function start(options: IterableSimulatorOptions = {}): Promise<IterableSimulator> {
  const simulator = await startFastSimulator({ people: [], ...options });
  running.push(simulator);
  return simulator;
}

async function pulled(simulator: IterableSimulator, access: Parameters<typeof connect>[1] = {}) {
  const store = new Landing();
  return { store, ...(await pull(connect(simulator, access), store)) };
}

describe("a key", () => {
  test("that is good shows the project", async () => {
    expect(await connect(await start()).probe()).toEqual({
      account: "Iterable project with 5 channels, on this computer",
    });
  });

  test.each(["wrong", "wrong\nkey", ""])("that is wrong (%j) is told, and not shown", async (key) => {
    const simulator = await start();
    const trial = async () => connect(simulator, { key }).probe();
    await expect(trial()).rejects.toMatchObject({ kind: "bad_input", code: "ITERABLE_KEY_REFUSED" });
    await expect(trial()).rejects.not.toMatchObject({ message: expect.stringContaining("wrong\n") });
  });

  test("that may not export is told with the call that it may not make", async () => {
    const simulator = await start({ forbids: (path) => path.startsWith("/api/export/") });
    await expect(connect(simulator).probe()).rejects.toMatchObject({
      kind: "bad_input",
      code: "ITERABLE_KEY_NOT_ALLOWED",
      message: expect.stringContaining("/api/export/jobs"),
    });
  });

  test("is sent in its header and nowhere else", async () => {
    const simulator = await start({ people: undefined as never });
    await pulled(simulator);
    expect(JSON.stringify(simulator.requests())).not.toContain(simulator.key);
    expect(simulator.keysAtFileHost()).toBe(0);
  });
});

test("an endpoint that is not on this computer is refused", () => {
  expect(() => connect({ url: "https://example.com", key: "k" })).toThrow(
    expect.objectContaining({ code: "ENDPOINT_NOT_ALLOWED" }),
  );
});

describe("candidates for the user_id", () => {
  test("are userId and custom fields, counted over a sample, the likeliest first", async () => {
    const simulator = await start();
    for (let number = 1; number <= 10; number += 1)
      simulator.events.addPerson({
        email: `p${number}@example.com`,
        ...(number <= 8 ? { userId: `u-${number % 4}` } : {}),
        fields: {
          "crm Number": 9_000_000_000 + number,
          Plan: "free",
          seenAt: `2026-01-${10 + number}`,
          ok: true,
        },
      });
    expect(await connect(simulator).userIdCandidates()).toEqual([
      {
        field: "crm Number",
        named: false,
        sampled: 10,
        filled: 10,
        distinct: 10,
        examples: expect.arrayContaining([expect.stringMatching(/^90000000\d\d$/)]),
      },
      { field: "userId", named: true, sampled: 10, filled: 8, distinct: 4, examples: expect.any(Array) },
    ]);
  });

  test("a custom field that is chosen becomes the user_id, by its exact name", async () => {
    const simulator = await start({ mode: "hybrid" });
    simulator.events.addPerson({ email: "a@x.com", userId: "i-1", fields: { crmId: "C1", crmid: "no" } });
    simulator.events.addPerson({ email: "b@x.com", userId: "i-2", fields: { crmid: "no" } });
    simulator.events.hardBounce("a@x.com");
    const { store } = await pulled(simulator, { userIdField: "crmId" });
    expect([...store.records.values()].map(({ kind, userId, email }) => [kind, userId, email])).toEqual([
      // Events of this project name people by Iterable's userId, so they are looked up.
      ["event", "C1", "a@x.com"],
      ["event", "C1", "a@x.com"],
      ["profile", "C1", "a@x.com"],
      ["profile", null, "b@x.com"],
    ]);
  });
});

describe.each(["email", "userID", "hybrid"] as const)("a %s project", (mode) => {
  test("is read whole, whatever forms the vendor uses", async () => {
    const plain = await start({ people: undefined as never, mode });
    const { store } = await pulled(plain);
    const { users, events } = plain.project;
    const kinds = [...store.records.values()].map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "profile")).toHaveLength(users.size);
    expect(kinds.filter((kind) => kind === "event").length).toBeGreaterThanOrEqual(events.length);

    const other = await start({
      people: undefined as never,
      mode,
      times: "mixed",
      fileTimes: "epoch",
      nested: true,
      blankLines: true,
      lastLineBreak: false,
      lowerCaseStates: false,
      hashes: "base64",
      unknownUserId: "server_error",
      lineBreak: "\r\n",
      retryAfter: false,
      refusalBody: "text",
      jobsFallBack: true,
      otherJobs: 3,
      filesPerPage: 2,
      rowsPerFile: 11,
      pollsWhileRunning: 4,
    });
    const { store: same } = await pulled(other);
    const consent = (store: Landing) =>
      [...store.records].map(([key, { userId, email, updatedAt, states }]) =>
        JSON.stringify([key, userId, email, updatedAt, states]),
      );
    expect(consent(same).sort()).toEqual(consent(store).sort());
    expect(same.rejections).toEqual([]);
  });

  test("is recognised, and says what it is", async () => {
    const { plan } = await pulled(await start({ mode }));
    expect(plan.notes[0]).toContain(mode === "hybrid" ? "hybrid" : `${mode}-based`);
  });

  test("gives its global suppression list, with members who have but one identifier", async () => {
    const simulator = await start({ mode, lineBreak: "\r\n" });
    const { addPerson } = simulator.events;
    const people = [
      addPerson({ email: "both@x.com", userId: "both" }),
      ...(mode === "userID" ? [] : [addPerson({ email: "address@x.com" })]),
      ...(mode === "email"
        ? []
        : [addPerson({ userId: "id-only" }), addPerson({ userId: "like@an.address" })]),
    ];
    for (const person of people) simulator.project.suppress(globalSuppressionListId, person);
    simulator.project.suppress(localSuppressionListId, addPerson({ email: "local@x.com", userId: "local" }));
    const { store, plan } = await pulled(simulator);
    const members = [...store.records.values()].filter(({ states }) => states[0]?.level === "manual");
    const expected = {
      email: [
        [null, "both@x.com"],
        [null, "address@x.com"],
      ],
      userID: [
        ["both", null],
        ["id-only", null],
        ["like@an.address", null],
      ],
      hybrid: [
        [null, "both@x.com"],
        [null, "address@x.com"],
        ["id-only", null],
        ["like@an.address", null],
        ["both", null],
      ],
    }[mode];
    expect(members.map(({ userId, email }) => [userId, email])).toEqual(expected);
    for (const { kind } of members) expect(kind).toBe("event");
    expect(levelsOf(store, "local@x.com")).toEqual(["implied"]);
    expect(plan.notes.join()).toContain("Not the offers");
  });

  test.each([403, "empty"] as const)(
    "is told by its fields and rows too, where the call that it should refuse answers %s",
    async (forgottenElsewhere) => {
      const simulator = await start({ mode, forgottenElsewhere });
      const { addPerson } = simulator.events;
      addPerson({ email: "a@x.com", userId: "1" });
      addPerson(mode === "email" ? { email: "b@x.com", userId: "1" } : { email: "b@x.com", userId: "2" });
      const { store } = await pulled(simulator);
      expect([...store.records.values()].map(({ kind }) => kind)).toEqual(["profile", "profile"]);
      expect(store.rejections).toEqual([]);
    },
  );

  test("that refuses to name forgotten people has a rejected row for it, which locks the gate", async () => {
    const simulator = await start({ mode, forbids: (path) => path.startsWith("/api/users/forgotten") });
    simulator.events.addPerson({ email: "a@x.com", userId: "1" });
    const { store, plan } = await pulled(simulator);
    expect(store.records.size).toBe(1);
    expect(store.rejections).toMatchObject([{ reason: expect.stringContaining("asked to be forgotten") }]);
    expect(plan.streams.find(({ id }) => id === "forgotten")).toMatchObject({ carriesSuppressions: true });
  });

  test("has the addresses that bounced, though its events may name people by userId alone", async () => {
    const simulator = await start({ mode });
    simulator.events.addPerson({ email: "a@x.com", userId: "1" });
    simulator.events.hardBounce("a@x.com");
    simulator.events.resubscribe("a@x.com");
    const { store } = await pulled(simulator);
    const bounces = [...store.records.values()].filter(({ states }) => states[0]?.level === "hard_bounce");
    expect(bounces.map(({ email }) => email)).toEqual(["a@x.com", "a@x.com"]);
  });

  test("marks whom it was told to forget, and counts the others", async () => {
    const simulator = await start({ mode, hashes: "upper_case_hex" });
    simulator.events.addPerson({ email: "Gone@X.com", userId: "Gone-1" });
    simulator.events.addPerson({ email: "here@x.com", userId: "here" });
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    if (mode === "userID") simulator.project.forgottenUserIds.add(hash("gone-1"));
    else simulator.project.forgottenEmails.add(hash("gone@x.com"));
    const { store, plan } = await pulled(simulator);
    expect(levelsOf(store, "gone@x.com")).toEqual(["forgotten"]);
    expect(levelsOf(store, "here@x.com")).toEqual(["implied"]);
    expect(plan.notes.join()).toContain(`forget ${mode === "hybrid" ? 3 : 2} addresses and userIds`);
  });
});

describe("identifiers", () => {
  test("in an email-based project one userId may stand on several users: none is lost", async () => {
    const simulator = await start();
    simulator.events.addPerson({ email: "a@x.com", userId: "string" });
    simulator.events.addPerson({ email: "b@x.com", userId: "string" });
    const { store } = await pulled(simulator);
    expect([...store.records.keys()]).toEqual(["user/email:a@x.com", "user/email:b@x.com"]);
  });

  test("in a userID-based project one address may stand on several users: none is lost", async () => {
    const simulator = await start({ mode: "userID" });
    simulator.events.addPerson({ email: "family@x.com", userId: "1" });
    simulator.events.addPerson({ email: "family@x.com", userId: "2" });
    const { store } = await pulled(simulator);
    expect([...store.records.keys()]).toEqual(["user/id:1", "user/id:2"]);
  });

  test("a suppressed placeholder stands for the person behind it", async () => {
    const simulator = await start();
    const placeholder = simulator.events.addPerson({ email: "x1@placeholder.email", userId: "p-1" });
    simulator.project.suppress(globalSuppressionListId, placeholder);
    const { store } = await pulled(simulator);
    expect(levelsOf(store, "p-1")).toEqual(["implied", "manual"]);
  });

  test("an event of a placeholder is about the person behind it", async () => {
    const simulator = await start();
    simulator.events.addPerson({ email: "x1@placeholder.email", userId: "p-1" });
    simulator.events.unsubscribe("x1@placeholder.email");
    const { store } = await pulled(simulator);
    expect(levelsOf(store, "p-1")).toEqual(["unsubscribed_all", "unsubscribed_all"]);
  });

  test("a megabyte of text in one field comes through", async () => {
    const simulator = await start();
    simulator.events.addPerson({ email: "a@x.com", fields: { story: "é".repeat(2 ** 20) } });
    const { store } = await pulled(simulator);
    expect(store.records.get("user/email:a@x.com")!.attributes.story).toHaveLength(2 ** 20);
  });
});

describe("levels, with the channels known", () => {
  test.each<[string, (simulator: IterableSimulator) => unknown, string[]]>([
    ["nothing happened", () => undefined, ["implied"]],
    [
      "left every e-mail marketing channel",
      ({ events }) => events.unsubscribeSilently("a@x.com"),
      ["unsubscribed_all"],
    ],
    [
      "left by a link",
      ({ events }) => events.unsubscribe("a@x.com"),
      ["unsubscribed_all", "unsubscribed_all"],
    ],
    [
      "left one of two channels",
      ({ events }) => events.unsubscribe("a@x.com", { channelIds: [39583] }),
      ["unsubscribed_topic", "unsubscribed_topic"],
    ],
    [
      "left a message type",
      ({ events }) => events.leaveTopics("a@x.com", [52003]),
      ["unsubscribed_topic", "unsubscribed_topic"],
    ],
    ["wants no text messages", ({ events }) => events.optOutOfTexts("a@x.com"), ["implied"]],
    ["was taken off a list", ({ events }) => events.removeFromList("a@x.com"), ["implied"]],
    ["bounced softly", ({ events }) => events.softBounce("a@x.com"), ["implied"]],
    [
      "bounced",
      ({ events }) => events.hardBounce("a@x.com"),
      ["hard_bounce", "hard_bounce", "unsubscribed_all"],
    ],
    [
      "bounced on a transactional message",
      ({ events }) => events.hardBounce("a@x.com", { channelId: 39582 }),
      ["hard_bounce", "hard_bounce", "unsubscribed_all", "unsubscribed_topic"],
    ],
    [
      "complained",
      ({ events }) => events.complain("a@x.com"),
      ["complaint", "complaint", "unsubscribed_topic"],
    ],
    [
      "left and came back",
      ({ events }) => [events.unsubscribe("a@x.com"), events.resubscribe("a@x.com")],
      ["implied", "unsubscribed_all"],
    ],
  ])("%s", async (_, happen, levels) => {
    const simulator = await start();
    simulator.events.addPerson({ email: "a@x.com" });
    happen(simulator);
    expect(levelsOf((await pulled(simulator)).store, "a@x.com")).toEqual(levels);
  });

  test("an unsubscribe event is history, a bounce never", async () => {
    const simulator = await start();
    simulator.events.addPerson({ email: "a@x.com" });
    simulator.events.unsubscribe("a@x.com");
    simulator.events.hardBounce("a@x.com");
    const { store } = await pulled(simulator);
    const states = [...store.records.values()].flatMap(({ kind, states }) =>
      kind === "event" ? states : [],
    );
    for (const { level, history } of states) expect(history === true).toBe(level === "unsubscribed_all");
    expect(new Set(states.map(({ level }) => level))).toEqual(new Set(["hard_bounce", "unsubscribed_all"]));
  });

  test("topics have the names of channels and message types", async () => {
    const simulator = await start();
    const { topicNames } = await connect(simulator).plan(null);
    expect(topicNames).toMatchObject({
      "channel:39583": "Newsletter Channel",
      "message_type:52003": "Offers",
    });
  });

  test("without any e-mail marketing channel, leaving an e-mail channel counts as leaving all", async () => {
    const simulator = await start();
    simulator.project.channels.splice(0, practiceChannels.length, practiceChannels[1]!, practiceChannels[3]!);
    simulator.events.addPerson({ email: "a@x.com" });
    simulator.events.addPerson({ email: "b@x.com" });
    simulator.events.unsubscribe("a@x.com", { channelIds: [39582] });
    const { store, plan } = await pulled(simulator);
    expect(levelsOf(store, "a@x.com")).toEqual(["unsubscribed_all", "unsubscribed_all"]);
    expect(levelsOf(store, "b@x.com")).toEqual(["implied"]);
    expect(plan.notes.join()).toContain("No e-mail marketing channel");
  });
});

describe("a pull after the first", () => {
  test("asks data.json for what changed, within the limit of four calls a minute", async () => {
    const simulator = await start({ people: undefined as never });
    const source = connect(simulator);
    const store = new Landing();
    const { plan } = await pull(source, store);
    const [someone] = [...simulator.project.users].map(({ email }) => email!);
    simulator.events.hardBounce(someone!);
    const before = simulator.requests().length;
    const next = await pull(source, store, plan.mark);
    expect(next.plan.kind).toBe("delta");
    const asked = simulator.requests().slice(before);
    expect(asked.filter(({ path }) => path === "/api/export/data.json")).toHaveLength(4);
    expect(asked.filter(({ path }) => path === "/api/export/start")).toEqual([]);
    expect(
      simulator.requests().filter(({ path, status }) => path === "/api/export/data.json" && status === 429),
    ).toEqual([]);
    expect(levelsOf(store, someone!)).toContain("hard_bounce");
  });

  test("brings an opt-out whose event is all that tells of it", async () => {
    const simulator = await start({ optOutMovesProfile: false });
    simulator.events.addPerson({ email: "a@x.com", userId: "1", fields: { firstName: "Anna" } });
    simulator.project.find("a@x.com")[0]!.profileUpdatedAt = Date.UTC(2021, 1, 1);
    const source = connect(simulator);
    const store = new Landing();
    const { plan } = await pull(source, store);
    simulator.events.unsubscribe("a@x.com");
    await pull(source, store, plan.mark);
    const user = store.records.get("user/email:a@x.com")!;
    expect(user.states).toEqual([{ level: "unsubscribed_all", at: null }]);
    expect(user.attributes.first_name).toBe("Anna");
  });

  test("reads everything again where the channels changed, since opt-outs then mean something else", async () => {
    const simulator = await start();
    simulator.events.addPerson({ email: "a@x.com" });
    simulator.events.unsubscribe("a@x.com", { channelIds: [39581] });
    const source = connect(simulator);
    const store = new Landing();
    const { plan } = await pull(source, store);
    simulator.project.channels.splice(2, 1);
    const next = await pull(source, store, plan.mark);
    expect(next.plan.kind).toBe("full");
    expect(store.records.get("user/email:a@x.com")!.states[0]).toMatchObject({ level: "unsubscribed_all" });
  });

  test("a plan read by another process goes on from the same mark", async () => {
    const simulator = await start({ people: undefined as never });
    const { plan } = await pulled(simulator);
    const next = await connect(simulator).plan(plan.mark);
    const users = next.streams.find(({ id }) => id === "users")!;
    const before = simulator.requests().length;
    await readStream(connect(simulator), users);
    const paths = simulator
      .requests()
      .slice(before)
      .map(({ path }) => path);
    expect(paths).toContain("/api/export/data.json");
    expect(paths).not.toContain("/api/export/start");
  });
});
