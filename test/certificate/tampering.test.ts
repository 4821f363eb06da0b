import { generateKeyPairSync } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ActivityDesk } from "../../engine/activity/activity.ts";
import { checkCertificate } from "../../engine/certificate/check-certificate.ts";
import { now } from "../../engine/clock.ts";
import { decide } from "../../engine/decisions/decide.ts";
import { send } from "../../engine/send/send.ts";
import { importFiles } from "../../engine/sources/import-files.ts";
import { acceptRejects } from "../../engine/sources/rejects.ts";
import { quietProgress, type Said, state, TestMigration } from "../delivery/test-migration.ts";

const people: Said[] = [
  { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
  { userId: "1", email: "one-old@x.com" },
  { userId: "2", email: "two@x.com", states: [state("complaint")] },
  { email: "lead@x.com", states: [state("hard_bounce")] },
  { userId: "3", email: "three@x.com", states: [state("implied")], attributes: { city: "Bern" } },
  { userId: "4", email: "Four@x.com", states: [state("implied")] },
  { userId: "5", email: "four@x.com" },
];

async function certified(): Promise<TestMigration> {
  const migration = await TestMigration.start();
  const file = await migration.import("mailchimp", people);
  await migration.import("klaviyo", [{ email: "no address", states: [state("manual")] }]);
  await migration.project.store.run(
    `INSERT INTO unreadable_row (file_id, line, reason, row_text) VALUES (${file}, 9, 'too many cells', 'x')`,
  );
  await migration.merge();
  await acceptRejects(migration.project, "all", "looked at by hand");
  await decide(
    migration.project,
    [{ line: 0, conflictId: "EMAIL_MANY_IDS:four@x.com", decision: "owner=4" }],
    "test",
  );
  expect((await migration.run()).missing).toBe(0);
  expect((await migration.gate()).blockers).toEqual([]);
  return migration;
}

describe("a row that was edited by hand", () => {
  let migration: TestMigration;
  beforeAll(async () => {
    migration = await certified();
  });
  afterAll(() => migration.end());

  const facts = "ROWS_CHANGED";
  const setting = (name: string, path: string, value: string) =>
    `UPDATE setting SET value = json_merge_patch(value, '${path.replace("?", value)}') WHERE name LIKE '${name}'`;

  // Table, edit, and what the gate says; the last word names what was changed.
  test.each([
    ["source_file", "UPDATE source_file SET carries_suppressions = false", facts, /from file 1 /],
    [
      "source_file",
      "UPDATE source_file SET rejected = 0, name = 'x' WHERE file_id = 2",
      facts,
      /from file 2 /,
    ],
    ["source_file", "UPDATE source_file SET replaced_by = 2 WHERE file_id = 1", facts, /Which files count/],
    ["source_file", "DELETE FROM source_file WHERE file_id = 2", facts, /from file 2 /],
    [
      "source_record",
      "UPDATE source_record SET email_key = 'else@x.com' WHERE user_id = '2'",
      facts,
      /file 1/,
    ],
    ["source_record", "UPDATE source_record SET attributes = NULL WHERE user_id = '3'", facts, /file 1/],
    ["source_record", "DELETE FROM source_record WHERE user_id = '1'", facts, /file 1/],
    [
      "source_record",
      "UPDATE source_record SET user_id = CASE user_id WHEN '1' THEN '3' ELSE '1' END WHERE user_id IN ('1', '3')",
      facts,
      /file 1/,
    ],
    ["source_state", "UPDATE source_state SET level = 8 WHERE level = 1", facts, /file 1/],
    ["source_state", "UPDATE source_state SET is_history = true", facts, /file 1/],
    ["source_state", "DELETE FROM source_state WHERE level = 2", facts, /file 1/],
    ["source_state", "INSERT INTO source_state SELECT * FROM source_state WHERE level = 4", facts, /file 1/],
    ["unreadable_row", "DELETE FROM unreadable_row", facts, /file 1/],
    ["accepted_reject", "UPDATE accepted_reject SET reason = 'another'", facts, /rejected rows are accepted/],
    [
      "accepted_reject",
      "INSERT INTO accepted_reject VALUES (1, 5, 0, '')",
      facts,
      /rejected rows are accepted/,
    ],
    ["decision", "UPDATE decision SET decision = 'owner=5'", facts, /A decision/],
    ["decision", "UPDATE decision SET decided_by = 'nobody'", facts, /A decision/],
    ["decision", "DELETE FROM decision", facts, /A decision/],
    [
      "address",
      "UPDATE address SET email_key = 'else@x.com' WHERE email_key = 'two@x.com'",
      facts,
      /\(address\)/,
    ],
    ["address_spelling", "UPDATE address_spelling SET send = 'else@x.com'", facts, /address_spelling/],
    ["person", "UPDATE person SET suppressed = false WHERE user_id = '1'", facts, /\(person\)/],
    ["person_level", "DELETE FROM person_level", facts, /person_level/],
    ["person_address", "DELETE FROM person_address", facts, /person_address/],
    ["suppression", "DELETE FROM suppression WHERE has_complaint", facts, /\(suppression\)/],
    ["suppression", "UPDATE suppression SET has_complaint = false", facts, /\(suppression\)/],
    ["rejected_record", "UPDATE rejected_record SET carries_suppression = false", facts, /rejected_record/],
    [
      "planned_operation",
      "UPDATE planned_operation SET item = replace(item, 'Bern', 'Rome') WHERE phase = 'profiles'",
      facts,
      /planned_operation/,
    ],
    [
      "planned_operation",
      "UPDATE planned_operation SET item = replace(item, 'true', 'false') WHERE phase = 'suppressions'",
      facts,
      /planned_operation/,
    ],
    [
      "planned_operation",
      "DELETE FROM planned_operation WHERE phase = 'suppressions'",
      facts,
      /planned_operation/,
    ],
    ["delivery", "UPDATE delivery SET content = 'x'", facts, /delivery/],
    ["delivery", "DELETE FROM delivery", facts, /delivery/],
    ["delivery", "UPDATE delivery SET state = 'failed' WHERE subject = 'id:1'", "UPLOAD_FAILED", /refused/],
    ["setting", setting("merge", '{"hash":"?"}', "0"), "MERGE_STALE", /merge/],
    ["setting", setting("plan", '{"mergeHash":"?"}', "0"), "PLAN_STALE", /plan/],
    ["setting", setting("plan", '{"plan":{"hash":"?"}}', "0"), "VERIFY_OUTDATED", /another plan/],
    [
      "setting",
      setting("verification:%", '{"readAt":?}', "9999999999999999"),
      "CERTIFICATE_OTHER",
      /reading back/,
    ],
    [
      "setting",
      setting("verification:%", '{"report":{"missing":?}}', "1"),
      "VERIFY_MISSING",
      /not found safe/,
    ],
    ["setting", setting("verification:%", '{"certificate":?}', "null"), "NOT_VERIFIED", /read back/],
    [
      "setting",
      `UPDATE setting SET value = replace(value, 'suppressedAddresses\\":', 'suppressedAddresses\\":1') WHERE name LIKE 'verification:%'`,
      "CERTIFICATE_CHANGED",
      /signature/,
    ],
    ["setting", "DELETE FROM setting WHERE name LIKE 'verification:%'", "NOT_VERIFIED", /read back/],
    [
      "setting",
      "UPDATE setting SET value = '{}' WHERE name LIKE 'verification:%'",
      "NOT_VERIFIED",
      /read back/,
    ],
    ["setting", setting("project", '{"practice":?}', "true"), facts, /kind/],
    [
      "setting",
      'UPDATE setting SET value = \'{"number":2,"hash":"x"}\' WHERE name = \'journal_head\'',
      "JOURNAL_BROKEN",
      /journal/,
    ],
    ["setting", "DELETE FROM setting WHERE name = 'journal_head'", "JOURNAL_BROKEN", /journal/],
    [
      "leak_acceptance",
      "INSERT INTO leak_acceptance VALUES (1, 'campaign:7', 'x', 'x', 'x', 0)",
      facts,
      /campaign:7 is accepted/,
    ],
    [
      "api_source",
      "INSERT INTO api_source (source, account, retired_at) VALUES ('mailchimp', 'x', 1)",
      facts,
      /mailchimp is retired/,
    ],
    ["workspace", "UPDATE workspace SET workspace_id = 99", "NOT_VERIFIED", /read back/],
    [
      "workspace",
      "UPDATE workspace SET region = CASE region WHEN 'us' THEN 'eu' ELSE 'us' END",
      "CERTIFICATE_OTHER",
      /workspace/,
    ],
  ])("in %s locks the gate: %s", async (table, edit, code, words) => {
    const { store } = migration.project;
    await store.run(`CREATE OR REPLACE TABLE as_it_was AS FROM ${table}`);
    try {
      await store.run(edit);
      const { open, blockers } = await migration.gate();
      expect(open).toBe(false);
      expect(
        blockers.find((blocker) => new RegExp(code).test(blocker.code) && words.test(blocker.message)),
      ).toEqual({
        code: expect.any(String),
        message: expect.stringMatching(/\.$/),
        nextStep: expect.stringMatching(/\.$/),
      });
    } finally {
      await store.run(`DELETE FROM ${table}`);
      await store.run(`INSERT INTO ${table} FROM as_it_was`);
      await store.run("DROP TABLE as_it_was");
    }
    // Rows in another order are the same rows.
    expect((await migration.gate()).blockers).toEqual([]);
  });
});

describe("what was edited by hand", () => {
  let migration: TestMigration;
  beforeEach(async () => {
    migration = await certified();
  });
  afterEach(() => migration.end());

  test("in what the exports said is not made good by merging, planning and reading back", async () => {
    await migration.project.store.run("UPDATE source_state SET level = 8 WHERE level = 1");
    await migration.run();
    expect(await migration.blockers()).toContain("ROWS_CHANGED");
    await migration.reopen();
    expect(await migration.blockers()).toContain("ROWS_CHANGED");
    expect((await migration.gate()).certificate).toBeNull();
  });

  test("in the merge's result is made good by merging again, in the plan by planning again", async () => {
    const { store } = migration.project;
    await store.run("DELETE FROM suppression");
    expect(await migration.blockers()).toEqual(["ROWS_CHANGED"]);
    await migration.merge();
    expect(await migration.blockers()).toEqual([]);
    await store.run("UPDATE planned_operation SET item = NULL");
    expect(await migration.blockers()).toEqual(["ROWS_CHANGED"]);
    await migration.plan();
    expect(await migration.blockers()).toEqual([]);
    await store.run("UPDATE delivery SET reason = 'x', state = 'done', operation_id = NULL");
    expect(await migration.blockers()).toEqual(["ROWS_CHANGED"]);
    await migration.upload();
    await migration.verify();
    expect(await migration.blockers()).toEqual([]);
  });
});

test("a reading back of a time still to come locks the gate: it would stay fresh for too long", async () => {
  const migration = await certified();
  try {
    const yesterday = () => now() - 24 * 3_600_000_000;
    const { blockers } = await migration.gate(24, yesterday);
    expect(blockers.map(({ code }) => code)).toContain("VERIFY_FUTURE");
  } finally {
    await migration.end();
  }
});

test("a send that was taken out of the record locks the gate, for it could be sent once more", async () => {
  const migration = await certified();
  try {
    await migration.uploadProfiles();
    const { client, project } = migration;
    await send(project, async () => client, { kind: "broadcast", number: 1 }, quietProgress, {
      triggerIntervalMilliseconds: 0,
      comparisonPauses: [],
    });
    await project.store.run("DELETE FROM sending");
    expect((await migration.gate()).blockers).toContainEqual(
      expect.objectContaining({
        code: "ROWS_CHANGED",
        message: expect.stringContaining("what was sent (broadcast:1) was taken out"),
      }),
    );
  } finally {
    await migration.end();
  }
});

describe("before there was any certificate", () => {
  let migration: TestMigration;
  beforeEach(async () => {
    migration = await TestMigration.start();
    const file = join(migration.project.folder, "..", "unsubscribed_all.csv");
    await writeFile(
      file,
      "Email Address,LEID,UNSUB_TIME\none@x.com,1,2026-01-01 00:00:00\ntwo@x.com,2,\nbroken,3\n",
    );
    await new ActivityDesk().run("import", (progress) =>
      importFiles(migration.project, { source: "mailchimp", files: [file] }, progress),
    );
  });
  afterEach(() => migration.end());

  test("an opt-out taken out of an imported file locks the gate for good", async () => {
    await acceptRejects(migration.project, "all", "broken");
    await migration.project.store.run("DELETE FROM source_state WHERE record = 1");
    await migration.run();
    expect(await migration.blockers()).toEqual(["ROWS_CHANGED", "NOT_CERTIFIED"]);
  });

  test("rejected rows that nobody accepted through Sendgate lock it", async () => {
    await migration.project.store.run(
      "INSERT INTO accepted_reject SELECT file_id, line, 0, 'x' FROM unreadable_row",
    );
    await migration.run();
    expect(await migration.blockers()).toEqual(["ROWS_CHANGED", "NOT_CERTIFIED"]);
  });

  test("nothing stands in the way where nothing was edited", async () => {
    await acceptRejects(migration.project, "all", "broken");
    await migration.run();
    expect(await migration.blockers()).toEqual([]);
  });
});

describe("the journal and the key", () => {
  let migration: TestMigration;
  beforeEach(async () => {
    migration = await certified();
  });
  afterEach(() => migration.end());
  const file = (name: string) => join(migration.project.folder, name);

  test.each([
    ["the first line", (lines: string[]) => lines.slice(1)],
    ["a line in the middle", (lines: string[]) => lines.filter((_, index) => index !== 7)],
    ["the last line", (lines: string[]) => lines.slice(0, -1)],
    ["the last lines, back to before the reading back", (lines: string[]) => lines.slice(0, -4)],
    ["nearly all lines", (lines: string[]) => lines.slice(0, 1)],
  ])("lock the gate where %s is gone, also after a restart, and say so", async (_, cut) => {
    const whole = await readFile(file("journal.ndjson"), "utf8");
    await writeFile(
      file("journal.ndjson"),
      cut(whole.trimEnd().split("\n"))
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(await migration.blockers()).toContain("JOURNAL_BROKEN");
    await migration.reopen();
    await migration.reopen();
    const { blockers } = await migration.gate();
    expect(blockers[0]).toMatchObject({
      code: "JOURNAL_BROKEN",
      message: expect.stringContaining("journal"),
      nextStep: expect.stringContaining("backup"),
    });
    await migration.verify();
    expect(await migration.blockers()).toContain("JOURNAL_BROKEN");
  });

  test("lock the gate where the key is gone, or another one, and open it again with the right one", async () => {
    const key = await readFile(file("certificate-key.pem"));
    await rm(file("certificate-key.pem"));
    expect(await migration.blockers()).toEqual(["KEY_CHANGED"]);
    await migration.verify();
    expect(await migration.blockers()).toEqual(["KEY_CHANGED", "NOT_CERTIFIED"]);
    const { privateKey } = generateKeyPairSync("ed25519");
    await writeFile(file("certificate-key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    expect(await migration.blockers()).toEqual(["KEY_CHANGED", "NOT_CERTIFIED"]);
    await writeFile(file("certificate-key.pem"), key);
    await migration.verify();
    expect(await migration.blockers()).toEqual([]);
  });

  test("no other project's certificate opens the gate, nor is it taken for this one's", async () => {
    const other = await certified();
    try {
      const { certificate } = (await other.project.store.row<{ certificate: string }>(
        "SELECT value->>'certificate' AS certificate FROM setting WHERE name LIKE 'verification:%'",
      ))!;
      await writeFile(file("other.json"), certificate);
      expect(await checkCertificate(file("other.json"), null)).toMatchObject({ valid: true });
      expect(await checkCertificate(file("other.json"), other.project)).toMatchObject({ valid: true });
      expect(await checkCertificate(file("other.json"), migration.project)).toMatchObject({
        authentic: false,
        trouble: expect.stringContaining("another project"),
      });
      await migration.project.store.run(
        "UPDATE setting SET value = json_merge_patch(value, json_object('certificate', $certificate)) WHERE name LIKE 'verification:%'",
        { certificate },
      );
      expect(await migration.blockers()).toEqual(["CERTIFICATE_FOREIGN"]);
    } finally {
      await other.end();
    }
  });
});

describe("work that comes after the certificate does not lock the gate:", () => {
  let migration: TestMigration;
  beforeEach(async () => {
    migration = await certified();
  });
  afterEach(async () => {
    expect(await migration.blockers()).toEqual([]);
    await migration.reopen();
    expect(await migration.blockers()).toEqual([]);
    await migration.end();
  });

  test("uploading profiles, and uploading suppressions once more", async () => {
    await migration.uploadProfiles();
    await migration.upload();
    await migration.uploadProfiles();
  });

  test("merging, planning and reading back again", async () => {
    await migration.merge();
    await migration.plan();
    await migration.verify();
    await migration.verify();
  });

  test("importing a file that was imported before", async () => {
    const file = join(migration.project.folder, "..", "people.csv");
    await writeFile(file, "user_id,email\n7,seven@x.com\n");
    const read = () =>
      new ActivityDesk().run("import", (progress) =>
        importFiles(migration.project, { source: "csv", files: [file], means: "unsubscribed" }, progress),
      );
    await read();
    expect(await migration.blockers()).not.toContain("ROWS_CHANGED");
    await migration.run();
    expect((await read()).files[0]).toMatchObject({ unchanged: true });
  });

  test("what a pull notes before it has brought anything that counts", async () => {
    const { store } = migration.project;
    await store.run(`
      INSERT INTO source_record SELECT record + 1000, 99, source, line, record_id, is_event, user_id, user_id_folded,
        user_id_blocked, email_cell, email_key, email_spelling, email_send, bad_email, hidden_characters, updated_at,
        attributes
      FROM source_record;
      INSERT INTO source_state SELECT record + 1000, level, topic, stated_at, is_history, is_assumed, is_invalid_address
      FROM source_state;`);
  });
});
