import { afterEach, expect, test } from "vitest";
import { strengthRank } from "../../contract/consent.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { closeSimulators, connect, expectedOf, pull, readOf, simulate } from "./harness.ts";

afterEach(closeSimulators);

const hour = 3_600_000;

test("people who change while they are exported are read as they are in the end", async () => {
  const world = createWorld({ people: 400, seed: 9 });
  let clock = world.now;
  const simulator = await simulate({ world, now: () => clock });
  const { account } = simulator;
  const [newsletter] = account.audiences;
  const emails = [...newsletter!.members()].map(({ email }) => email);
  let next = 0;
  simulator.setFaults(({ path }) => {
    if (!path.endsWith("/members") || next >= 60) return undefined;
    clock += 1000;
    const email = emails[next * 3]!;
    const options = { audience: newsletter!.id };
    if (next % 4 === 0) account.unsubscribe(email, options);
    else if (next % 4 === 1) account.hardBounce(email, options);
    else if (next % 4 === 2) account.resubscribe(email, options);
    else account.edit(email, { PLAN: "changed" }, options);
    next += 1;
    return undefined;
  });
  const { records } = await pull(connect(simulator, { pageSize: 10 }));
  expect(next).toBe(60);
  expect(readOf(records)).toEqual(expectedOf(account));
});

test("an import of thousands in one second is read whole", async () => {
  const at = Date.parse("2026-05-01T10:00:00Z");
  for (const tieOrder of ["stable", "shuffled"] as const) {
    const simulator = await simulate({ unconfirmed: { tieOrder } });
    simulator.account.addAudience("a000000001", "News");
    for (let n = 0; n < 2600; n += 1)
      simulator.account.addPerson({ email: `person${n}@example.com`, at: n < 100 ? at - n * 1000 : at });
    const { records } = await pull(connect(simulator));
    expect(records.size).toBe(2600);
  }
});

test("a status that nobody knows suppresses, wherever Mailchimp shows it", async () => {
  for (const statuslessIncludesArchived of [true, false]) {
    const simulator = await simulate({ unconfirmed: { statuslessIncludesArchived } });
    simulator.account.addAudience("a000000001", "News");
    const at = Date.parse("2024-05-06");
    for (const name of ["anna", "ben"]) simulator.account.addPerson({ email: `${name}@example.com`, at });
    simulator.account.addPerson({ email: "cleo@example.com" });
    // As many archived as unknown: the counts alone cannot tell. And too long ago to be among the changes.
    simulator.account.archive("anna@example.com", { at });
    simulator.account.setStatus("ben@example.com", "quarantined", { at });
    const { records } = await pull(connect(simulator));
    const ben = [...records.values()].find(({ email }) => email === "ben@example.com");
    expect(ben?.states).toEqual([{ level: "manual", at: null }]);
    expect(readOf(records)).toEqual(expectedOf(simulator.account));
  }
});

test("whoever has no time of change is read too, now and in the next pull", async () => {
  const simulator = await simulate();
  const { account } = simulator;
  account.addAudience("a000000001", "News");
  const statuses = ["subscribed", "unsubscribed", "cleaned", "archived", "quarantined"];
  for (const status of statuses) {
    account.addPerson({ email: `dated-${status}@example.com`, status });
    account.addPerson({ email: `undated-${status}@example.com`, status, at: null });
  }
  const first = await pull(connect(simulator, { pageSize: 2 }));
  expect(readOf(first.records)).toEqual(expectedOf(account));
  account.addPerson({ email: "late@example.com", status: "cleaned", at: null });
  const next = await pull(connect(simulator), first.plan.mark, first.landing);
  expect(readOf(next.records)).toEqual(expectedOf(account));
});

test("a deleted audience is named in the next pull, and opt-outs and complaints in its reports still come", async () => {
  const simulator = await simulate({ world: createWorld({ people: 300, seed: 4 }) });
  const first = await pull(connect(simulator));
  const gone = simulator.account.audiences[0]!;
  const [annoyed] = [...gone.members()].filter(({ status }) => status === "subscribed");
  simulator.account.complain(annoyed!.email, { audience: gone.id });
  const expected = simulator.account.campaigns
    .filter(({ listId }) => listId === gone.id)
    .flatMap(({ id, unsubscribes }) => unsubscribes.map(({ memberId }) => `unsubscribe/${id}/${memberId}`));
  expected.push(...gone.abuseReports.map(({ id }) => `abuse/${gone.id}/${id}`));
  simulator.account.deleteAudience(gone.id);
  const next = await pull(connect(simulator), first.plan.mark);
  expect(next.plan.kind).toBe("delta");
  expect(next.plan.notes.join(" ")).toContain("“Newsletter” was deleted");
  const afresh = await pull(connect(simulator));
  expect(expected.length).toBeGreaterThan(0);
  expect([...afresh.records.keys()]).toEqual(expect.arrayContaining(expected));
});

test("a report that lists somebody twice stops nothing: its times are all that it brings", async () => {
  const simulator = await simulate({ world: createWorld({ people: 200, seed: 4 }) });
  for (const { unsubscribes } of simulator.account.campaigns) unsubscribes.push(...unsubscribes.slice(0, 1));
  const { records } = await pull(connect(simulator));
  expect(readOf(records)).toEqual(expectedOf(simulator.account));
});

test("an audience that is new since the last pull is read whole", async () => {
  const simulator = await simulate({ world: createWorld({ people: 100, seed: 4 }) });
  const first = await pull(connect(simulator));
  simulator.account.addAudience("f000000001", "New");
  simulator.account.addPerson({
    email: "old@example.com",
    audience: "f000000001",
    at: Date.parse("2019-01-01"),
  });
  const next = await pull(connect(simulator), first.plan.mark, first.landing);
  expect(readOf(next.records)).toEqual(expectedOf(simulator.account));
});

test("a delta asks for little where little changed", async () => {
  const world = createWorld({ people: 3000, seed: 2 });
  let clock = world.now;
  const simulator = await simulate({ world, now: () => clock });
  const first = await pull(connect(simulator));
  clock += 48 * hour;
  const [audience] = simulator.account.audiences;
  const [someone] = [...audience!.members()].filter(({ status }) => status === "subscribed");
  simulator.account.edit(someone!.email, { PLAN: "x" });
  const second = await pull(connect(simulator), first.plan.mark, first.landing);
  clock += hour;
  simulator.account.unsubscribe(someone!.email, { audience: audience!.id });

  const third = await pull(connect(simulator), second.plan.mark);
  expect(third.records.get(`member/${audience!.id}/${someone!.id}`)?.states[0]?.level).toBe(
    "unsubscribed_all",
  );
  expect(third.records.size).toBeLessThan(100);
});

test("opt-out times come for those who are unsubscribed now, and for nobody who came back", async () => {
  let clock = Date.parse("2026-03-01T12:00:00Z");
  const simulator = await simulate({ now: () => clock });
  const { account } = simulator;
  account.addAudience("a000000001", "News");
  for (const name of ["gone", "back", "twice"])
    account.addPerson({ email: `${name}@example.com`, userId: name });
  clock += hour;
  for (const name of ["gone", "back", "twice"]) account.unsubscribe(`${name}@example.com`);
  const leftAt = clock;
  // The next time they leave it is from another campaign.
  clock += 100 * 24 * hour;
  account.resubscribe("back@example.com");
  account.resubscribe("twice@example.com");
  clock += hour;
  account.unsubscribe("twice@example.com");
  clock += hour;
  account.edit("gone@example.com", { PLAN: "x" });
  const { records } = await pull(connect(simulator));
  const times = [...records]
    .filter(([key]) => key.startsWith("unsubscribe/"))
    .map(([, { kind, email, userId, updatedAt, attributes, states }]) => ({
      kind,
      email,
      userId,
      updatedAt,
      attributes,
      states,
    }));
  times.sort((a, b) => (a.email! < b.email! ? -1 : 1));
  const event = { kind: "event", updatedAt: null, attributes: {} };
  expect(times).toEqual([
    {
      ...event,
      email: "gone@example.com",
      userId: "gone",
      states: [{ level: "unsubscribed_all", at: leftAt * 1000 }],
    },
    {
      ...event,
      email: "twice@example.com",
      userId: "twice",
      states: [{ level: "unsubscribed_all", at: (clock - hour) * 1000 }],
    },
  ]);
  expect(strengthRank("unsubscribed_all")).toBeLessThan(strengthRank("implied"));
});
