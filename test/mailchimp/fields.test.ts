import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { SourceRecord } from "../../contract/source.ts";
import { openSourceFile } from "../../importers/open-file.ts";
import { writeMailchimpAudience } from "../../simulators/exports/mailchimp-audience.ts";
import { RowCounter } from "../../simulators/exports/text-rows.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { closeSimulators, connect, pull, simulate, userIdField } from "./harness.ts";

afterEach(closeSimulators);

test("the probe names the account", async () => {
  const simulator = await simulate();
  expect(await connect(simulator).probe()).toEqual({ account: "Practice company" });
});

test("the merge field that holds the user_id is offered first, though it stands behind ten others", async () => {
  const world = createWorld({ people: 600, seed: 3 });
  const simulator = await simulate({ world });
  const { account } = simulator;
  const [best, ...others] = await connect(simulator, {}, { userIdField: null }).userIdCandidates();
  const members = account.audiences.flatMap((audience) => [...audience.members()]);
  const values = new Map(members.map(({ id, mergeFields }) => [id, String(mergeFields.USER_ID)]));
  const filled = [...values.values()].filter((value) => value !== "");
  expect(best).toEqual({
    field: userIdField,
    named: true,
    sampled: values.size,
    filled: filled.length,
    distinct: new Set(filled).size,
    examples: expect.any(Array),
  });
  expect(best!.examples).toHaveLength(3);
  for (const example of best!.examples) expect(filled).toContain(example);
  expect(others.map(({ field }) => field)).not.toContain("merge_fields.FNAME");
});

test("a user_id field that is gone is asked for again, before anything is read without it", async () => {
  const simulator = await simulate({ world: createWorld({ people: 50, seed: 3 }) });
  const failure = { kind: "bad_input", code: "USER_ID_FIELD_UNKNOWN" };
  await expect(connect(simulator, {}, { userIdField: "merge_fields.GONE" }).plan(null)).rejects.toMatchObject(
    failure,
  );
  expect(() => connect(simulator, {}, { userIdField: "LEID" })).toThrow(expect.objectContaining(failure));
});

test("people get the same identifiers and attributes over the API as from Mailchimp's own export files", async () => {
  const world = createWorld({ people: 400, seed: 11 });
  const folder = await mkdtemp(join(tmpdir(), "mailchimp-"));
  const fromFiles = new Map<string, SourceRecord>();
  try {
    const file = await writeMailchimpAudience(folder, world, new RowCounter());
    for (const part of await openSourceFile(file, "mailchimp", {}))
      for await (const { records } of part.read())
        for (const record of records) fromFiles.set(record.email!, record);
  } finally {
    await rm(folder, { recursive: true });
  }
  const simulator = await simulate({ world });
  const [newsletter] = simulator.account.audiences;
  const { records } = await pull(connect(simulator));
  let compared = 0;
  for (const [key, record] of records) {
    if (!key.startsWith(`member/${newsletter!.id}/`)) continue;
    const other = fromFiles.get(record.email!)!;
    compared += 1;
    expect(record.recordId).toBe(other.recordId);
    expect(record.userId || null).toBe(other.userId || null);
    expect(record.states[0]!.level).toBe(other.states[0]!.level);
    for (const name of ["first_name", "last_name", "company", "city", "phone", "Plan", "mailchimp.EUID"])
      expect([name, record.attributes[name]]).toEqual([name, other.attributes[name]]);
  }
  expect(compared).toBe(fromFiles.size);
});

test("addresses as objects, tags beyond fifty, empty and odd fields become attributes that say what is there", async () => {
  const simulator = await simulate();
  simulator.account.addAudience("a000000001", "News");
  simulator.account.addPerson({
    email: "anna@example.com",
    tags: Array.from({ length: 60 }, (_, n) => `Tag ${n}`),
    at: Date.parse("2026-04-05T06:07:08Z"),
    mergeFields: {
      FNAME: "Anna",
      ADDRESS: { addr1: "1 High Street", addr2: "", city: "Leeds", state: "", zip: "LS1", country: "GB" },
      CITY: "York",
      POINTS: 12,
      NEWTAG: "not among the fields",
    },
  });
  const { records, plan } = await pull(connect(simulator));
  const [anna] = records.values();
  expect(anna).toMatchObject({ kind: "profile", updatedAt: Date.parse("2026-04-05T06:07:08Z") * 1000 });
  const { "mailchimp.TAGS": tags, ...attributes } = anna!.attributes;
  expect(tags).toHaveLength(50);
  expect(attributes).toEqual({
    first_name: "Anna",
    address: "1 High Street",
    city: "York",
    zip: "LS1",
    country: "GB",
    "Loyalty points": 12,
    NEWTAG: "not among the fields",
    "mailchimp.MEMBER_RATING": 2,
    "mailchimp.CONFIRM_TIME": "2026-04-05T06:07:08+00:00",
    "mailchimp.CONFIRM_IP": expect.stringMatching(/^192\.0\.2\./),
    "mailchimp.LAST_CHANGED": "2026-04-05T06:07:08+00:00",
    "mailchimp.LEID": expect.any(Number),
    "mailchimp.EUID": expect.any(String),
    "mailchimp.SOURCE": "Import",
    "mailchimp.TAGS_COUNT": 60,
  });
  expect(plan.notes.join(" ")).toMatch(/at most 50 tags/);
});

test("what the API cannot give is told", async () => {
  const simulator = await simulate();
  const { notes } = await connect(simulator, {}, { userIdField: null }).plan(null);
  expect(notes.join(" ")).toMatch(/deleted permanently/);
  expect(notes.join(" ")).toMatch(/archived/);
});

test("complaints stand at their own date under their own key", async () => {
  const clock = Date.parse("2026-04-05T06:07:08Z");
  const simulator = await simulate({ now: () => clock });
  simulator.account.addAudience("a000000001", "News");
  simulator.account.addPerson({ email: "anna@example.com", userId: "7" });
  simulator.account.complain("anna@example.com");
  const { records } = await pull(connect(simulator));
  expect(records.get("abuse/a000000001/1")).toMatchObject({
    kind: "event",
    userId: "7",
    email: "anna@example.com",
    updatedAt: null,
    states: [{ level: "complaint", at: clock * 1000 }],
    attributes: {},
  });
});
