import { describe, expect, it, onTestFinished, vi } from "vitest";
import { gateState } from "../../engine/gate/gate.ts";
import { listOptedInAgain } from "../../engine/pulls/opted-in-again.ts";
import { pulledSources } from "../../engine/pulls/pulled-sources.ts";
import { mailchimpApiImporter } from "../../importers/mailchimp/api/importer.ts";
import { pulledProject, standing, tools } from "./pulled-project.ts";

const suppressed = (project: Awaited<ReturnType<typeof pulledProject>>["project"]): Promise<string[]> =>
  project.store
    .rows<{ email_key: string }>(
      "SELECT email_key FROM suppression JOIN address USING (address_id) ORDER BY email_key",
    )
    .then((rows) => rows.map((row) => row.email_key));

describe.each(tools)("pulling %s", (source) => {
  it("brings every profile once, says what was declared and received, and counts from then on", async () => {
    const migration = await pulledProject();
    const report = await migration.pull(source);
    expect(report).toMatchObject({ source, kind: "full", complete: true, gone: 0, changed: 0 });
    expect(report.received).toBeGreaterThan(0);
    expect(report.streams.every(({ complete }) => complete)).toBe(true);
    const keys = await migration.project.store.rows(
      "SELECT record_id FROM live_record GROUP BY record_id HAVING count(*) > 1",
    );
    expect(keys).toEqual([]);
    const merged = await migration.merge();
    expect(merged.persons).toBeGreaterThan(0);
    expect(merged.suppressed_addresses).toBeGreaterThan(0);
  });

  it("changes nothing where nothing changed: the merge stays as it is", async () => {
    const migration = await pulledProject();
    await migration.pull(source);
    await migration.merge();
    const before = await standing(migration, source);
    const again = await migration.pull(source);
    expect(again).toMatchObject({ kind: "delta", complete: true, added: 0, changed: 0 });
    const everything = await migration.pull(source, { full: true });
    expect(everything).toMatchObject({ kind: "full", complete: true, added: 0, changed: 0, gone: 0 });
    expect(await standing(migration, source)).toEqual(before);
    const { blockers } = await gateState(migration.project);
    expect(blockers.map(({ code }) => code)).not.toContain("MERGE_STALE");
  });

  it("a late opt-out arrives with the next pull, and a later opt-in does not lift it", async () => {
    const migration = await pulledProject();
    await migration.pull(source);
    await migration.merge();
    const before = new Set(await suppressed(migration.project));
    const free = await migration.project.store.row<{ email_send: string; email_key: string }>(
      `SELECT r.email_send, r.email_key FROM live_record r
       WHERE r.email_key NOT IN (SELECT email_key FROM suppression JOIN address USING (address_id)) AND NOT r.is_event
       ORDER BY 1 LIMIT 1`,
    );
    const tool = migration.vendors[source];
    tool.events.unsubscribe(free!.email_send);
    await migration.pull(source);
    await migration.merge();
    const after = await suppressed(migration.project);
    expect(after).toContain(free!.email_key);
    for (const email of before) expect(after).toContain(email);

    tool.events.resubscribe(free!.email_send);
    const report = await migration.pull(source);
    await migration.merge();
    expect(await suppressed(migration.project)).toContain(free!.email_key);
    const { people } = await listOptedInAgain(migration.project.store, 0, 10);
    expect(report.opted_in_again + people.length).toBeGreaterThanOrEqual(source === "iterable" ? 0 : 1);
  });

  it("somebody removed at the vendor stays as they were", async () => {
    const migration = await pulledProject();
    await migration.pull(source);
    await migration.merge();
    const before = await suppressed(migration.project);
    migration.vendors[source].events.remove(before[0]!);
    const report = await migration.pull(source, { full: true });
    await migration.merge();
    expect(await suppressed(migration.project)).toEqual(before);
    expect(report.complete).toBe(true);
  });

  it("cancelled in the middle it locks the gate, and goes on to the same end", async () => {
    const whole = await pulledProject();
    await whole.pull(source);
    const cut = await pulledProject();
    let cuts = 0;
    for (let stop = 1; stop <= 40; stop++) {
      let seen = 0;
      const watching = new AbortController();
      const watched = (async () => {
        for await (const activity of cut.desk.watch(watching.signal))
          if (activity && activity.done > 0 && ++seen === 1) cut.desk.cancel();
      })();
      const end = await cut.pull(source).then(
        (report) => report,
        (error: { code: string }) => error.code,
      );
      watching.abort();
      await watched;
      if (typeof end !== "string") break;
      expect(end).toBe("CANCELLED");
      cuts += 1;
      const { open, blockers } = await gateState(cut.project);
      expect(open).toBe(false);
      expect(blockers.map(({ code }) => code)).toContain("SOURCE_INCOMPLETE");
    }
    expect(cuts).toBeGreaterThan(0);
    const keysOf = (rows: Awaited<ReturnType<typeof standing>>) => rows.map((row) => row.record_id);
    expect(keysOf(await standing(cut, source))).toEqual(keysOf(await standing(whole, source)));
    const [described] = await pulledSources(cut.project.store);
    expect(described).toMatchObject({ source, unfinished: null, last: { complete: true } });
  });

  it("a wrong key is told, and locks nothing that was not begun", async () => {
    const migration = await pulledProject(20);
    migration.host.sourceKey = async () => "wrong-us1";
    await expect(migration.pull(source)).rejects.toMatchObject({ kind: "bad_input" });
    expect(await pulledSources(migration.project.store)).toEqual([]);
  });
});

describe("what proves that an export is whole", () => {
  it("fewer entries than the vendor declares lock the gate, in numbers, until they come", async () => {
    const migration = await pulledProject(60);
    const connect = mailchimpApiImporter.connect;
    const lying = vi.spyOn(mailchimpApiImporter, "connect").mockImplementation((access) => {
      const api = connect(access);
      return {
        ...api,
        probe: () => api.probe(),
        userIdCandidates: () => api.userIdCandidates(),
        plan: (since) => api.plan(since),
        async *read(stream, from) {
          for await (const page of api.read(stream, from))
            yield { ...page, declared: page.declared === null ? null : page.declared + 1 };
        },
      };
    });
    onTestFinished(() => lying.mockRestore());
    await expect(migration.pull("mailchimp")).rejects.toMatchObject({
      code: "PULL_SHORT",
      message: expect.stringMatching(/subscribed members”: (\d+) of \d+/),
    });
    const { blockers } = await gateState(migration.project);
    expect(blockers.map(({ code }) => code)).toContain("SOURCE_INCOMPLETE");
    await expect(migration.pull("mailchimp", { full: true })).rejects.toMatchObject({ code: "PULL_SHORT" });
    lying.mockRestore();
    const report = await migration.pull("mailchimp");
    expect(report).toMatchObject({ complete: true, rejected: 0 });
    expect(report.received).toBe(report.declared);
  });

  it("another account behind the same address is read whole, not from where the first one was left", async () => {
    const migration = await pulledProject(40);
    await migration.pull("klaviyo");
    await migration.project.store.run("UPDATE pull SET account = 'Somebody else'");
    expect(await migration.pull("klaviyo")).toMatchObject({ kind: "full", complete: true });
  });

  it("a source that was asked in vain locks the gate with the reason until it answers; nothing else does", async () => {
    const migration = await pulledProject(40);
    const why = async () =>
      (await gateState(migration.project)).blockers.filter(({ code }) => code.startsWith("SOURCE_"));
    await migration.pull("iterable");
    migration.vendors.iterable.setFaults(() => ({ status: 401, body: {} }));
    await expect(migration.pull("iterable")).rejects.toMatchObject({ code: "ITERABLE_KEY_REFUSED" });
    expect(await why()).toMatchObject([
      { code: "SOURCE_UNANSWERED", message: expect.stringContaining("API key") },
    ]);
    migration.vendors.iterable.setFaults(undefined);
    await migration.pull("iterable");
    expect(await why()).toEqual([]);
  });

  it("cancelled before the first answer, it is cancelled and no fault of anybody's", async () => {
    const migration = await pulledProject(20);
    await migration.pull("klaviyo");
    migration.vendors.klaviyo.setFaults(() => "hang");
    const pulling = migration.pull("klaviyo");
    migration.desk.cancel();
    await expect(pulling).rejects.toMatchObject({ code: "CANCELLED" });
    const { blockers } = await gateState(migration.project);
    expect(blockers.filter(({ code }) => code.startsWith("SOURCE_"))).toEqual([]);
  });
});

it("a source that was not asked for a day locks the gate until it is retired with a reason", async () => {
  const migration = await pulledProject(30);
  await migration.pull("mailchimp");
  const later = () => (Date.now() + 25 * 3_600_000) * 1000;
  const codes = async () =>
    (await gateState(migration.project, { clock: later })).blockers.map(({ code }) => code);
  expect(await codes()).toContain("SOURCE_STALE");
  const { retireSource } = await import("../../engine/pulls/retire-source.ts");
  await retireSource(migration.project, "mailchimp", "The account was closed on Friday.");
  expect(await codes()).not.toContain("SOURCE_STALE");
});

it("a source read under a clock set ahead locks the gate, since it would stay fresh for too long, until it is read again", async () => {
  const migration = await pulledProject(30);
  const codes = async () => (await gateState(migration.project)).blockers.map(({ code }) => code);
  const realNow = Date.now;
  const ahead = vi.spyOn(Date, "now").mockImplementation(() => realNow() + 30 * 24 * 3_600_000);
  await migration.pull("klaviyo");
  ahead.mockRestore();
  expect(await codes()).toContain("SOURCE_FUTURE");
  await migration.pull("klaviyo");
  // What changed was read by the right clock; all of it was not.
  expect(await codes()).toContain("SOURCE_FUTURE");
  await migration.pull("klaviyo", { full: true });
  expect((await codes()).filter((code) => code.startsWith("SOURCE_"))).toEqual([]);
});

it("CSV files have no API, and that is said", async () => {
  const migration = await pulledProject(10);
  await expect(migration.pull("csv")).rejects.toMatchObject({ code: "SOURCE_WITHOUT_API" });
});
