import type { Locator, Page } from "playwright";
import { answerDialogs, type LaunchedApp } from "./harness.ts";

/** What an operator does in the window, by the words that stand there. */

/** A click on the button with exactly this name, in the window or in a part of it. */
export async function press(where: Page | Locator, name: string | RegExp): Promise<void> {
  await where.getByRole("button", { name, exact: true }).click();
}

/** Opens a step of the migration from the list at the left. */
export async function openStep(window: Page, title: string): Promise<void> {
  await step(window, title).click();
  await window.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** A step in the list at the left: its title, and its state in words. */
export function step(window: Page, title: string): Locator {
  return window
    .getByRole("navigation", { name: "Steps of the migration" })
    .getByRole("button", { name: new RegExp(`^${title}`) });
}

/** The question before something is written, or another one that waits for an answer. */
export function question(window: Page, title: string | RegExp): Locator {
  return window.getByRole("dialog", { name: title });
}

/** Makes an empty migration in a folder, which the system's dialog is answered with. */
export async function startMigration({ app, window }: LaunchedApp, folder: string): Promise<void> {
  await answerDialogs(app, folder);
  await press(window, "New migration");
  const asked = question(window, "New migration");
  await press(asked, "Choose folder…");
  await asked.getByText(folder).waitFor();
  await press(asked, "Create migration");
  await window.getByRole("heading", { level: 1, name: "Workspace" }).waitFor();
}

/** Back to the start screen. */
export async function closeMigration(window: Page): Promise<void> {
  await press(window, "Close this migration");
  await window.getByRole("button", { name: "New migration" }).waitFor();
}

export async function startPractice(window: Page): Promise<void> {
  await press(window, "Start a practice migration");
  await window.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
}

/** The old tools of a practice migration, in the order in which they stand on the screen. */
export const oldTools = ["Mailchimp", "Klaviyo", "Iterable"] as const;

/** One old tool on the Sources screen. */
export function oldTool(window: Page, title: string): Locator {
  return window.getByRole("region", { name: title, exact: true });
}

/** Exports one old tool over its API, with the field that is suggested as the user ID. */
export async function exportOverApi(window: Page, title: string): Promise<void> {
  await press(window, `Export over the API (${title})`);
  await press(window, "Confirm and export");
  await expectExported(window, title);
}

export async function expectExported(window: Page, title: string): Promise<void> {
  await oldTool(window, title).getByText("Exported", { exact: true }).waitFor({ timeout: exportPatience });
}

/** Milliseconds for all that an old tool holds, at the simulators' pace. */
const exportPatience = 90_000;

export async function importPracticeFiles(window: Page): Promise<void> {
  await press(window, "Import the practice files");
  await window.getByText(/rows imported of [\d,]+ in \d+ files?/).waitFor();
}

/** Everything that the practice people are in: three old tools over their APIs, and a list that has none. */
export async function bringInPracticePeople(window: Page): Promise<void> {
  for (const title of oldTools) await exportOverApi(window, title);
  await importPracticeFiles(window);
}

export async function acceptRejectedRows(window: Page, reason: string): Promise<void> {
  await press(window, "Accept…");
  const asked = question(window, "Accept rejected rows");
  await asked.getByLabel("Reason").fill(reason);
  await press(asked, "Accept");
  await asked.waitFor({ state: "hidden" });
}

export async function runMerge(window: Page, button = "Run the merge"): Promise<void> {
  await openStep(window, "Merge and conflicts");
  await press(window, button);
  await window.getByRole("button", { name: "Go to Plan" }).waitFor();
}

export async function makePlan(window: Page): Promise<void> {
  await openStep(window, "Plan");
  await press(window, "Make the plan");
  await window.getByRole("button", { name: "Go to Suppress" }).waitFor();
}

/** Begins the upload; it is then under way. @returns how many writes it was said to have */
export async function beginUpload(window: Page): Promise<number> {
  await openStep(window, "Suppress");
  await press(window, "Upload suppressions");
  const asked = question(window, /^Upload [\d,]+ suppressions\?$/);
  const title = (await asked.getByRole("heading").textContent()) ?? "";
  await press(asked, "Upload");
  return Number(title.replaceAll(/\D/g, ""));
}

export async function uploadSuppressions(window: Page): Promise<void> {
  await beginUpload(window);
  await window.getByText(/^[\d,]+ of [\d,]+ writes delivered in /).waitFor();
}

export async function readBack(window: Page): Promise<void> {
  await openStep(window, "Suppress");
  await press(window, "Read back");
  await window.getByText(/^All [\d,]+ are in place\.$/).waitFor();
}

/** Everything once more: asks the old tools, merges, uploads, reads back. */
export async function syncNow(window: Page): Promise<void> {
  await press(window, "Sync now");
  // What the sync before came to is gone by then.
  await window.getByText("The sync is running.").waitFor();
  await window.getByText(/^Synced in /).waitFor({ timeout: exportPatience });
}

/** The gate's own words, at the top of every screen. */
export function gateStatus(window: Page): Locator {
  return window.getByRole("banner").getByRole("button", { name: /^Gate / });
}
