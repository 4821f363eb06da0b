import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ActivityDesk } from "../../engine/activity/activity.ts";
import { exportDifferences } from "../../engine/certificate/proof.ts";
import { importFiles } from "../../engine/sources/import-files.ts";
import { acceptRejects } from "../../engine/sources/rejects.ts";
import { state, TestMigration } from "../delivery/test-migration.ts";
import { writeNastyExports } from "../oracle/nasty-exports.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start();
});
afterEach(() => migration.end());

const proof = async () => (await migration.gate()).proof!;
const all = (count: number) => ({ exported: count, planned: count, uploaded: count, readBack: count });

describe("the proof", () => {
  test("counts each source's own word, and every subject once in all", async () => {
    await migration.import("mailchimp", [
      { email: "both@x.com", states: [state("unsubscribed_all")] },
      { email: "bounced@x.com", states: [state("hard_bounce")] },
    ]);
    await migration.import("klaviyo", [
      { userId: "1", email: "both@x.com", states: [state("complaint")] },
      { userId: "1", email: "other@x.com" },
      { userId: "2", states: [state("manual")] },
      { userId: "3", email: "three@x.com", states: [state("explicit_opt_in")] },
    ]);
    await migration.run();
    expect((await migration.gate()).blockers).toEqual([]);
    const { totals, bySource, different } = await proof();
    expect(different).toBe(0);
    // both@, bounced@ and, because person 1 complained, other@.
    expect(totals).toEqual([
      { subject: "address", ...all(3) },
      { subject: "person", ...all(2) },
    ]);
    expect(bySource).toEqual([
      { subject: "address", source: "klaviyo", reason: "complaint", ...all(2) },
      { subject: "address", source: "mailchimp", reason: "hard_bounce", ...all(1) },
      // Mailchimp's word binds the person who claims the address, and through her the other address.
      { subject: "address", source: "mailchimp", reason: "unsubscribed_all", ...all(2) },
      { subject: "person", source: "klaviyo", reason: "complaint", ...all(1) },
      { subject: "person", source: "klaviyo", reason: "manual", ...all(1) },
      { subject: "person", source: "mailchimp", reason: "unsubscribed_all", ...all(1) },
    ]);
  });

  test("shows what was exported and lost by the merge, before anything is uploaded", async () => {
    await migration.import("csv", [
      { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
      { email: "two@x.com", states: [state("hard_bounce")] },
    ]);
    await migration.merge();
    const { store } = migration.project;
    await store.run("DELETE FROM suppression WHERE has_hard_bounce");
    await migration.plan();
    await migration.upload();
    const report = await migration.verify();
    expect(report.missing).toBe(0);
    expect((await proof()).totals[0]).toEqual({
      subject: "address",
      exported: 2,
      planned: 1,
      uploaded: 1,
      readBack: 1,
    });
    const gate = await migration.gate();
    expect(gate.blockers.map(({ code }) => code)).toEqual(["PROOF_UNEQUAL"]);
    const file = join(migration.project.folder, "exports", "differences.csv");
    await exportDifferences(store, file);
    expect(await readFile(file, "utf8")).toBe(
      "subject,exported,planned,uploaded,read_back\r\nemail:two@x.com,true,false,false,false\r\n",
    );
  });

  test("shows what was left out of the upload, although the workspace was safe already", async () => {
    await migration.import("csv", [{ userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] }]);
    await migration.client.sendBatch([
      {
        type: "person",
        action: "identify",
        identifiers: { id: "1" },
        attributes: { email: "one@x.com", unsubscribed: true },
      },
    ]);
    await migration.merge();
    await migration.plan();
    expect((await migration.verify()).missing).toBe(0);
    expect((await proof()).totals).toEqual([
      { subject: "address", exported: 1, planned: 1, uploaded: 0, readBack: 1 },
      { subject: "person", exported: 1, planned: 1, uploaded: 0, readBack: 1 },
    ]);
    expect(await migration.blockers()).toEqual(["NOT_UPLOADED", "PROOF_UNEQUAL"]);
    await migration.upload();
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("has nothing to write for whoever asked to be forgotten, nor for an id that no profile can hold", async () => {
    await migration.import("csv", [
      { userId: "gone", email: "gone@x.com", states: [state("forgotten")] },
      { userId: "9".repeat(200), email: "long@x.com", states: [state("manual")] },
    ]);
    await migration.run();
    expect((await proof()).totals).toEqual([
      { subject: "address", ...all(2) },
      { subject: "person", ...all(2) },
    ]);
    expect((await migration.gate()).open).toBe(true);
  });
});

test.each([1, 2])(
  "what the exports say, worked out without the merge, is what the merge says, on nasty files of seed %i",
  async (seed) => {
    const folder = await mkdtemp(join(tmpdir(), "sendgate-proof-"));
    try {
      const inputs = await writeNastyExports(folder, { people: 500, seed });
      const { project } = migration;
      const desk = new ActivityDesk();
      for (const { file, ...input } of inputs) {
        await desk.run("import", (progress) => importFiles(project, { ...input, files: [file] }, progress));
      }
      await migration.merge();
      await acceptRejects(project, "all", "invented");
      await migration.plan();
      await migration.upload();
      await migration.verify();
      const { totals, differences } = await proof();
      // Only addresses in quotes, which Customer.io refuses, differ: they were exported and planned.
      expect(differences.filter(({ exported, planned }) => !exported || !planned)).toEqual([]);
      expect(differences.filter(({ subject }) => !subject.includes('"'))).toEqual([]);
      const merged = await project.store.row(
        `SELECT (SELECT count(*) FROM suppression) AS addresses,
          (SELECT count(*) FROM person WHERE suppressed AND user_id IS NOT NULL) AS persons`,
      );
      expect(totals.map(({ exported, planned }) => [exported, planned])).toEqual([
        [merged!.addresses, merged!.addresses],
        [merged!.persons, merged!.persons],
      ]);
      expect(Number(merged!.addresses)).toBeGreaterThan(100);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
