import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerDialogs, type LaunchedApp, launchApp } from "./harness.ts";
import { asOnASmallScreen, look } from "./look.ts";
import { openStep, press, step } from "./operator.ts";
import { openPractice, placePlannedPractice } from "./planned-practice.ts";

let launched: LaunchedApp;
let window: Page;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendgate-spreadsheet-"));
  file = join(folder, "conflicts.csv");
  const userData = join(folder, "app");
  await placePlannedPractice(userData);
  launched = await launchApp({ userData, args: ["--password-store=basic"] });
  window = launched.window;
  await asOnASmallScreen(launched.app, window);
  await openPractice(window);
  await openStep(window, "Merge and conflicts");
  await answerDialogs(launched.app, file);
});
afterAll(async () => {
  await launched?.close();
  await rm(folder, { recursive: true });
});

describe("conflicts decided in a spreadsheet", () => {
  test("go out as a CSV file where the operator says, one row for each conflict", async () => {
    await press(window, "Export to CSV…");
    await window.getByText("conflicts.csv is written").waitFor();
    const rows = await conflictRows();
    await window.getByText(`${rows.length} rows.`).waitFor();
    await window.getByText(`${rows.length} conflicts shown.`).waitFor();
    expect(Object.keys(rows[0]!)).toEqual([
      "conflict_id",
      "code",
      "user_id",
      "email",
      "sources",
      "detail",
      "suggestion",
      "decision",
    ]);
    expect(rows.filter(({ decision }) => decision !== "")).toEqual([]);
  });

  test("come back with the decisions, and the merge is to be run again with them", async () => {
    const rows = await conflictRows();
    const shared = rows.filter(({ code }) => code === "EMAIL_MANY_IDS");
    expect(shared.length).toBeGreaterThan(1);
    for (const row of shared) row.decision = row.suggestion!;
    await writeConflictRows(rows);
    await press(window, "Import decisions…");
    await window.getByText(`${shared.length} decisions taken.`).waitFor();
    await window.getByText(`${rows.length - shared.length} were the same as before.`).waitFor();
    await look(window, "40-decisions-taken");
    await expect
      .poll(() => step(window, "Merge and conflicts").textContent(), { timeout: 20_000 })
      .toContain("Needs attention: merge again");

    await press(window, "Merge again");
    await window.getByRole("button", { name: "Go to Plan" }).waitFor();
    await window
      .getByRole("radiogroup", { name: "Decided or not" })
      .getByText("Decided", { exact: true })
      .click();
    await window.getByText(`${shared.length} conflicts shown.`).waitFor();
  });

  test("are refused whole where a row was changed, with its line and why", async () => {
    file = join(folder, "conflicts-left.csv");
    await answerDialogs(launched.app, file);
    await press(window, "Export to CSV…");
    await window.getByText("conflicts-left.csv is written").waitFor();
    const rows = await conflictRows();
    const undecided = rows.findIndex(({ code, decision }) => code === "ATTR_CONFLICT" && decision === "");
    rows[undecided]!.decision = rows[undecided]!.suggestion!;
    rows[undecided]!.suggestion = "value=somebody else's";
    await writeConflictRows(rows);
    await press(window, "Import decisions…");
    const refusal = window.getByRole("alert");
    await refusal.getByText("No decision was taken: 1 line cannot be used.").waitFor();
    // The header is line 1.
    await refusal.getByText(`Line ${undecided + 2}: The column suggestion is not what it was`).waitFor();
    await look(window, "41-decisions-refused");
    await expect
      .poll(() => step(window, "Merge and conflicts").textContent(), { timeout: 20_000 })
      .toContain("Done");
  });

  test("are refused where the file is another one, and nothing changes", async () => {
    await writeFile(file, "email,decision\r\nada@example.com,accept\r\n");
    await press(window, "Import decisions…");
    await window.getByText(/conflicts-left\.csv lacks the columns conflict_id/).waitFor();
    await window
      .getByText("Export the conflicts again and fill in the decision column of that file.")
      .waitFor();
  });
});

type ConflictRow = Record<string, string>;

async function conflictRows(): Promise<ConflictRow[]> {
  const { data, errors } = Papa.parse<ConflictRow>(await readFile(file, "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  expect(errors).toEqual([]);
  return data;
}

/** As a spreadsheet saves it. */
async function writeConflictRows(rows: ConflictRow[]): Promise<void> {
  await writeFile(file, Papa.unparse(rows, { delimiter: ";", newline: "\n" }));
}
