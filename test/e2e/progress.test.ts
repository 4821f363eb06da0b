import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LaunchedApp, launchApp, takeScreenshot } from "./harness.ts";
import { asOnASmallScreen, look } from "./look.ts";
import {
  beginUpload,
  closeMigration,
  gateStatus,
  openStep,
  press,
  readBack,
  startMigration,
} from "./operator.ts";
import { openPractice, placePlannedPractice } from "./planned-practice.ts";
import { standStillInTheMiddleOfTheUpload } from "./standstill.ts";

let launched: LaunchedApp;
let window: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendgate-progress-"));
  const userData = join(folder, "app");
  await placePlannedPractice(userData);
  launched = await launchApp({ userData, args: ["--password-store=basic"] });
  window = launched.window;
  await asOnASmallScreen(launched.app, window);
});
afterAll(async () => {
  await launched?.close();
  await rm(folder, { recursive: true });
});

/** The bar at the bottom of the window. */
const bar = () => window.getByRole("contentinfo");

describe("a long task", () => {
  test("shows how far it is, how fast and how long it still takes, and pauses, goes on and is cancelled", async () => {
    await startMigration(launched, join(folder, "Acme"));
    await openStep(window, "Sources");
    const file = join(folder, "unsubscribed_email_audience_export_0a1b.csv");
    await writeFile(file, bigExport(1_500_000));
    await window.getByLabel("Export files", { exact: true }).setInputFiles(file);
    await press(window, "Import 1 file");
    await bar().getByText("Reading unsubscribed_email_audience_export_0a1b.csv").waitFor();
    const running = bar().getByText(
      /^[\d.]+ [KM]B of [\d.]+ MB · [\d.]+ [KM]B a second · .* left · other work waits until it ends$/,
    );
    await running.waitFor();
    await takeScreenshot(window, "60-task-running-light");

    await press(bar(), "Pause");
    const paused = bar().getByText(/ · paused · other work waits until you resume or cancel it$/);
    await paused.waitFor();
    await look(window, "61-task-paused");
    const stoodAt = await paused.textContent();
    await press(bar(), "Resume");
    await running.waitFor();
    expect(megabytes(await running.textContent())).toBeGreaterThanOrEqual(megabytes(stoodAt));

    await press(bar(), "Cancel");
    await window.getByRole("status").getByText("Cancelled.").waitFor();
    await bar().getByRole("progressbar").waitFor({ state: "hidden" });
    await window.getByText("No file is imported yet.").waitFor();
    await closeMigration(window);
  });

  test("that was cancelled in the middle of writing keeps the gate locked, and goes on when it is started again", async () => {
    await openPractice(window);
    const { open } = await standStillInTheMiddleOfTheUpload(launched);
    await press(bar(), "Cancel");
    await window.getByRole("status").getByText("Cancelled.").waitFor();
    await expect
      .poll(() => gateStatus(window).textContent(), { timeout: 20_000 })
      .toMatch(new RegExp(`${open} of \\d+ suppression writes are still to be sent`));
    await look(window, "62-upload-cancelled");

    await beginUpload(window);
    await window.getByText(/^(\d+) of \1 writes delivered in /).waitFor();
    await readBack(window);
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
  });
});

/** Long enough to be looked at while it is read. The same people come again and again, which makes it quick to write. */
function bigExport(rows: number): string {
  const people = 1_000;
  const lines = Array.from(
    { length: people },
    (_, n) => `person.${n}@example.com,${n},2024-01-01 10:00:00,${n},e${n}\r\n`,
  );
  return `Email Address,USER_ID,UNSUB_TIME,LEID,EUID\r\n${lines.join("").repeat(rows / people)}`;
}

function megabytes(words: string | null): number {
  const [, amount, unit] = /^([\d.]+) (KB|MB) of/.exec(words ?? "")!;
  return unit === "MB" ? Number(amount) : Number(amount) / 1000;
}
