import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dropFiles } from "./drop.ts";
import { type LaunchedApp, launchApp } from "./harness.ts";
import { asOnASmallScreen, look } from "./look.ts";
import { gateStatus, openStep, press, startMigration, step } from "./operator.ts";

let launched: LaunchedApp;
let window: Page;
let folder: string;

/** A window of its own for each test, on a new migration's Sources. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendgate-drop-"));
  launched = await launchApp({ args: ["--password-store=basic"] });
  window = launched.window;
  await asOnASmallScreen(launched.app, window);
  await startMigration(launched, join(folder, "Acme"));
  await openStep(window, "Sources");
});
afterEach(async () => {
  await launched?.close();
  await rm(folder, { recursive: true });
});

const dropZone = () => window.getByText("Drop files here");

/**
 * Files by the button's dialog: the same way in as a drop, without the drag that a checked page of Electron 25 can die
 * of. As soon as files are taken again: not while an import still runs.
 */
async function pickFiles(files: string[]): Promise<void> {
  await window.locator("button:enabled", { hasText: "Choose files…" }).waitFor();
  await window.getByLabel("Export files", { exact: true }).setInputFiles(files);
}

async function exportFile(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

describe("files brought to the window", () => {
  test("by a drop are recognised by their content, shown for a last look, and imported from where they lie", async () => {
    const file = await exportFile(
      "unsubscribed_email_audience_export_0a1b.csv",
      "Email Address,USER_ID,UNSUB_TIME,LEID,EUID\r\nada@example.com,1,2024-01-01 10:00:00,1,e1\r\nbo@example.com,2,2024-01-01 10:00:00,2,e2\r\n",
    );
    await dropFiles(window, dropZone(), [file]);
    await window.getByText("Recognised as Mailchimp, unsubscribed").waitFor();
    await press(window, "Import 1 file");
    await window.getByText("2 rows imported of 2 in 1 file.").waitFor();
    await expect
      .poll(() => step(window, "Sources").textContent(), { timeout: 20_000 })
      .toContain("Done: 1 file");
  });

  test("that are not recognised are asked about: where from, what they mean, which column is which", async () => {
    const file = await exportFile(
      "kunden.csv",
      "Kontakt;Kundin seit\nada@example.com;2020\ncy@example.com;2021\n",
    );
    await pickFiles([file]);
    const importing = window.getByRole("button", { name: "Import 1 file" });
    await window.getByText("Choose where this file comes from.").waitFor();
    await look(window, "31-file-not-recognised");
    expect(await importing.isDisabled()).toBe(true);
    await choose("Where kunden.csv comes from", "Other CSV");
    await window.getByText("Choose what the rows of this file mean.").waitFor();
    await choose("The rows of this file are", "People who were suppressed by hand");
    await window.getByText("Choose the column with the address or the one with the user ID.").waitFor();
    expect(await importing.isDisabled()).toBe(true);
    await choose("Address", "Kontakt");
    await look(window, "32-file-mapped");
    await importing.click();
    await window.getByText("2 rows imported of 2 in 1 file.").waitFor();
    await window.getByRole("cell", { name: "Other CSV manual, opt-outs" }).waitFor();
  });

  test("that cannot be read say so, and only the others are imported", async () => {
    const bomb = await exportFile(
      "export.zip",
      Buffer.from("PK\x03\x04 and then nothing of a ZIP", "latin1"),
    );
    const picture = await exportFile("people.csv", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
    const good = await exportFile("bounces.csv", "email\r\ndi@example.com\r\n");
    await pickFiles([bomb, picture, good]);
    await window.getByRole("heading", { name: "Check 3 files before the import" }).waitFor();
    await choose("Where bounces.csv comes from", "Other CSV");
    await choose("The rows of this file are", "Addresses that bounced for good");
    expect(await window.getByText("This file cannot be read, so it cannot be imported.").count()).toBe(2);
    expect(await window.getByRole("button", { name: "Import 3 files" }).isDisabled()).toBe(true);
    await look(window, "33-files-unreadable");
    await press(window, "Leave out export.zip");
    await press(window, "Leave out people.csv");
    await press(window, "Import 1 file");
    await window.getByText("1 row imported of 1 in 1 file.").waitFor();
  });

  test("with rows that cannot be read keep the gate locked and list each row with its line and reason", async () => {
    const file = await exportFile(
      "cleaned_email_audience_export_0a1b.csv",
      "Email Address,USER_ID,CLEAN_TIME,LEID,EUID\r\ned@example.com,5,2024-01-01 10:00:00,5,e5\r\nflo@example.com,6\r\n",
    );
    await pickFiles([file]);
    await press(window, "Import 1 file");
    await window.getByText("1 row could not be read; see Rejected rows below.").waitFor();
    const row = window.getByRole("grid", { name: "Rejected rows" }).getByRole("row").nth(1);
    await row.getByText("flo@example.com,6").waitFor();
    expect(await row.getByRole("gridcell").allTextContents()).toEqual([
      "cleaned_email_audience_export_0a1b.csv",
      "3",
      expect.stringContaining("The row has 2 cells, the header has 5."),
      "flo@example.com,6",
      "No",
    ]);
    await expect
      .poll(() => gateStatus(window).textContent())
      .toContain(
        "1 row of cleaned_email_audience_export_0a1b.csv could not be used and may carry suppressions.",
      );
  });

  test("that lie on no disk are refused with what to do", async () => {
    const attachment = { name: "list.csv", mimeType: "text/csv", buffer: Buffer.from("email\n") };
    await window.getByLabel("Export files", { exact: true }).setInputFiles(attachment);
    await window.getByText("Some of what was dropped is no file on this computer.").waitFor();
    await window.getByText("Save it as a file first").waitFor();
  });
});

test("the same file a second time changes nothing and says so", async () => {
  const file = await exportFile("bounces.csv", "email\r\ndi@example.com\r\n");
  for (const told of [
    "1 row imported of 1 in 1 file.",
    "Imported before, so nothing changed: bounces.csv.",
  ]) {
    await pickFiles([file]);
    await choose("Where bounces.csv comes from", "Other CSV");
    await choose("The rows of this file are", "Addresses that bounced for good");
    await press(window, "Import 1 file");
    await window.getByText(told).waitFor();
  }
});

async function choose(label: string, option: string): Promise<void> {
  await window.getByRole("combobox", { name: label }).click();
  await window.getByRole("option", { name: option, exact: true }).click();
}
