import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type LaunchedApp, launchApp } from "./harness.ts";
import { look } from "./look.ts";
import {
  acceptRejectedRows,
  beginUpload,
  bringInPracticePeople,
  gateStatus,
  makePlan,
  openStep,
  readBack,
  runMerge,
  startPractice,
  step,
} from "./operator.ts";
import { openPractice, placePlannedPractice } from "./planned-practice.ts";
import { killAtOnce } from "./processes.ts";
import { standStillInTheMiddleOfTheUpload } from "./standstill.ts";

let userData: string;
let launched: LaunchedApp;
let window: Page;

beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), "sendgate-restart-"));
});
afterEach(async () => {
  await launched?.close().catch(() => {});
  await rm(userData, { recursive: true, force: true });
});

describe("the app, closed and opened again,", () => {
  test("still offers the practice people before they are brought in, and goes on after the merge up to the open gate", async () => {
    await start();
    await startPractice(window);
    await launched.close();
    await startAndOpen();
    await window.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
    await bringInPracticePeople(window);
    await acceptRejectedRows(window, "Each stands on another row too.");
    await runMerge(window);
    const merged = await step(window, "Merge and conflicts").textContent();
    await launched.close();

    await startAndOpen();
    // A migration opens on the step that comes next.
    await window.getByRole("heading", { level: 1, name: "Plan" }).waitFor();
    await expect
      .poll(() => step(window, "Merge and conflicts").textContent(), { timeout: 20_000 })
      .toBe(merged);
    await makePlan(window);
    await beginUpload(window);
    await window.getByText(/^[\d,]+ of [\d,]+ writes delivered in /).waitFor();
    await readBack(window);
    await expectOpenGate();
  });

  test("goes on in the middle of the upload, where it was closed, up to the open gate", async () => {
    await placePlannedPractice(userData);
    await startAndOpen();
    const { open } = await standStillInTheMiddleOfTheUpload(launched);
    await launched.close();
    await startAndOpen();
    await goOnToTheOpenGate(open);
  });
});

describe("the app, killed and opened again,", () => {
  test("goes on in the middle of the upload, where it was killed, up to the open gate", async () => {
    await placePlannedPractice(userData);
    await startAndOpen();
    const { written, open } = await standStillInTheMiddleOfTheUpload(launched);
    // The simulated workspace keeps what it took; a real one would too.
    await vi.waitFor(async () => {
      const state = await practiceFile("vendors/customerio.json");
      expect(state.match(/"[^"\s]+@[^"\s]+"/g)?.length ?? 0).toBeGreaterThanOrEqual(written);
    }, 15_000);
    await killAtOnce(launched);
    await startAndOpen();
    await goOnToTheOpenGate(open);
  });
});

async function start(): Promise<void> {
  launched = await launchApp({ userData, args: ["--password-store=basic"] });
  ({ window } = launched);
}

async function startAndOpen(): Promise<void> {
  await start();
  await openPractice(window);
}

async function goOnToTheOpenGate(open: number): Promise<void> {
  await window.getByRole("heading", { level: 1, name: "Suppress" }).waitFor();
  await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain(`${open} of `);
  await expect
    .poll(() => gateStatus(window).textContent(), { timeout: 20_000 })
    .toContain("still to be sent");
  await window.getByText(/ on where it stopped\.$/).waitFor();
  await look(window, "50-upload-interrupted");
  await beginUpload(window);
  await window.getByText(/^(\d+) of \1 writes delivered in /).waitFor();
  await readBack(window);
  await expectOpenGate();
}

async function expectOpenGate(): Promise<void> {
  await openStep(window, "Gate");
  await window.getByRole("heading", { name: "Open", exact: true }).waitFor();
  await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
}

/** A file beside the practice project's folder. */
async function practiceFile(name: string): Promise<string> {
  return readFile(join(userData, "practice", "1", name), "utf8");
}
