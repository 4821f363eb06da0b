import type { Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LaunchedApp, launchApp } from "./harness.ts";
import { asOnASmallScreen, look } from "./look.ts";
import {
  acceptRejectedRows,
  expectExported,
  exportOverApi,
  gateStatus,
  importPracticeFiles,
  makePlan,
  oldTool,
  openStep,
  press,
  question,
  readBack,
  runMerge,
  startPractice,
  step,
  syncNow,
  uploadSuppressions,
} from "./operator.ts";

/** One newcomer, one window: each test goes on where the one before ended. */
describe("a newcomer's practice migration", () => {
  let launched: LaunchedApp;
  let window: Page;
  beforeAll(async () => {
    launched = await launchApp({ args: ["--password-store=basic"] });
    window = launched.window;
    await asOnASmallScreen(launched.app, window);
  });
  afterAll(() => launched?.close());

  let stuck = false;
  beforeEach(({ skip, onTestFailed }) => {
    skip(stuck, "an earlier step failed");
    onTestFailed(() => {
      stuck = true;
    });
  });

  test("starts with one click, connected to a simulator, its old tools ready", async () => {
    await window.getByText("None yet. Migrations that you start or open are listed here.").waitFor();
    await look(window, "01-start");
    await startPractice(window);
    await window.getByText("What has no API is ready as export files.").waitFor();
    await window.getByText("Practice migration.", { exact: true }).waitFor();
    await expect
      .poll(() => step(window, "Workspace").textContent(), { timeout: 20_000 })
      .toContain("Done: Practice");
    await look(window, "02-sources-empty");
    await openStep(window, "Workspace");
    await window.getByText("127.0.0.1").waitFor();
    await look(window, "03-workspace");
  });

  test("locked steps say why they are locked and lead to what unlocks them", async () => {
    await openStep(window, "Merge and conflicts");
    await window.getByText("There is nothing to merge yet.").waitFor();
    await look(window, "04-merge-locked");
    await openStep(window, "Profiles");
    await window.getByText("first every suppression must be in place").waitFor();
    await look(window, "05-profiles-locked");
    await press(window, "Go to Gate");
    await window.getByRole("heading", { name: "Locked" }).waitFor();
    await openStep(window, "Plan");
    await window.getByText("To unlock it: Run the merge.").waitFor();
    await press(window, "Go to Merge and conflicts");
    await press(window, "Go to Sources");
    await window.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
  });

  test("exports an old tool over its API with a field for the user ID that the operator saw and confirmed", async () => {
    await press(window, "Export over the API (Mailchimp)");
    const choice = window.getByRole("form", { name: "User ID of Mailchimp" });
    await choice
      .getByText(/^\d+ of \d+$/)
      .first()
      .waitFor();
    const suggested = choice.getByRole("radio", { name: /\(suggested\)$/ });
    expect(await suggested.isChecked()).toBe(true);
    await look(window, "06-user-id");
    await press(choice, "Confirm and export");
    await expectExported(window, "Mailchimp");
    const mailchimp = oldTool(window, "Mailchimp");
    await mailchimp.getByText(/^[\d,]+ received of [\d,]+ declared/).waitFor();
    await mailchimp.getByText(/^(\d+) of \1 parts read to their end$/).click();
    const parts = mailchimp.getByRole("region", { name: "Parts of the export of Mailchimp" });
    expect(await parts.getByText("Not yet").count()).toBe(0);
    await look(window, "06-exported");
  });

  test("exports the others, and imports what has no API without a question", async () => {
    await exportOverApi(window, "Klaviyo");
    await oldTool(window, "Klaviyo")
      .getByText(/Klaviyo does not declare how many there are/)
      .waitFor();
    await exportOverApi(window, "Iterable");
    await importPracticeFiles(window);
    const files = window.getByRole("region", { name: "Imported files", exact: true });
    await files
      .getByRole("cell", { name: /^Other CSV/ })
      .first()
      .waitFor();
    await look(window, "07-sources");
  });

  test("lists every row that could not be read", async () => {
    await window.getByRole("grid", { name: "Rejected rows" }).scrollIntoViewIfNeeded();
    await window.getByText(/so the gate stays locked/).waitFor();
    await look(window, "07-rejected-rows");
    await window.getByRole("gridcell", { name: "--- from the old list ---" }).click();
    const row = question(window, "Rejected row");
    await row.getByText("The row has 1 cell, the header has 4.").waitFor();
    await look(window, "07-rejected-row");
    await window.keyboard.press("Escape");
    await row.waitFor({ state: "hidden" });
  });

  test("accepts the rejected rows with a reason, which stands on record", async () => {
    await acceptRejectedRows(window, "Each stands on another row too.");
    await window.getByText("Yes: Each stands on another row too.").first().waitFor();
    expect(await window.getByText(/so the gate stays locked/).count()).toBe(0);
    await expect.poll(() => step(window, "Sources").textContent(), { timeout: 20_000 }).toContain("Done");
  });

  test("merges, and looks at a conflict side by side and decides it", async () => {
    await runMerge(window);
    await look(window, "08-merge");
    await window.getByRole("combobox", { name: "Kind of conflict" }).click();
    await window.getByRole("option", { name: /^One address, several user IDs/ }).click();
    const conflicts = window.getByRole("grid", { name: "Conflicts" });
    await conflicts.scrollIntoViewIfNeeded();
    await look(window, "09-conflicts");

    await conflicts.getByRole("row").nth(1).click();
    const conflict = question(window, "One address, several user IDs");
    await conflict.getByRole("table").waitFor();
    expect(await conflict.getByRole("columnheader").count()).toBeGreaterThan(2);
    await look(window, "10-conflict");
    await conflict
      .getByRole("radio", { name: /^It belongs to user ID / })
      .last()
      .check();
    await press(conflict, "Save");
    await conflict.getByText("It takes effect at the next merge.").waitFor();
    await look(window, "11-conflict-decided");
    await window.keyboard.press("Escape");
    await conflict.waitFor({ state: "hidden" });
    await window.getByText("Files or decisions changed since this merge.").waitFor();
    await press(window, "Merge again");
    await window.getByRole("button", { name: "Go to Plan" }).waitFor();
    await window
      .getByRole("radiogroup", { name: "Decided or not" })
      .getByText("Decided", { exact: true })
      .click();
    await conflicts.getByText(/^Belongs to /).waitFor();
  });

  test("sees what would be written where, before anything is", async () => {
    await makePlan(window);
    await look(window, "12-plan");
    await window.getByRole("heading", { name: "Profiles", level: 2 }).scrollIntoViewIfNeeded();
    await look(window, "13-plan-below");
  });

  test("is refused a broadcast while the gate is locked, and told why and what to do", async () => {
    await openStep(window, "Gate");
    await look(window, "14-gate-locked");
    await press(window, "Send");
    await press(question(window, "Send broadcast 1?"), "Send");
    const refusal = window.getByRole("alert");
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain("Nothing is sent: the gate is locked.");
    expect(await refusal.textContent()).toContain("Upload the suppressions.");
    await look(window, "15-send-refused");
  });

  test("uploads the suppressions and reads back every one", async () => {
    await openStep(window, "Suppress");
    await look(window, "16-suppress");
    await press(window, "Upload suppressions");
    await question(window, /^Upload/).waitFor();
    await look(window, "17-suppress-question");
    await press(question(window, /^Upload/), "Cancel");
    await uploadSuppressions(window);
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate locked");
    await look(window, "18-suppress-uploaded");
    await readBack(window);
    await look(window, "19-suppress-read-back");
  });

  test("finds the gate open, with the certificate of what it rests on", async () => {
    await press(window, "Go to Gate");
    await window.getByRole("heading", { name: "Open", exact: true }).waitFor();
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
    await window.getByRole("heading", { name: "Certificate" }).waitFor();
    await look(window, "20-gate-open");
  });

  test("tries a broadcast without sending it, then sends it", async () => {
    await press(window, "Dry run");
    await window.getByText("Dry run: broadcast 1 would be sent. Nothing was sent.").waitFor();
    await press(window, "Send");
    await press(question(window, "Send broadcast 1?"), "Send");
    await window.getByText("Broadcast 1 is triggered.").waitFor();
    await look(window, "21-sent");
  });

  test("uploads the profiles last", async () => {
    await openStep(window, "Profiles");
    await look(window, "22-profiles");
    await press(window, "Upload profiles");
    await press(question(window, /^Upload [\d,]+ profiles\?$/), "Upload");
    await window.getByText(/^[\d,]+ of [\d,]+ writes delivered in /).waitFor();
    await expect
      .poll(() => step(window, "Profiles").textContent(), { timeout: 20_000 })
      .toContain("Next step: read back");
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
    await look(window, "23-profiles-uploaded");
  });

  test("reads back every profile, since an upload alone proves nothing", async () => {
    await press(window, "Read back");
    await window.getByText(/^All [\d,]+ have arrived\.$/).waitFor();
    await expect.poll(() => step(window, "Profiles").textContent(), { timeout: 20_000 }).toContain("Done");
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
    await look(window, "23-profiles-read-back");
  });

  test("a sync finds nothing while nothing happened, and renews the proof", async () => {
    await openStep(window, "Sync");
    await window.getByText("No sync has run yet.", { exact: false }).waitFor();
    await look(window, "24-sync-before");
    await syncNow(window);
    await window.getByText("Nobody is newly suppressed.").waitFor();
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
  });

  test("a sync brings over who opted out meanwhile, and leaves who opted in again suppressed", async () => {
    await press(window, "Let time pass");
    await window.getByText(/^\d+ things happened in the old tools\.$/).waitFor();
    await syncNow(window);
    await window.getByText(/^\d+ addresses newly suppressed: /).waitFor();
    await window.getByRole("img", { name: /^Klaviyo: [1-9][\d,]* new suppressions? in 2 runs\./ }).waitFor();
    expect(await window.getByRole("region", { name: "List of runs" }).getByText("Gate open").count()).toBe(2);
    await look(window, "25-synced");
    const again = window.getByRole("grid", { name: "People who opted in again" });
    await again.scrollIntoViewIfNeeded();
    expect(await again.getByRole("row").count()).toBeGreaterThan(1);
    await look(window, "26-opted-in-again");
    await expect.poll(() => gateStatus(window).textContent(), { timeout: 20_000 }).toContain("Gate open");
  });

  test("runs by itself while the window is open, when it is told to", async () => {
    await press(window, "Run by itself");
    await window.getByText(/^Next run: /).waitFor();
    await expect
      .poll(() => step(window, "Sync").textContent(), { timeout: 20_000 })
      .toContain("every 60 minutes");
    await press(window, "Stop running by itself");
    await window.getByText(/^Next run: /).waitFor({ state: "hidden" });
  });

  test("finds it again among the recent migrations after closing it", async () => {
    await press(window, "Close this migration");
    await window.getByRole("button", { name: /^Practice migration/ }).waitFor();
    await look(window, "27-start-recent");
  });
});
