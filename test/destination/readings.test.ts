import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import { afterEach, describe, expect, test } from "vitest";
import { failed } from "../../contract/failure.ts";
import { type CustomerIoClient, createCustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../../engine/activity/activity.ts";
import { exportDestinationConflicts } from "../../engine/destination/conflicts.ts";
import { decideAllDestination, importDestinationDecisions } from "../../engine/destination/decide.ts";
import type { CustomerIoSimulatorOptions } from "../../simulators/customerio/simulator.ts";
import { quietProgress, state } from "../delivery/test-migration.ts";
import { OccupiedWorkspace } from "./harness.ts";

let workspace: OccupiedWorkspace;
afterEach(() => workspace.migration.end());

async function start(options: CustomerIoSimulatorOptions = {}): Promise<void> {
  workspace = await OccupiedWorkspace.start(options);
}

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ userId: `u${index}`, email: `u${index}@x.com` }));

describe("whatever Customer.io turns out to do", () => {
  const settings: [string, CustomerIoSimulatorOptions][] = [];
  for (const autoMerge of [true, false]) {
    for (const allowEmailUpdateById of [true, false]) {
      for (const newIdForKnownEmail of ["replaces", "refused"] as const) {
        // One more reading, at the price of none.
        const options = { autoMerge, allowEmailUpdateById, newIdForKnownEmail, emptyListAsNull: autoMerge };
        settings.push([JSON.stringify(options), options]);
      }
    }
  }
  test.each(settings)(
    "an undecided conflict changes nobody's identifiers and merges nobody: %s",
    async (_, options) => {
      await start(options);
      await workspace.there({ id: "other", email: "taken@x.com" });
      await workspace.there({ email: "stub@x.com" });
      await workspace.there({ id: "3", email: "three-there@x.com" });
      await workspace.there({ id: "4" });
      await workspace.there({ email: "four@x.com" });
      const before = workspace.migration.simulator.activities().length;
      const unsubscribed = [state("unsubscribed_all")];
      await workspace.planned([
        { userId: "1", email: "taken@x.com", states: unsubscribed },
        { userId: "2", email: "stub@x.com", states: unsubscribed },
        { userId: "3", email: "three@x.com", states: unsubscribed },
        { userId: "4", email: "four@x.com", states: unsubscribed },
        { userId: "5", email: "five@x.com" },
      ]);
      await workspace.migrate();
      const { simulator } = workspace.migration;
      expect(simulator.personById("other")).toMatchObject({ id: "other", email: "taken@x.com" });
      expect(simulator.peopleByEmail("stub@x.com")).toMatchObject([{ id: null }]);
      expect(simulator.peopleByEmail("four@x.com")).toMatchObject([{ id: null }]);
      expect(simulator.personById("3")).toMatchObject({ email: "three-there@x.com" });
      const happened = simulator
        .activities()
        .slice(before)
        .map(({ type }) => type);
      expect(happened.filter((type) => type !== "profile_create")).toEqual([]);
      expect(await workspace.migration.reached()).toEqual(["five@x.com"]);
    },
  );

  test("where addresses identify nobody, sharing one is no conflict, and a change of it is", async () => {
    await start({ identifiers: "id" });
    await workspace.there({ id: "other", email: "shared@x.com" });
    await workspace.there({ id: "2", email: "two-there@x.com" });
    await workspace.planned([
      { userId: "1", email: "shared@x.com" },
      { userId: "2", email: "two@x.com" },
    ]);
    await workspace.lookUp();
    expect(await workspace.codes()).toEqual({ 2: "EMAIL_CHANGES" });
    const found = await workspace.state();
    expect(found.emailIdentifies).toBe(false);
    expect(found.warnings).toEqual([expect.stringMatching(/does not identify people by e-mail/)]);
    expect((await workspace.conflicts())[0]!.detail).toMatch(/would replace the address/);
  });

  test("where ids are not taken, that is said before anything is looked up", async () => {
    await start({ identifiers: "email" });
    await workspace.planned([{ userId: "1", email: "one@x.com" }]);
    await expect(workspace.lookUp()).rejects.toMatchObject({ kind: "bad_input", code: "IDS_NOT_TAKEN" });
  });

  test("where phone numbers identify people, the attribute phone stays here, and the operator is told", async () => {
    await start({ identifiers: "email+id+phone" });
    await workspace.planned([
      { userId: "1", email: "one@x.com", attributes: { phone: "+41790000000", city: "Bern" } },
    ]);
    await workspace.lookUp();
    const [profile] = await workspace.migration.operations("profiles");
    expect(profile!.attributes).toMatchObject({ city: "Bern" });
    expect(profile!.attributes).not.toHaveProperty("phone");
    expect((await workspace.state()).warnings).toEqual([expect.stringMatching(/identifies people by phone/)]);
    expect((await workspace.plan())!.warnings).toEqual([
      expect.stringMatching(/identifies people by it: phone/),
    ]);
  });

  test.each(["wrapped", "bare", "objects"] as const)(
    "segments that trigger running campaigns are warned of (used_by: %s)",
    async (usedByShape) => {
      await start({
        usedByShape,
        segments: [
          { id: 1, name: "New people" },
          { id: 2, name: "By hand", type: "manual" },
          { id: 3, name: "Nobody uses it" },
          { id: 4, name: "A filter only" },
          { id: 5, name: "Of a stopped one" },
        ],
        campaigns: [
          { id: 7, name: "Welcome", state: "running", trigger_segment_ids: [1, 2], filter_segment_ids: [4] },
          { id: 8, name: "Old", state: "stopped", trigger_segment_ids: [5] },
        ],
      });
      await workspace.planned([{ userId: "1", email: "one@x.com" }]);
      await workspace.lookUp();
      const { warnings } = await workspace.state();
      expect(warnings).toEqual([
        expect.stringMatching(/segment New people \(1\).*campaign Welcome.*sendgate_source/),
      ]);
    },
  );

  test("campaigns of which little is told are warned of rather than passed over", async () => {
    await start({ segments: [{ id: 1, name: "New people" }] });
    workspace.migration.simulator.setFaults(({ path }) => {
      if (path === "/v1/campaigns") return { status: 200, body: { campaigns: [{ id: 8 }] } };
      if (path === "/v1/segments/1/used_by") return { status: 200, body: { used_by: { campaigns: [8, 9] } } };
      return undefined;
    });
    await workspace.planned([{ userId: "1", email: "one@x.com" }]);
    await workspace.lookUp();
    expect((await workspace.state()).warnings).toEqual([
      expect.stringMatching(/2 campaigns: number 8, number 9/),
    ]);
  });

  test("segments that cannot be read are said to be unknown, and people are looked up all the same", async () => {
    await start();
    workspace.migration.simulator.setFaults(({ path }) =>
      path === "/v1/segments" ? { status: 403 } : undefined,
    );
    await workspace.there({ email: "one@x.com" });
    await workspace.planned([{ userId: "1", email: "one@x.com" }]);
    await workspace.lookUp();
    expect(await workspace.codes()).toEqual({ 1: "EMAIL_STUB" });
    expect((await workspace.state()).warnings).toEqual([expect.stringMatching(/could not be read/)]);
  });
});

describe("a look-up that is cut short", () => {
  test("keeps what it found and goes on from there", async () => {
    await start();
    await workspace.there({ email: "u1@x.com" });
    await workspace.planned(people(4_500));
    const { client } = workspace.migration;
    let asked = 0;
    const dying: CustomerIoClient = {
      ...client,
      async profilesByIds(ids) {
        const values = [...ids];
        asked += values.length;
        if (asked > 3_000) throw failed("CUSTOMER_IO_UNREACHABLE", "gone", "again");
        return client.profilesByIds(values);
      },
    };
    await expect(workspace.lookUp(dying)).rejects.toMatchObject({ code: "CUSTOMER_IO_UNREACHABLE" });
    await workspace.migration.reopen();
    const half = await workspace.state();
    expect(half.lookedUp.emails).toBe(4_500);
    expect(half.lookedUp.ids).toBeGreaterThan(0);
    expect(half.lookedUp.ids).toBeLessThan(4_500);
    expect(half.toDo.calls).toBe(Math.ceil((4_500 - half.lookedUp.ids) / 100));
    const seen: string[] = [];
    await workspace.lookUp({
      ...client,
      profilesByIds: (ids) => {
        const values = [...ids];
        seen.push(...values);
        return client.profilesByIds(values);
      },
    });
    expect(seen.filter((id) => id.startsWith("u"))).toHaveLength(4_500 - half.lookedUp.ids);
    expect((await workspace.state()).lookedUp).toEqual({ ids: 4_500, emails: 4_500 });
    expect(await workspace.codes()).toEqual({ u1: "EMAIL_STUB" });
  });

  test("tells how far it is in calls, never beyond what it said", async () => {
    await start();
    await workspace.planned(people(450));
    const told: { step: string; done: number; total: number | null }[] = [];
    let step = "";
    let total: number | null = null;
    const progress: Progress = {
      ...quietProgress,
      start: (name, all) => {
        step = name;
        total = all;
      },
      report: async (done) => {
        told.push({ step, done, total });
      },
    };
    expect((await workspace.state()).toDo).toEqual({ calls: 10, seconds: 1 });
    await workspace.lookUp(workspace.migration.client, progress);
    const last = told.filter((report) => report.step.startsWith("Looking people up")).at(-1);
    expect(last).toMatchObject({ done: 10, total: 10 });
  });

  test("and calls that the vendor refuses as too many are made again within one budget", async () => {
    await start({ appRequestsPerSecond: 40 });
    const { simulator } = workspace.migration;
    await workspace.there({ email: "u399@x.com" });
    await workspace.planned(people(400));
    const paced = createCustomerIoClient({
      credentials: simulator.keys,
      endpoint: simulator.url,
      appRequestsPerSecond: 40,
    });
    await workspace.lookUp(paced);
    expect(await workspace.codes()).toEqual({ u399: "EMAIL_STUB" });
  });
});

describe("before the first write", () => {
  test("whoever was never looked up is, and the plan heeds it", async () => {
    await start();
    await workspace.there({ email: "stub@x.com" });
    await workspace.planned([
      { userId: "1", email: "stub@x.com", states: [state("unsubscribed_all")] },
      { userId: "2", email: "two@x.com" },
    ]);
    const seen = (await workspace.plan())!.hash;
    const report = await workspace.migration.upload();
    expect(report.planHash).not.toBe(seen);
    expect(report.planHash).toBe((await workspace.plan())!.hash);
    expect(report.failed).toBe(0);
    expect(workspace.migration.simulator.peopleByEmail("stub@x.com")).toMatchObject([{ id: null }]);
  });

  test("who was looked up is not asked for again, and an unoccupied workspace leaves the plan alone", async () => {
    await start();
    await workspace.planned([{ userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] }]);
    const { hash } = (await workspace.plan())!;
    expect((await workspace.migration.upload()).planHash).toBe(hash);
    const lookUps = () =>
      workspace.migration.simulator.requests().filter(({ path }) => path === "/v1/customers/attributes")
        .length;
    const before = lookUps();
    await workspace.migration.upload();
    expect(lookUps()).toBe(before);
  });
});

describe("what was looked up and may have changed since", () => {
  const dayBefore = (microseconds: number) => microseconds - 25 * 3_600_000_000;

  test("is looked up again before it is written, and only that", async () => {
    await start({ recordBodies: true });
    await workspace.planned([{ userId: "1", email: "one@x.com" }]);
    await workspace.migrate();
    await workspace.planned([{ userId: "2", email: "two@x.com", states: [state("unsubscribed_all")] }]);
    await workspace.lookUp();
    await workspace.there({ email: "two@x.com" });
    const { store } = workspace.migration.project;
    await store.run("UPDATE destination_look_up SET looked_up_at = $at", {
      at: dayBefore(Date.now() * 1_000),
    });
    const before = workspace.migration.simulator.requests().length;
    await workspace.migration.upload();
    const asked = workspace.migration.simulator
      .requests()
      .slice(before)
      .flatMap(({ path, body }) =>
        path === "/v1/customers/attributes" ? (JSON.parse(body) as { ids: string[] }).ids : [],
      );
    expect(asked).toContain("two@x.com");
    expect(asked).not.toContain("one@x.com");
    expect(await workspace.codes()).toEqual({ 2: "EMAIL_STUB" });
    expect(workspace.migration.simulator.peopleByEmail("two@x.com")).toMatchObject([
      { id: null, attributes: { unsubscribed: true } },
    ]);
  });

  test("an address that a source changed after we wrote it waits for the operator's word", async () => {
    await start({ allowEmailUpdateById: true });
    await workspace.planned([{ userId: "1", email: "old@x.com", updatedAt: 1_000_000 }]);
    await workspace.migrate();
    await workspace.planned([{ userId: "1", email: "new@x.com", updatedAt: 2_000_000 }]);
    await workspace.migrate();
    expect(await workspace.codes()).toEqual({ 1: "EMAIL_CHANGES" });
    expect(workspace.migration.simulator.personById("1")).toMatchObject({ email: "old@x.com" });
    await workspace.decide("EMAIL_CHANGES", "write");
    await workspace.migration.plan();
    await workspace.migrate();
    expect(workspace.migration.simulator.personById("1")).toMatchObject({ email: "new@x.com" });
  });

  test("an address that we wrote by its name becomes nobody's by itself", async () => {
    await start();
    await workspace.planned([{ email: "lead@x.com", states: [state("unsubscribed_all")] }]);
    await workspace.migrate();
    await workspace.planned([{ userId: "7", email: "lead@x.com" }]);
    await workspace.migrate();
    expect(await workspace.codes()).toEqual({ 7: "EMAIL_STUB" });
    expect(workspace.migration.simulator.peopleByEmail("lead@x.com")).toMatchObject([
      { id: null, attributes: { unsubscribed: true } },
    ]);
    expect(workspace.migration.simulator.personById("7")).toMatchObject({
      email: null,
      attributes: { unsubscribed: true },
    });
  });
});

describe("the conflicts in a spreadsheet", () => {
  test("go out guarded and come back with decisions, all or nothing", async () => {
    await start();
    const folder = await mkdtemp(join(tmpdir(), "sendgate-destination-"));
    const file = join(folder, "destination.csv");
    try {
      await workspace.there({ id: "=danger", email: "one@x.com" });
      await workspace.there({ email: "two@x.com" });
      await workspace.planned([
        { userId: "1", email: "one@x.com" },
        { userId: "2", email: "two@x.com" },
      ]);
      await workspace.lookUp();
      const { project } = workspace.migration;
      expect((await exportDestinationConflicts(project, file)).rows).toBe(2);
      const text = await readFile(file, "utf8");
      expect(text).toContain("'=danger");
      const { data, meta } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
      expect(meta.fields).toEqual([
        "conflict_id",
        "code",
        "user_id",
        "email",
        "there_user_id",
        "there_email",
        "there_cio_id",
        "suppressed",
        "detail",
        "suggestion",
        "decision",
      ]);
      const saved = (rows: Record<string, string>[]) => writeFile(file, Papa.unparse(rows));

      await saved(data.map((row) => ({ ...row, decision: row.code === "EMAIL_STUB" ? "write" : "merge" })));
      const refused = await importDestinationDecisions(project, file, "command line");
      expect(refused).toMatchObject({ applied: 0, refused: [{ reason: expect.stringMatching(/takes/) }] });

      await saved(data.map((row) => ({ ...row, there_email: "somebody@else.com", decision: "write" })));
      const changed = await importDestinationDecisions(project, file, "command line");
      expect(changed.applied).toBe(0);
      expect(changed.refused[0]!.reason).toMatch(/column there_email is not what it was/);

      await saved(data.map((row) => ({ ...row, decision: row.code === "EMAIL_STUB" ? "write" : "" })));
      const taken = await importDestinationDecisions(project, file, "command line");
      expect(taken).toEqual({ applied: 1, unchanged: 1, refused: [] });
      expect(await importDestinationDecisions(project, file, "command line")).toMatchObject({
        applied: 0,
        unchanged: 2,
      });
      await workspace.migration.plan();
      expect(await workspace.profiles()).toEqual(["id:2"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("or are decided by the kind", async () => {
    await start();
    await workspace.there({ email: "one@x.com" });
    await workspace.there({ email: "two@x.com" });
    await workspace.planned([
      { userId: "1", email: "one@x.com" },
      { userId: "2", email: "two@x.com" },
    ]);
    await workspace.lookUp();
    const { project } = workspace.migration;
    await workspace.decide("EMAIL_STUB", "hold");
    const report = await decideAllDestination(project, { code: "EMAIL_STUB", decision: "write" }, "window");
    expect(report).toEqual({ applied: 1, unchanged: 0, refused: [] });
    const counts = (await workspace.state()).conflicts.find(({ code }) => code === "EMAIL_STUB");
    expect(counts).toMatchObject({ count: 2, undecided: 0 });
    expect((await workspace.state()).heldBack).toBe(1);
  });
});
