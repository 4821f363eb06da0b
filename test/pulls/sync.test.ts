import { call } from "@orpc/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createEngine } from "../../engine/engine.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { migrated } from "./migrated.ts";

describe("sync", () => {
  it("carries a late opt-out over, proves it, and leaves the gate open", async () => {
    const migration = await migrated();
    const quiet = await call(migration.router.sync.run, {});
    expect(quiet).toMatchObject({ added: 0, removed: 0, uploaded: 0, gate_open: true });

    const events = migration.vendors.timePasses();
    expect(events).toBeGreaterThan(0);
    const report = await call(migration.router.sync.run, {});
    expect(report.added).toBeGreaterThan(0);
    expect(report.added_by.every(({ addresses }) => addresses > 0)).toBe(true);
    expect(report.verified.missing).toBe(0);
    expect(report.gate_open).toBe(true);
    const { runs } = await call(migration.router.sync.state, undefined);
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatchObject({ trouble: null, gateOpen: true, added: report.added_by });

    const again = await call(migration.router.sync.run, {});
    expect(again).toMatchObject({ added: 0, gate_open: true });
  });

  it("a shrink of the set beyond the limit stops before anything is written, until the operator says why", async () => {
    const migration = await migrated();
    const { router, vendors } = migration;
    // Many late opt-outs, proven, and then a set without them: as when a file is replaced by a broken export.
    const { writeFile } = await import("node:fs/promises");
    const folder = (await call(router.project.current, undefined))!.folder;
    const lost = Array.from({ length: 40 }, (_, index) => `lost${index}@example.org`);
    await writeFile(`${folder}/../opt-outs.csv`, `email\n${lost.join("\n")}\n`);
    await writeFile(`${folder}/../cut.csv`, `email\n${lost[0]}\n`);
    const first = await call(router.sources.importFiles, {
      source: "csv",
      files: [`${folder}/../opt-outs.csv`],
      means: "unsubscribed",
    });
    expect((await call(router.sync.run, {})).added).toBe(40);
    await call(router.sources.importFiles, {
      source: "csv",
      files: [`${folder}/../cut.csv`],
      means: "unsubscribed",
      replaces: [first.files[0]!.id],
    });
    const before = vendors.customerio.requests().filter(({ method }) => method !== "GET").length;
    await expect(call(router.sync.run, {})).rejects.toMatchObject({
      data: { kind: "locked", code: "SUPPRESSIONS_SHRANK" },
    });
    await call(router.plan.make, {});
    await expect(call(router.delivery.uploadSuppressions, {})).rejects.toMatchObject({
      data: { code: "SUPPRESSIONS_SHRANK" },
    });
    expect(vendors.customerio.requests().filter(({ method }) => method !== "GET").length).toBe(before);
    const { runs } = await call(router.sync.state, undefined);
    expect(runs[0]!.trouble).toContain("39 of");
    const report = await call(router.sync.run, { allowShrink: "The first file was a mistake." });
    expect(report).toMatchObject({ removed: 39, gate_open: true });
  });

  it("a source that does not answer keeps nobody else's opt-outs waiting; the gate locks and says why until it answers", async () => {
    const { router, vendors } = await migrated();
    vendors.timePasses();
    vendors.klaviyo.setFaults(() => ({ status: 401, body: {} }));
    const report = await call(router.sync.run, {});
    expect(report.sources.map(({ source }) => source)).toEqual(["iterable", "mailchimp"]);
    expect(report.unanswered).toMatchObject([{ source: "klaviyo", code: "KLAVIYO_KEY_REFUSED" }]);
    expect(report.added).toBeGreaterThan(0);
    expect(report.added_by.some(({ source }) => source === "mailchimp")).toBe(true);
    expect(report).toMatchObject({ verified: { missing: 0 }, gate_open: false });
    const { blockers } = await call(router.gate.state, undefined);
    expect(blockers.map(({ code }) => code)).toEqual(["SOURCE_UNANSWERED"]);
    const { runs } = await call(router.sync.state, undefined);
    expect(runs[0]).toMatchObject({ gateOpen: false, added: report.added_by });
    expect(runs[0]!.trouble).toContain("Klaviyo");

    vendors.klaviyo.setFaults(undefined);
    const next = await call(router.sync.run, {});
    expect(next.added_by.every(({ source }) => source === "klaviyo")).toBe(true);
    expect(next.added).toBeGreaterThan(0);
    expect(next).toMatchObject({ unanswered: [], gate_open: true });
  });

  it("a run that Customer.io does not let through is on record with its reason; the next one carries all of it over, counted once", async () => {
    const { router, vendors } = await migrated();
    vendors.timePasses();
    vendors.customerio.setFaults(() => ({ status: 401, body: {} }));
    await expect(call(router.sync.run, {})).rejects.toMatchObject({ data: { kind: "bad_input" } });
    vendors.customerio.setFaults(undefined);
    const stopped = (await call(router.sync.state, undefined)).runs[0]!;
    expect(stopped).toMatchObject({ added: [], gateOpen: null });
    expect(stopped.trouble).not.toBeNull();
    expect((await call(router.gate.state, undefined)).blockers).toContainEqual({
      code: "SYNC_UNFINISHED",
      message: expect.stringContaining(stopped.trouble!),
      nextStep: expect.stringContaining("run the sync again"),
    });

    const report = await call(router.sync.run, {});
    expect(report.added).toBeGreaterThan(0);
    expect(report.gate_open).toBe(true);
    const { runs } = await call(router.sync.state, undefined);
    expect(runs.map(({ added }) => added)).toEqual([report.added_by, []]);
  });

  it("after profiles were uploaded, whoever opts out is unsubscribed on their profile, and who changed is told", async () => {
    const { router, vendors } = await migrated();
    await call(router.delivery.uploadProfiles, {});
    vendors.customerio.settle();
    const isUnsubscribed = (userId: string) =>
      vendors.customerio.personById(userId)?.attributes.unsubscribed === true;
    const leaver = [...vendors.iterable.project.users].find(
      ({ email, userId, unsubscribedChannelIds }) =>
        unsubscribedChannelIds.length === 0 &&
        userId !== null &&
        vendors.customerio.personById(userId)?.email === email?.toLowerCase() &&
        !isUnsubscribed(userId),
    )!;
    vendors.iterable.events.unsubscribe(leaver.email!);
    vendors.klaviyo.events.addPerson({ email: "new@example.org", externalId: "new-1" });
    const report = await call(router.sync.run, {});
    expect(report).toMatchObject({ verified: { missing: 0 }, gate_open: true });
    expect(report.profiles_open).toBeGreaterThan(0);
    expect(report.words.join(" ")).toContain("upload the profiles again");
    expect(isUnsubscribed(leaver.userId!)).toBe(true);
    await call(router.delivery.uploadProfiles, {});
    expect(await call(router.sync.run, {})).toMatchObject({ profiles_open: 0, gate_open: true });
  });

  it("runs when it is due, and a missed run stays visible after the one that caught up", async () => {
    const { router, engine } = await migrated(30);
    const runs = async () => (await call(router.sync.state, undefined)).runs;
    await call(router.sync.schedule, { everyMinutes: 60 });
    await engine.syncWhenDue();
    expect(await runs()).toEqual([]);
    const state = await call(router.sync.state, undefined);
    expect(state).toMatchObject({ everyMinutes: 60, missedAt: null });
    expect(Date.parse(state.nextRunAt!)).toBeGreaterThan(Date.now());

    const realNow = Date.now;
    const later = vi.spyOn(Date, "now").mockImplementation(() => realNow() + 3 * 3_600_000);
    onTestFinished(() => later.mockRestore());
    const { missedAt } = await call(router.sync.state, undefined);
    expect(missedAt).toBe(state.nextRunAt);
    // As a cron entry with `sync --every 60` says each time.
    await call(router.sync.schedule, { everyMinutes: 60 });
    expect((await call(router.sync.state, undefined)).missedAt).toBe(missedAt);
    await engine.syncWhenDue();
    expect(await runs()).toMatchObject([{ scheduled: true, missedAt, trouble: null }]);
    expect(await call(router.sync.state, undefined)).toMatchObject({ missedAt: null });
    const byHand = await call(router.sync.run, {});
    expect(byHand.missed_at).toBeNull();

    await call(router.sync.schedule, { everyMinutes: null });
    expect(await call(router.sync.state, undefined)).toMatchObject({ everyMinutes: null, nextRunAt: null });
  });

  it("two at once are refused, and the first one ends well", async () => {
    const { router } = await migrated(30);
    const first = call(router.sync.run, {});
    await expect(call(router.sync.run, {})).rejects.toMatchObject({ data: { code: "BUSY" } });
    expect((await first).gate_open).toBe(true);
    expect((await call(router.sync.state, undefined)).runs).toHaveLength(1);
  });

  it("in a project of files alone there is nobody to ask, and that is said", async () => {
    const engine = createEngine({ name: "test", credentials: async () => null, sourceKey: async () => null });
    onTestFinished(() => engine.close());
    await call(engine.router.project.create, { folder: `${await temporaryFolder()}/project` });
    await expect(call(engine.router.sync.run, {})).rejects.toMatchObject({
      data: {
        kind: "bad_input",
        code: "SYNC_NOT_READY",
        message: expect.stringContaining("files cannot be asked"),
      },
    });
  });
});
