import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActivityDesk } from "../../engine/activity/activity.ts";
import { merge } from "../../engine/merge/merge.ts";
import { exportConflicts } from "../../engine/outputs/conflicts.ts";
import { exportPeople } from "../../engine/outputs/people.ts";
import { exportSuppressions } from "../../engine/outputs/suppressions.ts";
import { Project } from "../../engine/project/project.ts";
import { importFiles } from "../../engine/sources/import-files.ts";
import { writeNastyExports } from "../oracle/nasty-exports.ts";
import { runOracle } from "../oracle/oracle.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendgate-oracle-"));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Conflict ids of rows whose record_id fell back to a hash are compared by code and source only. */
function comparable(conflictId: string): string {
  return conflictId.replace(/^((?:BAD_EMAIL|NO_IDENTIFIER):[^/]+\/)row-[0-9a-f]{16}$/, "$1*");
}

const rowsOf = (text: string) => text.split("\r\n");

describe("the merge agrees with an independent program that follows the same rules", () => {
  const people = Number(process.env.ORACLE_PEOPLE ?? 1500);
  const seeds = (process.env.ORACLE_SEEDS ?? "1,2,3").split(",").map(Number);
  it.each(seeds)("on nasty files of seed %i: every person, suppression and conflict", async (seed) => {
    const inputs = await writeNastyExports(join(folder, `in-${seed}`), { people, seed });
    const expected = runOracle(inputs);

    const project = await Project.create({ folder: join(folder, `project-${seed}`) });
    const desk = new ActivityDesk();
    // The order of import must not matter.
    for (const { file, ...input } of [...inputs].reverse()) {
      await desk.run("import", (progress) => importFiles(project, { ...input, files: [file] }, progress));
    }
    const summary = await desk.run("merge", (progress) =>
      merge(project.store, project.sourcePriority, progress),
    );
    const peopleFile = join(folder, "people.csv");
    const suppressions = join(folder, "suppressions.csv");
    const conflicts = join(folder, "conflicts.csv");
    await exportPeople(project.store, peopleFile);
    await exportSuppressions(project.store, suppressions);
    await exportConflicts(project.store, conflicts, "machine");
    await project.close();

    expect(rowsOf(await readFile(peopleFile, "utf8"))).toEqual(rowsOf(expected.people));
    expect(rowsOf(await readFile(suppressions, "utf8"))).toEqual(rowsOf(expected.suppressions));
    const found = Papa.parse<{ conflict_id: string }>(await readFile(conflicts, "utf8"), {
      header: true,
      skipEmptyLines: true,
    });
    expect([...new Set(found.data.map((row) => comparable(row.conflict_id)))].sort()).toEqual(
      [...new Set(expected.conflicts.map(comparable))].sort(),
    );
    // Two rows that say the same and have no record_id are one conflict here; the oracle counts them row by row.
    const { BAD_EMAIL, NO_IDENTIFIER, ...conflictCounts } = summary.conflicts;
    expect(BAD_EMAIL).toBeLessThanOrEqual(expected.summary.conflicts.BAD_EMAIL);
    expect(NO_IDENTIFIER).toBeLessThanOrEqual(expected.summary.conflicts.NO_IDENTIFIER);
    expect({ ...summary, conflicts: conflictCounts }).toEqual({
      ...expected.summary,
      conflicts: expect.objectContaining(conflictCounts),
    });
  });
});
