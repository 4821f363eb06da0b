import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { exportConflicts } from "../outputs/conflicts.ts";
import { exportPeople } from "../outputs/people.ts";
import { exportSuppressions } from "../outputs/suppressions.ts";
import { temporaryProject } from "../testing/temporary-project.ts";
import { importDecisions } from "./decision-file.ts";

/** One user_id with two addresses, one address with two user_ids, one attribute with two values. */
async function conflictingProject() {
  const temporary = await temporaryProject();
  await temporary.importText(
    "csv",
    "crm.csv",
    [
      "user_id,email,updated_at,Plan",
      "1,old@x.com,2024-01-01,gold",
      '1,new@x.com,2024-02-01,"=silver\r\nplus"',
      "2,shared@x.com,2024-01-01,gold",
      "007,shared@x.com,2024-03-01,gold",
      "",
    ].join("\n"),
    { means: "profiles" },
  );
  await temporary.merge();
  const file = join(temporary.folder, "conflicts.csv");
  const read = async () => {
    await exportConflicts(temporary.project.store, file, "human");
    return Papa.parse<Record<string, string>>(await readFile(file, "utf8"), {
      header: true,
      skipEmptyLines: true,
    }).data;
  };
  const decideWith = async (change: (rows: Record<string, string>[]) => unknown, delimiter = ",") => {
    const rows = await read();
    const changed = change(rows);
    await writeFile(file, Papa.unparse((Array.isArray(changed) ? changed : rows) as object[], { delimiter }));
    return importDecisions(temporary.project, file, "test");
  };
  const people = async () => {
    await exportPeople(temporary.project.store, join(temporary.folder, "people.csv"));
    const { data } = Papa.parse<Record<string, string>>(
      await readFile(join(temporary.folder, "people.csv"), "utf8"),
      {
        header: true,
        skipEmptyLines: true,
      },
    );
    return new Map(data.map((row) => [row.person_key!, row]));
  };
  return { ...temporary, file, read, decideWith, people };
}

const decide = (id: string, decision: string) => (rows: Record<string, string>[]) => {
  rows.find((row) => row.conflict_id === id)!.decision = decision;
};

describe("decisions from a conflict CSV", () => {
  it("take effect with the next merge and survive it", async () => {
    const { decideWith, merge, people, read } = await conflictingProject();
    expect((await people()).get("id:1")!.email).toBe("new@x.com");
    expect((await people()).get("id:007")!.email).toBe("");

    const report = await decideWith((rows) => {
      decide("ID_MANY_EMAILS:1", "primary=old@x.com")(rows);
      decide("EMAIL_MANY_IDS:shared@x.com", "owner=007")(rows);
      decide("ATTR_CONFLICT:id:1/Plan", "value=gold")(rows);
    });
    expect(report).toEqual({ applied: 3, unchanged: (await read()).length - 3, refused: [] });
    await merge();
    expect((await people()).get("id:1")!.email).toBe("old@x.com");
    expect((await people()).get("id:007")!.email).toBe("shared@x.com");
    expect((await people()).get("id:2")!.email).toBe("");
    expect(new Set((await read()).map((row) => row.decision))).toContain("owner=007");
  });

  it("leave no trace of an earlier decision once another takes its place", async () => {
    const { decideWith, merge, people } = await conflictingProject();
    await decideWith(decide("ID_MANY_EMAILS:1", "primary=old@x.com"));
    await merge();
    await decideWith(decide("ID_MANY_EMAILS:1", "accept"));
    await merge();
    expect((await people()).get("id:1")!.email).toBe("new@x.com");
  });

  it("are counted as unchanged where they are empty or on record already", async () => {
    const { decideWith, read } = await conflictingProject();
    await decideWith(decide("ID_MANY_EMAILS:1", "accept"));
    const rows = await read();
    expect(await decideWith(() => undefined)).toEqual({ applied: 0, unchanged: rows.length, refused: [] });
  });

  it.each([
    ["ID_MANY_EMAILS:1", "primary=other@x.com", /none of its addresses/],
    ["ID_MANY_EMAILS:1", "owner=1", /takes `accept` or `primary=/],
    ["EMAIL_MANY_IDS:shared@x.com", "owner=7", /none of its user_ids/],
    ["ATTR_CONFLICT:id:1/Plan", "value=platinum", /none of the attribute's values/],
    ["ATTR_CONFLICT:id:1/Plan", "yes", /takes `accept`/],
  ])("are refused with line and reason where %s cannot take %s", async (id, decision, reason) => {
    const { decideWith, merge, people } = await conflictingProject();
    const report = await decideWith((rows) => {
      decide("ID_MANY_EMAILS:1", "primary=old@x.com")(rows);
      decide(id, decision)(rows);
    });
    expect(report.applied).toBe(0);
    expect(report.refused).toEqual([{ line: expect.any(Number), reason: expect.stringMatching(reason) }]);
    await merge();
    expect((await people()).get("id:1")!.email).toBe("new@x.com");
  });

  it("are refused where the row was changed, is unknown or stands twice", async () => {
    const { decideWith } = await conflictingProject();
    const changed = await decideWith((rows) => {
      rows[0]!.detail += " (edited)";
      rows[0]!.decision = "accept";
    });
    expect(changed.refused[0]!.reason).toMatch(/column detail is not what it was/);
    const unknown = await decideWith((rows) => {
      rows[0]!.conflict_id = "EMAIL_MANY_IDS:nobody@x.com";
    });
    expect(unknown.refused[0]!.reason).toMatch(/no conflict EMAIL_MANY_IDS:nobody@x\.com/);
    const twice = await decideWith((rows) => [
      ...rows,
      { ...rows.find((row) => row.conflict_id === "ID_MANY_EMAILS:1")!, decision: "primary=old@x.com" },
      { ...rows.find((row) => row.conflict_id === "ID_MANY_EMAILS:1")!, decision: "primary=new@x.com" },
    ]);
    expect(twice.refused[0]!.reason).toMatch(/twice/);
  });

  it("are refused as a whole where a column is missing", async () => {
    const { decideWith } = await conflictingProject();
    await expect(decideWith((rows) => rows.map(({ suggestion, ...rest }) => rest))).rejects.toMatchObject({
      kind: "bad_input",
      message: expect.stringContaining("suggestion"),
    });
  });

  it("come back from a spreadsheet that used semicolons", async () => {
    const { decideWith } = await conflictingProject();
    expect(await decideWith(decide("ATTR_CONFLICT:id:1/Plan", "value==silver\nplus"), ";")).toMatchObject({
      applied: 1,
      refused: [],
    });
  });

  it("cannot make a held-back address primary before its owner is named", async () => {
    const { importPeople, merge, decideWith } = await conflictingProject();
    await importPeople("profiles", [{ user_id: "2", email: "second@x.com" }]);
    await merge();
    const early = await decideWith(decide("ID_MANY_EMAILS:2", "primary=shared@x.com"));
    expect(early.refused[0]!.reason).toMatch(/also belongs to another user_id/);
    const together = await decideWith((rows) => {
      decide("ID_MANY_EMAILS:2", "primary=shared@x.com")(rows);
      decide("EMAIL_MANY_IDS:shared@x.com", "owner=2")(rows);
    });
    expect(together).toMatchObject({ applied: 2, refused: [] });
  });

  it("can be thousands at once, and the merge still knows what to do with them", async () => {
    const { importPeople, merge, file, project } = await temporaryProject().then((made) => ({
      ...made,
      file: join(made.folder, "conflicts.csv"),
    }));
    const people = Array.from({ length: 4_000 }, (_, n) => ({ user_id: `u${n}`, email: `old${n}@x.com` }));
    await importPeople("profiles", people);
    await importPeople(
      "profiles",
      people.map(({ user_id }) => ({ user_id, email: `new-${user_id}@x.com` })),
    );
    await merge();
    await exportConflicts(project.store, file, "human");
    const { data } = Papa.parse<Record<string, string>>(await readFile(file, "utf8"), {
      header: true,
      skipEmptyLines: true,
    });
    const oldOnes = data.map((row) => ({
      ...row,
      decision: `primary=${row.user_id!.replace("u", "old")}@x.com`,
    }));
    await writeFile(file, Papa.unparse(oldOnes));
    expect(await importDecisions(project, file, "test")).toEqual({
      applied: 4_000,
      unchanged: 0,
      refused: [],
    });
    await merge();
    expect(
      await project.store.row(
        "SELECT count(*) AS people FROM person p JOIN address a ON a.address_id = p.primary_address_id WHERE starts_with(a.email_key, 'old')",
      ),
    ).toEqual({ people: 4_000 });
  });

  it("can weaken no suppression, whatever they are", async () => {
    const { importPeople, merge, read, file, project, folder } = await conflictingProject();
    await importPeople("unsubscribed", [{ email: "shared@x.com" }, { user_id: "1" }]);
    await merge();
    const suppressed = async () => {
      await exportSuppressions(project.store, join(folder, "suppressions.csv"));
      return readFile(join(folder, "suppressions.csv"), "utf8");
    };
    const before = await suppressed();
    for (const pick of ["accept", "suggestion"]) {
      const rows = (await read()).map((row) => ({
        ...row,
        decision: pick === "accept" ? "accept" : row.suggestion,
      }));
      await writeFile(file, Papa.unparse(rows));
      expect((await importDecisions(project, file, "test")).refused).toEqual([]);
      await merge();
      expect(await suppressed()).toBe(before);
    }
  });
});
