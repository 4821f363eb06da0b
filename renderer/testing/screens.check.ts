import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import react from "@vitejs/plugin-react";
import { type Browser, chromium, type Page } from "playwright";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Where Debian puts it; another one by the environment. */
const chromiumPath = process.env.SENDGATE_CHROMIUM ?? "/usr/bin/chromium";

let server: PreviewServer;
let browser: Browser;
let outDir: string;

beforeAll(async () => {
  if (!existsSync(chromiumPath)) {
    throw new Error(
      `There is no Chromium at ${chromiumPath}. Install it (Debian: apt-get install chromium) or name one in SENDGATE_CHROMIUM.`,
    );
  }
  outDir = mkdtempSync(join(tmpdir(), "sendgate-screens-"));
  const shared = { configFile: false as const, root: "renderer", logLevel: "error" as const };
  await build({
    ...shared,
    plugins: [react()],
    build: { outDir, target: "chrome114", rollupOptions: { input: "renderer/testing/fake.html" } },
  });
  server = await preview({ ...shared, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(outDir, { recursive: true, force: true });
});

interface Visit {
  /** Options of the fake engine: `stage=merged&conflicts=20000`. */
  query: string;
  step?: string;
  dark?: boolean;
  act?: (page: Page) => Promise<unknown>;
}

/** Opens the window as asked, and fails on anything that the page complains about. */
async function visit({ query, step, dark = false, act }: Visit, check: (page: Page) => Promise<void>) {
  const context = await browser.newContext({
    colorScheme: dark ? "dark" : "light",
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The preview server has no icon to give.
    if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) {
      complaints.push(message.text());
    }
  });
  const [address] = server.resolvedUrls!.local;
  try {
    await page.goto(`${address}testing/fake.html?${query}`);
    if (step) await goTo(page, step);
    await act?.(page);
    await check(page);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
}

const goTo = (page: Page, step: string) =>
  page
    .getByRole("navigation")
    .getByRole("button", { name: new RegExp(`^${step}`) })
    .click();
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const openFirstConflict = async (page: Page) => {
  await page.getByRole("grid", { name: "Conflicts" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("table").waitFor();
};
const importNewer = async (page: Page) => {
  await press(page, "Choose files…");
  await press(page, "Leave out crm-do-not-mail.csv");
  await press(page, "Import 1 file");
};

const enterKey = async (page: Page, title: string) => {
  await page.getByLabel(`${title} API key`, { exact: true }).fill("s3cret-key");
  await press(page, "Store the key and connect");
};
const connect = async (page: Page, title: string) => {
  await press(page, `Connect… (${title})`);
  await enterKey(page, title);
  await page.getByRole("heading", { name: "Which field holds the user ID?" }).waitFor();
};

const uploadProfiles = async (page: Page) => {
  await press(page, "Upload profiles");
  await page.getByRole("dialog").getByRole("button", { name: "Upload" }).click();
};

const openTakingBack = (page: Page) => page.getByText("Take back or erase").click();
const takeBack = async (page: Page) => {
  await page.getByLabel("Reason").fill("A wrong file was imported.");
  await press(page, "Take back…");
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
};
const nameToErase = async (page: Page) => {
  await page.getByLabel("User IDs to erase").fill("u-1\nu-2\n\n");
  await page.getByLabel("Addresses to erase").fill("ada@example.com");
  await press(page, "See whom it means");
  await page.getByText("erase 3 people in Acme Staging").waitFor();
};

const screens: Record<string, Visit> = {
  start: { query: "stage=start" },
  "start, nothing recent": { query: "stage=start&people=0" },
  "start, failed": {
    query: "fail=projects.recent,practice.start",
    act: (page) => press(page, "Start a practice migration"),
  },
  "new migration": { query: "stage=start", act: (page) => press(page, "New migration") },
  workspace: { query: "stage=created", step: "Workspace" },
  "workspace without keychain": { query: "stage=created&keychain=false", step: "Workspace" },
  "workspace, connected": { query: "stage=connected", step: "Workspace" },
  "workspace of a practice migration": { query: "stage=connected&practice=true", step: "Workspace" },
  "sources, empty": { query: "stage=connected", step: "Sources" },
  "sources, waiting": { query: "stage=imported&hang=sources.list", step: "Sources" },
  "sources, failed": { query: "stage=imported&fail=sources.list", step: "Sources" },
  "sources, exports not read": { query: "stage=connected&fail=sources.pulled", step: "Sources" },
  "sources, exports waiting": { query: "stage=connected&hang=sources.pulled", step: "Sources" },
  "sources of a practice migration": {
    query: "stage=start",
    act: (page) => press(page, "Start a practice migration"),
  },
  "sources of a practice migration without simulators": {
    query: "stage=connected&practice=true",
    step: "Sources",
  },
  "a key to enter": {
    query: "stage=connected&keychain=false",
    step: "Sources",
    act: (page) => press(page, "Connect… (Klaviyo)"),
  },
  "a key that is refused": {
    query: "stage=connected&fail=sources.connect",
    step: "Sources",
    act: async (page) => {
      await press(page, "Connect… (Klaviyo)");
      await enterKey(page, "Klaviyo");
      await page.getByRole("alert").waitFor();
    },
  },
  "the user ID to choose": {
    query: "stage=connected",
    step: "Sources",
    act: (page) => connect(page, "Klaviyo"),
  },
  "the user ID to choose, nothing suggested": {
    query: "stage=connected&fields=40",
    step: "Sources",
    act: (page) => connect(page, "Klaviyo"),
  },
  "the user ID to choose, no fields": {
    query: "stage=connected&fields=0",
    step: "Sources",
    act: (page) => connect(page, "Klaviyo"),
  },
  "an export that runs": {
    query: "stage=connected&tick=500",
    step: "Sources",
    act: async (page) => {
      await connect(page, "Klaviyo");
      await press(page, "Confirm and export");
      await page.getByRole("progressbar").waitFor();
    },
  },
  "exports, complete": { query: "stage=imported&pulls=complete&rejects=3", step: "Sources" },
  "exports, unfinished": { query: "stage=connected&pulls=unfinished", step: "Sources" },
  "exports, not complete": { query: "stage=connected&pulls=incomplete", step: "Sources" },
  "exports, user ID not confirmed": { query: "stage=connected&pulls=unconfirmed", step: "Sources" },
  "exports, retired": { query: "stage=connected&pulls=retired", step: "Sources" },
  "exports, 400 parts": { query: "stage=connected&pulls=huge&people=9000000", step: "Sources" },
  "retiring a source": {
    query: "stage=connected&pulls=complete",
    step: "Sources",
    act: (page) => press(page, "Retire… (Klaviyo)"),
  },
  "sources with rejected rows": { query: "stage=imported&rejects=420", step: "Sources" },
  "accepting rejected rows": {
    query: "stage=imported&rejects=420",
    step: "Sources",
    act: (page) => press(page, "Accept…"),
  },
  "files to check": { query: "stage=imported", step: "Sources", act: (page) => press(page, "Choose files…") },
  "a newer file": { query: "stage=imported", step: "Sources", act: importNewer },
  "merge, locked": { query: "stage=connected", step: "Merge" },
  "merge, not run": { query: "stage=imported", step: "Merge" },
  "merge, 20,000 conflicts": { query: "stage=merged&conflicts=20000", step: "Merge" },
  "merge, no conflicts": { query: "stage=merged&conflicts=0", step: "Merge" },
  "merge, failed": { query: "stage=merged&fail=merge.conflicts", step: "Merge" },
  "one conflict": { query: "stage=merged", step: "Merge", act: openFirstConflict },
  "plan, locked": { query: "stage=imported", step: "Plan" },
  plan: { query: "stage=planned&people=2900000", step: "Plan" },
  suppress: { query: "stage=planned", step: "Suppress" },
  "suppress, refused": { query: "stage=open&refused=130", step: "Suppress" },
  "suppress, running": {
    query: "stage=planned&tick=500",
    step: "Suppress",
    act: async (page) => {
      await press(page, "Upload suppressions");
      await press(page, "Upload");
      await page.getByRole("progressbar").waitFor();
    },
  },
  "suppress, uploaded and not read back": { query: "stage=uploaded", step: "Suppress" },
  "suppress, being read back": {
    query: "stage=uploaded&tick=500",
    step: "Suppress",
    act: async (page) => {
      await press(page, "Read back");
      await page.getByRole("progressbar").waitFor();
    },
  },
  "suppress, cancelled": {
    query: "stage=planned&tick=500",
    step: "Suppress",
    act: async (page) => {
      await press(page, "Upload suppressions");
      await press(page, "Upload");
      await press(page, "Cancel");
      await page.getByText("Cancelled.", { exact: true }).waitFor();
    },
  },
  "take back or erase": { query: "stage=open", step: "Suppress", act: openTakingBack },
  "taking back from production": {
    query: "stage=open&role=production",
    step: "Suppress",
    act: async (page) => {
      await openTakingBack(page);
      await page.getByLabel("Reason").fill("A wrong file was imported.");
      await press(page, "Take back…");
    },
  },
  "taken back, some kept": {
    query: "stage=open&refused=130",
    step: "Suppress",
    act: async (page) => {
      await openTakingBack(page);
      await takeBack(page);
      await page.getByText("3 list entries taken back, 130 kept.").waitFor();
    },
  },
  "erasing, phrase to type": {
    query: "stage=open&refused=1",
    step: "Suppress",
    act: async (page) => {
      await openTakingBack(page);
      await nameToErase(page);
    },
  },
  "erased, some refused": {
    query: "stage=open&refused=2",
    step: "Suppress",
    act: async (page) => {
      await openTakingBack(page);
      await nameToErase(page);
      await page.getByLabel(/^To go on/).fill("erase 3 people in Acme Staging");
      await press(page, "Erase for ever");
      await page.getByText("Whoever was erased").waitFor();
    },
  },
  "take back or erase, failed": {
    query: "stage=open&fail=delivery.undo,erasure.preview",
    step: "Suppress",
    act: async (page) => {
      await openTakingBack(page);
      await takeBack(page);
      await page.getByText("The call delivery.undo failed").waitFor();
      await page.getByLabel("User IDs to erase").fill("u-1");
      await press(page, "See whom it means");
      await page.getByText("The call erasure.preview failed").waitFor();
    },
  },
  "gate, locked": { query: "stage=created", step: "Gate" },
  "gate, open": { query: "stage=open", step: "Gate" },
  "gate, locked by running campaigns": { query: "stage=open&leaks=3", step: "Gate" },
  "gate, suppressed people reached": { query: "stage=open&reached=12", step: "Gate" },
  "gate, leaks unread": { query: "stage=open&unread=true", step: "Gate" },
  "gate, leaks failed": {
    query: "stage=open&fail=leaks.state,leaks.look",
    step: "Gate",
    act: (page) => press(page, "Look now"),
  },
  "gate, leaks waiting": { query: "stage=open&hang=leaks.state", step: "Gate" },
  "accepting a leak": {
    query: "stage=open&leaks=1",
    step: "Gate",
    act: (page) => press(page, "Accept campaign 1…"),
  },
  "profiles, locked": { query: "stage=planned", step: "Profiles" },
  "profiles, not uploaded": { query: "stage=open", step: "Profiles" },
  "profiles, uploaded and not read back": {
    query: "stage=open",
    step: "Profiles",
    act: async (page) => {
      await uploadProfiles(page);
      await page.getByText(/writes delivered in/).waitFor();
    },
  },
  "profiles, being read back": {
    query: "stage=done&tick=500",
    step: "Profiles",
    act: async (page) => {
      await press(page, "Read back");
      await page.getByRole("progressbar").waitFor();
    },
  },
  "profiles, some lost": { query: "stage=done&lost=130", step: "Profiles" },
  "profiles, done": { query: "stage=done", step: "Profiles" },
  "sync, locked": { query: "stage=connected", step: "Sync" },
  "sync, never run": { query: "stage=done&pulls=complete", step: "Sync" },
  "sync, waiting": { query: "stage=done&pulls=complete&hang=sources.optedInAgain", step: "Sync" },
  "sync, failed": { query: "stage=done&pulls=complete&fail=sources.optedInAgain", step: "Sync" },
  "sync, state not read": { query: "stage=done&pulls=complete&fail=sync.state", step: "Sync" },
  "sync, some runs": { query: "stage=done&pulls=complete&sync=runs&again=12", step: "Sync" },
  "sync, 200 runs of millions": {
    query: "stage=done&pulls=complete&sync=runs&runs=200&people=2900000&again=120000",
    step: "Sync",
  },
  "sync, nothing new": { query: "stage=done&pulls=complete&sync=quiet", step: "Sync" },
  "sync, a missed run": { query: "stage=done&pulls=complete&sync=missed", step: "Sync" },
  "sync, stopped": { query: "stage=done&pulls=complete&sync=stopped", step: "Sync" },
  "sync, cut off": { query: "stage=done&pulls=complete&sync=cut off", step: "Sync" },
  "sync of a practice migration": {
    query: "stage=done&practice=true&pulls=complete&sync=runs",
    step: "Sync",
    act: (page) => press(page, "Let time pass"),
  },
  "sync, running": {
    query: "stage=done&pulls=complete&sync=runs&tick=500",
    step: "Sync",
    act: async (page) => {
      await press(page, "Sync now");
      await page.getByRole("progressbar").waitFor();
    },
  },
  "sync, done": {
    query: "stage=done&pulls=complete&sync=runs",
    step: "Sync",
    act: async (page) => {
      await press(page, "Sync now");
      await page.getByText(/^Synced in/).waitFor();
    },
  },
  "sync, shrunk": {
    query: "stage=done&pulls=complete&sync=runs&shrunk=true",
    step: "Sync",
    act: async (page) => {
      await press(page, "Sync now");
      await press(page, "Go on with a reason…");
    },
  },
};

describe.each([false, true])("accessibility, dark %s", (dark) => {
  it.each(Object.entries(screens))("%s", async (_, screen) => {
    await visit({ ...screen, dark }, async (page) => {
      await page.getByRole("main").first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
        [],
      );
    });
  });
});

describe("the window", () => {
  it("leads from one click to exports of the practice people without a key, and files for what has no API", async () => {
    await visit({ query: "stage=start" }, async (page) => {
      await press(page, "Start a practice migration");
      await page.getByRole("heading", { name: "Sources" }).waitFor();
      await press(page, "Export over the API (Klaviyo)");
      await press(page, "Confirm and export");
      const klaviyo = page.getByRole("region", { name: "Klaviyo", exact: true });
      await klaviyo.getByText("Exported", { exact: true }).waitFor();
      await press(page, "Import the practice files");
      await page.getByText(/rows imported of/).waitFor();
      // The files' table stays for files.
      const files = page.getByRole("region", { name: "Table of imported files" });
      expect(await files.getByRole("row").count()).toBe(2);
    });
  });

  it("guesses no user ID: without a suggestion nothing is exported until the operator says which field, or none", async () => {
    await visit({ query: "stage=connected&fields=40", step: "Sources" }, async (page) => {
      await connect(page, "Mailchimp");
      const confirm = page.getByRole("button", { name: "Confirm and export" });
      expect(await confirm.isDisabled()).toBe(true);
      await page.getByRole("radio", { name: /^None:/ }).check();
      await confirm.click();
      await page.getByText("people are known by their address alone").waitFor();
    });
  });

  it("clears a source’s key from the page once it is handed over", async () => {
    await visit({ query: "stage=connected", step: "Sources" }, async (page) => {
      await connect(page, "Iterable");
      expect(await page.content()).not.toContain("s3cret-key");
      expect(await page.locator("input[type=password]").count()).toBe(0);
      await press(page, "Cancel");
      await press(page, "Connect… (Iterable)");
      await press(page, "Connect with the stored key");
      await page.getByRole("heading", { name: "Which field holds the user ID?" }).waitFor();
    });
  });

  it("goes on with an export that was cut off", async () => {
    await visit({ query: "stage=connected&pulls=unfinished", step: "Sources" }, async (page) => {
      await page.getByText(/was not read to its end: 2 of 5 parts/).waitFor();
      await press(page, "Go on (Mailchimp)");
      const mailchimp = page.getByRole("region", { name: "Mailchimp", exact: true });
      await mailchimp.getByText("Exported", { exact: true }).waitFor();
    });
  });

  it("retires a source with a reason that then stands there", async () => {
    await visit({ query: "stage=connected&pulls=complete", step: "Sources" }, async (page) => {
      await press(page, "Retire… (Klaviyo)");
      const dialog = page.getByRole("dialog");
      expect(await dialog.getByRole("button", { name: "Retire" }).isDisabled()).toBe(true);
      await dialog.getByLabel("Reason").fill("Its account is closed.");
      await dialog.getByRole("button", { name: "Retire" }).click();
      await page.getByText("Reason: Its account is closed.").waitFor();
    });
  });

  it("goes on with a shrunk suppression set only with a reason", async () => {
    await visit({ query: "stage=done&pulls=complete&shrunk=true", step: "Sync" }, async (page) => {
      await press(page, "Sync now");
      await page
        .getByRole("alert")
        .getByText(/are not in the suppression set any more/)
        .waitFor();
      await press(page, "Go on with a reason…");
      const dialog = page.getByRole("dialog");
      expect(await dialog.getByRole("button", { name: "Go on" }).isDisabled()).toBe(true);
      await dialog.getByLabel("Reason").fill("An audience was deleted on purpose.");
      await dialog.getByRole("button", { name: "Go on" }).click();
      await page.getByText(/^Synced in/).waitFor();
    });
  });

  it("uploads a shrunk suppression set only with a reason", async () => {
    await visit({ query: "stage=planned&shrunk=true", step: "Suppress" }, async (page) => {
      await press(page, "Upload suppressions");
      await press(page, "Upload");
      await press(page, "Go on with a reason…");
      await page.getByRole("dialog").getByLabel("Reason").fill("An old export was replaced.");
      await page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
      await press(page, "Upload");
      await page.getByText(/writes delivered in/).waitFor();
    });
  });

  it("asks for the name of a production workspace before it syncs to it or schedules that", async () => {
    await visit({ query: "stage=done&pulls=complete&role=production", step: "Sync" }, async (page) => {
      for (const button of ["Sync now", "Run by itself"]) {
        await press(page, button);
        const go = page.getByRole("dialog").getByRole("button", { name: /^(Sync|Run by itself)$/ });
        expect(await go.isDisabled()).toBe(true);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "hidden" });
      }
    });
  });

  it("schedules the sync, shows when it runs next, and stops it", async () => {
    await visit({ query: "stage=done&pulls=complete", step: "Sync" }, async (page) => {
      await page.getByLabel("Minutes between runs").fill("3");
      await page.getByText("From 5 to 1440").waitFor();
      await page.getByLabel("Minutes between runs").fill("30");
      await press(page, "Run by itself");
      await page.getByText(/^Next run:/).waitFor();
      await press(page, "Stop running by itself");
      await page.getByText("The sync runs by hand alone.", { exact: false }).waitFor();
    });
  });

  it("clears the keys from the page once they are handed over", async () => {
    await visit({ query: "stage=created", step: "Workspace" }, async (page) => {
      for (const label of ["Site ID", "Track API key", "App API key"]) {
        await page.getByLabel(label, { exact: true }).fill("s3cret-key");
      }
      await press(page, "Store the keys and connect");
      await page.getByText("Connected to Acme Staging.").waitFor();
      expect(await page.content()).not.toContain("s3cret-key");
      expect(
        await page
          .locator("input")
          .evaluateAll((all) => all.map((input) => (input as HTMLInputElement).value)),
      ).not.toContain("s3cret-key");
    });
  });

  it("moves through 20,000 conflicts by keyboard and opens the marked one", async () => {
    await visit({ query: "stage=merged&conflicts=20000", step: "Merge" }, async (page) => {
      const grid = page.getByRole("grid", { name: "Conflicts" });
      await grid.focus();
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowUp");
      await page
        .getByRole("row", { selected: true })
        .getByText("person.19998@example.com, user-119998")
        .waitFor();
      expect(await page.getByRole("row").count()).toBeLessThan(60);
      await page.keyboard.press("Enter");
      await page.getByText("Conflict 19,999 of 20,000").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
    });
  });

  it("keeps a decided conflict open when the filter no longer shows it", async () => {
    await visit({ query: "stage=merged", step: "Merge" }, async (page) => {
      await page.getByRole("radiogroup", { name: "Decided or not" }).getByText("Undecided").click();
      await page.getByText("214 conflicts shown").waitFor();
      await openFirstConflict(page);
      await press(page, "Save");
      await page.getByText("Saved.").waitFor();
      await page.getByText("Conflict 1 of 213").waitFor();
      await press(page, "Next");
      await page.getByText("Saved.").waitFor({ state: "hidden" });
      await page.getByText("Conflict 1 of 213").waitFor();
    });
  });

  it("looks people up in the workspace, and takes decisions on whom the plan would meet there", async () => {
    await visit({ query: "stage=planned", step: "Plan" }, async (page) => {
      await page.getByText("Nobody has been looked up yet.").waitFor();
      await press(page, "Look people up");
      await press(page, "Decide: A profile without an ID has the address there");
      await page.getByLabel("Decision for u-0", { exact: true }).selectOption("write");
      await page.getByRole("row", { name: /A profile without an ID.* 3 2 / }).waitFor();
      await press(page, "Leave the profile at home, for all undecided");
      await page.getByRole("row", { name: /A profile without an ID.* 3 0 / }).waitFor();
      expect(
        (await new AxeBuilder({ page: page as never }).analyze()).violations.map(({ id }) => id),
      ).toEqual([]);
    });
  });

  it("sends an attribute under another name", async () => {
    await visit({ query: "stage=planned", step: "Plan" }, async (page) => {
      await page.getByLabel("Name in Customer.io for klaviyo.Profile Created On").fill("created_at");
      await press(page, "Save the name for klaviyo.Profile Created On");
      await page.getByRole("button", { name: "Leave klaviyo.Profile Created On out" }).waitFor();
    });
  });

  it("asks for the name of a production workspace before it writes", async () => {
    await visit({ query: "stage=planned&role=production", step: "Suppress" }, async (page) => {
      await press(page, "Upload suppressions");
      const upload = page.getByRole("dialog").getByRole("button", { name: "Upload" });
      expect(await upload.isDisabled()).toBe(true);
      await page.getByRole("dialog").getByRole("textbox").fill("Acme Staging");
      expect(await upload.isDisabled()).toBe(true);
      await page.getByRole("dialog").getByRole("textbox").fill("Acme Mail");
      await upload.click();
      await page.getByText(/writes delivered in/).waitFor();
    });
  });

  it("takes list entries back only with a reason, and then shows the gate locked", async () => {
    await visit({ query: "stage=open", step: "Suppress" }, async (page) => {
      await page.getByRole("banner").getByText("Gate open").waitFor();
      await openTakingBack(page);
      const ask = page.getByRole("button", { name: "Take back…" });
      expect(await ask.isDisabled()).toBe(true);
      await page.getByLabel("Reason").fill("A wrong file was imported.");
      await page.getByRole("radio", { name: "Addresses I name" }).check();
      expect(await ask.isDisabled()).toBe(true);
      await page.getByLabel("Addresses to take back").fill("ada@example.com\n\ngrace@example.com\n");
      await ask.click();
      await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
      await page.getByText("2 list entries taken back, 0 kept.").waitFor();
      await page.getByRole("banner").getByText("Gate locked").waitFor();
      await press(page, "Read back");
      await page.getByRole("banner").getByText("Gate open").waitFor();
    });
  });

  it("erases nobody before the phrase is typed to the letter, nor anybody who was not looked at", async () => {
    await visit({ query: "stage=open", step: "Suppress" }, async (page) => {
      await openTakingBack(page);
      await nameToErase(page);
      const erase = page.getByRole("button", { name: "Erase for ever" });
      const phrase = page.getByLabel(/^To go on, type exactly/);
      for (const wrong of ["", "erase 3 people", "erase 3 people in acme staging"]) {
        await phrase.fill(wrong);
        expect(await erase.isDisabled()).toBe(true);
      }
      await phrase.fill("erase 3 people in Acme Staging");
      expect(await erase.isDisabled()).toBe(false);
      await page.getByLabel("Addresses to erase").fill("ada@example.com\ngrace@example.com");
      await erase.waitFor({ state: "hidden" });
      await press(page, "See whom it means");
      await phrase.fill("erase 4 people in Acme Staging");
      await erase.click();
      await page.getByText("8 of 8 IDs and addresses of 4 people erased in Acme Staging.").waitFor();
    });
  });

  it("pauses, resumes and cancels what runs, and says what to do then", async () => {
    await visit({ query: "stage=planned&tick=300", step: "Suppress" }, async (page) => {
      await press(page, "Upload suppressions");
      await press(page, "Upload");
      await press(page, "Pause");
      await page
        .getByText(/paused/)
        .first()
        .waitFor();
      await press(page, "Resume");
      await press(page, "Cancel");
      await page.getByText("Start it again to go on where it stopped.").waitFor();
      expect(await page.getByRole("progressbar").count()).toBe(0);
      // It went as the operator wanted.
      expect(await page.getByRole("alert").count()).toBe(0);
    });
  });

  it("counts the profiles as done only once they are read back, and names those that did not arrive", async () => {
    await visit({ query: "stage=open&lost=2", step: "Profiles" }, async (page) => {
      const step = page.getByRole("navigation").getByRole("button", { name: /^Profiles/ });
      await uploadProfiles(page);
      await step.getByText("Next step: read back").waitFor();
      await press(page, "Read back");
      await page.getByRole("alert").getByText("2 did not arrive in Customer.io.").waitFor();
      await step.getByText("Needs attention: 2 did not arrive").waitFor();
      const missing = page.getByRole("region", { name: "Missing profiles" });
      await missing.getByRole("row", { name: /^u-1 / }).waitFor();
    });
  });

  it("takes the reason why a running campaign may stay, and opens the gate with the last one", async () => {
    await visit({ query: "stage=open&leaks=2", step: "Gate" }, async (page) => {
      await page.getByText("2 things stand in the way:").waitFor();
      for (const name of ["Accept campaign 1…", "Accept campaign 2…"]) {
        await press(page, name);
        const accept = page.getByRole("dialog").getByRole("button", { name: "Accept" });
        expect(await accept.isDisabled()).toBe(true);
        await page.getByRole("dialog").getByRole("textbox").fill("Only receipts");
        await accept.click();
      }
      await page
        .getByText(/Accepted on .*: Only receipts/)
        .first()
        .waitFor();
      await page.getByRole("heading", { name: "Open" }).waitFor();
    });
  });

  it("asks what became of a send whose outcome is unclear", async () => {
    await visit({ query: "stage=open&unclear=true", step: "Gate" }, async (page) => {
      await page.getByRole("radiogroup", { name: "What to send" }).getByText("Newsletter").click();
      await page.getByLabel("Newsletter number").fill("7");
      await press(page, "Send");
      await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
      await page
        .getByRole("alert")
        .getByText(/may have gone out/)
        .waitFor();
      await press(page, "It was not sent");
      await page.getByText("On record: it was not sent.").waitFor();
    });
  });

  it("shows why the gate refuses a broadcast", async () => {
    await visit({ query: "stage=planned", step: "Gate" }, async (page) => {
      await page.getByLabel("Broadcast number").fill("7");
      await press(page, "Dry run");
      const alert = page.getByRole("alert");
      expect(await alert.textContent()).toContain("The gate is locked: Not every suppression is uploaded.");
      expect(await alert.textContent()).toContain("Upload the suppressions.");
    });
  });

  it("counts a gate whose state cannot be read as locked, and offers no upload of profiles", async () => {
    await visit({ query: "stage=open&fail=gate.state", step: "Profiles" }, async (page) => {
      await page.getByRole("banner").getByText("Gate locked").waitFor();
      await page
        .getByRole("alert")
        .getByText("The call gate.state failed, as this test asked for.")
        .waitFor();
      expect(await page.getByRole("button", { name: "Upload profiles" }).count()).toBe(0);
    });
  });

  it("takes dropped and picked files by their path on disk", async () => {
    await visit({ query: "stage=connected", step: "Sources" }, async (page) => {
      const file = { name: "unsubscribed_klaviyo.csv", mimeType: "text/csv", buffer: Buffer.from("a") };
      await page.getByLabel("Export files", { exact: true }).setInputFiles(file);
      await page.getByRole("heading", { name: "unsubscribed_klaviyo.csv" }).waitFor();
    });
  });
});
