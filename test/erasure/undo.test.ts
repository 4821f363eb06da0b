import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replaceByWord } from "../../engine/sources/replace-file.ts";
import { undoListings } from "../../engine/undo/undo-listings.ts";
import { quietProgress, type Said, state, TestMigration } from "../delivery/test-migration.ts";

let migration: TestMigration;
beforeEach(async () => {
  migration = await TestMigration.start();
});
afterEach(() => migration.end());

const bounced = (email: string): Said => ({ email, states: [state("hard_bounce")] });

const undo = (esp: "all" | string[], client = migration.client) =>
  undoListings(
    migration.project,
    client,
    { esp, reason: "imported by mistake", decidedBy: "test" },
    quietProgress,
    500,
  );

const listed = () =>
  migration.simulator
    .lists()
    .entries("bounces")
    .map(({ email }) => email);

/** The file was a mistake: an empty one takes its place, on record. */
const withdraw = async (file: number) => {
  const later = await migration.import("csv", [], `instead-of-${file}.csv`);
  await replaceByWord(migration.project, file, later, "imported by mistake");
};

describe("taking list entries back", () => {
  test("takes off what no source asks for any more, and nothing that stood there before", async () => {
    await migration.client.addSuppression("bounces", "before@x.com");
    migration.simulator.settle();
    const mistake = await migration.import(
      "csv",
      [bounced("wrong@x.com"), bounced("before@x.com")],
      "mistake.csv",
    );
    await migration.import("klaviyo", [bounced("right@x.com")]);
    await migration.run();
    expect(listed().sort()).toEqual(["before@x.com", "right@x.com", "wrong@x.com"]);

    await withdraw(mistake);
    await migration.merge();
    expect(await undo("all")).toMatchObject({ takenBack: 1, stillThere: 0, kept: 0 });
    expect(listed().sort()).toEqual(["before@x.com", "right@x.com"]);
  });

  test("locks the gate until everything is read back again", async () => {
    const mistake = await migration.import("csv", [bounced("wrong@x.com")], "mistake.csv");
    await migration.import("klaviyo", [bounced("right@x.com")]);
    await migration.run();
    await withdraw(mistake);
    await migration.run();
    expect((await migration.gate()).open).toBe(true);
    await undo("all");
    expect(await migration.blockers()).toEqual(["UNDONE"]);
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("never takes back what a source suppresses, as long as the list is all that stops mail", async () => {
    await migration.import("csv", [bounced("gone@x.com")]);
    await migration.run();
    expect(await undo(["gone@x.com"])).toMatchObject({
      takenBack: 0,
      kept: 1,
      keptItems: [
        { subject: "esp_bounces:gone@x.com", reason: expect.stringContaining("must not be mailed") },
      ],
    });
    expect(await undo("all")).toMatchObject({ takenBack: 0 });
    expect(listed()).toEqual(["gone@x.com"]);
    expect((await migration.gate()).open).toBe(true);
  });

  test("takes back by name what an unsubscribed profile stands in for; the plan lists it again", async () => {
    await migration.import("csv", [
      { userId: "1", email: "one@x.com", states: [state("hard_bounce"), state("unsubscribed_all")] },
    ]);
    await migration.run();
    expect(listed()).toEqual(["one@x.com"]);
    expect(await undo("all")).toMatchObject({ takenBack: 0 });
    expect(await undo(["one@x.com"])).toMatchObject({ takenBack: 1, kept: 0 });
    expect(await migration.reached()).toEqual([]);
    expect(await migration.blockers()).toEqual(["UPLOAD_INCOMPLETE", "UNDONE"]);

    await migration.upload();
    await migration.verify();
    expect(listed()).toEqual(["one@x.com"]);
    expect((await migration.gate()).open).toBe(true);
  });

  test("says of an address that this project never listed that it is not ours", async () => {
    await migration.client.addSuppression("bounces", "theirs@x.com");
    await migration.import("csv", [bounced("ours@x.com")]);
    await migration.run();
    const report = await undo(["theirs@x.com"]);
    expect(report).toMatchObject({ takenBack: 0, kept: 1, keptItems: [{ subject: "email:theirs@x.com" }] });
    expect(listed()).toContain("theirs@x.com");
  });

  test("is refused while nobody can say what the sources say by now", async () => {
    await migration.import("csv", [bounced("ours@x.com")]);
    await migration.run();
    await migration.import("klaviyo", [bounced("new@x.com")]);
    await expect(undo("all")).rejects.toMatchObject({ code: "MERGE_STALE" });
  });

  test("that was cut short locks the gate, and the next one finishes it", async () => {
    const mistake = await migration.import("csv", [bounced("a@x.com"), bounced("b@x.com")], "mistake.csv");
    await migration.import("klaviyo", [bounced("right@x.com")]);
    await migration.run();
    await withdraw(mistake);
    await migration.run();
    const dying = {
      ...migration.client,
      removeSuppression: async (...call: Parameters<typeof migration.client.removeSuppression>) => {
        if (call[1] === "b@x.com") throw new Error("killed");
        return migration.client.removeSuppression(...call);
      },
    };
    await expect(undo("all", dying)).rejects.toThrow("killed");
    await migration.reopen();
    expect(await migration.blockers()).toContain("UNDO_UNFINISHED");
    await migration.verify();
    expect(await migration.blockers()).toContain("UNDO_UNFINISHED");

    expect(await undo("all")).toMatchObject({ takenBack: 2 });
    expect(listed()).toEqual(["right@x.com"]);
    await migration.verify();
    expect((await migration.gate()).open).toBe(true);
  });

  test("that was cut short does not go on where a source suppresses the address by now", async () => {
    const mistake = await migration.import("csv", [bounced("a@x.com")], "mistake.csv");
    await migration.run();
    await withdraw(mistake);
    await migration.import("klaviyo", [bounced("right@x.com")]);
    await migration.run();
    const dying = {
      ...migration.client,
      removeSuppression: async () => {
        throw new Error("killed");
      },
    };
    await expect(undo("all", dying)).rejects.toThrow("killed");
    await migration.import("mailchimp", [bounced("a@x.com")]);
    await migration.merge();
    expect(await undo("all")).toMatchObject({ takenBack: 0, kept: 1 });
    expect(listed()).toContain("a@x.com");
    await migration.run();
    expect((await migration.gate()).open).toBe(true);
  });

  test("keeps the reason on record, and no address in the journal", async () => {
    const mistake = await migration.import("csv", [bounced("wrong@x.com")], "mistake.csv");
    await migration.run();
    await withdraw(mistake);
    await migration.import("klaviyo", [bounced("right@x.com")]);
    await migration.merge();
    await undo("all");
    const journal = await readFile(join(migration.project.folder, "journal.ndjson"), "utf8");
    expect(journal).toContain("undo_settled");
    expect(journal).not.toMatch(/x\.com|by mistake/);
    expect(await migration.project.store.rows("SELECT reason, decided_by, state FROM taken_back")).toEqual([
      { reason: "imported by mistake", decided_by: "test", state: "done" },
    ]);
  });

  test("the plan tells before anything is written what can be taken back and what cannot", async () => {
    await migration.import("csv", [
      bounced("a@x.com"),
      { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
    ]);
    await migration.merge();
    const { undo: outlook } = await migration.plan();
    expect(outlook.takeBack).toMatchObject([{ what: "Entries on the list of bounces", operations: 1 }]);
    expect(outlook.final.map(({ what }) => what)).toContain("People marked unsubscribed");
  });
});
