import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { ActivityDesk } from "../../engine/activity/activity.ts";
import { importDecisions } from "../../engine/decisions/decision-file.ts";
import { exportConflicts } from "../../engine/outputs/conflicts.ts";
import { importFiles } from "../../engine/sources/import-files.ts";
import { temporaryProject } from "../../engine/testing/temporary-project.ts";
import { writeNastyExports } from "../oracle/nasty-exports.ts";

const run = promisify(execFile);

/** Opens a file in LibreOffice and saves it in another format, as an operator does. */
async function saveAs(folder: string, file: string, format: string, ...more: string[]): Promise<string> {
  const out = join(folder, `as-${format.split(":")[0]}`);
  await mkdir(out, { recursive: true });
  await run("soffice", [
    `-env:UserInstallation=file://${folder}/profile`,
    "--headless",
    ...more,
    "--convert-to",
    format,
    "--outdir",
    out,
    file,
  ]).catch((error) => {
    if (error.code === "ENOENT")
      throw new Error("LibreOffice Calc (soffice) is needed for this test; install it and run again.");
    throw error;
  });
  return join(
    out,
    file
      .split("/")
      .at(-1)!
      .replace(/\.[a-z]+$/, `.${format.split(":")[0]}`),
  );
}

/** Comma, double quote, UTF-8, first line 1: LibreOffice's own numbers for what its CSV dialog asks. */
const utf8Csv = "Text - txt - csv (StarCalc):44,34,76,1";

describe("the conflict CSV in a real spreadsheet", () => {
  it("comes back with every decision, and nothing else is taken for changed", async () => {
    const { project, folder, merge } = await temporaryProject();
    const desk = new ActivityDesk();
    for (const { file, ...input } of await writeNastyExports(join(folder, "exports"), {
      people: 300,
      seed: 11,
    })) {
      await desk.run("import", (progress) => importFiles(project, { ...input, files: [file] }, progress));
    }
    await merge();

    const written = join(folder, "conflicts.csv");
    const { rows } = await exportConflicts(project.store, written, "human");
    const workbook = await saveAs(folder, written, "xlsx", `--infilter=${utf8Csv}`);
    const saved = await saveAs(folder, workbook, `csv:${utf8Csv}`);

    const cells = Papa.parse<Record<string, string>>(await readFile(saved, "utf8"), {
      header: true,
      skipEmptyLines: true,
    });
    expect(cells.data).toHaveLength(rows);
    for (const row of cells.data) row.decision = row.suggestion!;
    await writeFile(saved, Papa.unparse(cells.data));

    const report = await importDecisions(project, saved, "test");
    expect(report.refused).toEqual([]);
    expect(report.applied).toBe(rows);
    const kept = await project.store.rows<{ conflict_id: string; decision: string; suggestion: string }>(
      "SELECT conflict_id, d.decision, suggestion FROM decision d JOIN conflict USING (conflict_id)",
    );
    expect(kept).toHaveLength(rows);
    // A spreadsheet knows one kind of line break: two values that differ in nothing else cannot be told apart there.
    const withLf = (text: string) => text.replace(/\r\n?/g, "\n");
    for (const { decision, suggestion } of kept) expect(withLf(decision)).toBe(withLf(suggestion));
  });
});
