import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { _electron, chromium, type ElectronApplication, type Page } from "playwright";
import { type Display, openDisplay } from "./display.ts";

const run = promisify(execFile);

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Chromium refuses its own sandbox to root. The page's `sandbox: true` is another matter and stays. */
const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

export interface LaunchOptions {
  /** The app's own folder, to start again with what an earlier start left. Default: a new one, removed on closing. */
  userData?: string;
  args?: string[];
  env?: Record<string, string>;
}

export interface LaunchedApp {
  app: ElectronApplication;
  window: Page;
  userData: string;
  /** What main, engine and simulators wrote to standard output and standard error so far. */
  output(): string;
  close(): Promise<void>;
}

let runtime: Promise<string> | undefined;

/** Builds what changed and finds an Electron, once for each test file. Fails with what to do where there is none. */
function electronPath(): Promise<string> {
  runtime ??= run(process.execPath, [join(root, "scripts", "run.mjs"), "test-setup"]).then(
    ({ stdout }) => JSON.parse(stdout).path,
  );
  return runtime;
}

/** Starts the app of this checkout in a real Electron and waits for its window. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const executablePath = await electronPath();
  const userData = options.userData ?? (await mkdtemp(join(tmpdir(), "sendgate-e2e-")));
  const display = await openDisplay();
  const app = await _electron.launch({
    executablePath,
    args: [join(root, "out"), `--user-data-dir=${userData}`, ...asRoot, ...(options.args ?? [])],
    env: environment(display, options.env),
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  app.process().stdout?.on("data", keep);
  app.process().stderr?.on("data", keep);
  const window = await app.firstWindow();
  // What an operator would not wait for either.
  window.setDefaultTimeout(20_000);
  await window.waitForLoadState();
  return {
    app,
    window,
    userData,
    output: () => output,
    async close() {
      await endWithin(app.process(), () => app.close());
      display.close();
      if (!options.userData) await rm(userData, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a packaged app, whose fuses keep Playwright's usual way in shut, and waits for its window over the
 * page's remote debugging port.
 */
export async function launchPackaged(
  executablePath: string,
): Promise<{ window: Page; close(): Promise<void> }> {
  const userData = await mkdtemp(join(tmpdir(), "sendgate-e2e-"));
  const display = await openDisplay();
  const app = spawn(executablePath, ["--remote-debugging-port=0", `--user-data-dir=${userData}`, ...asRoot], {
    env: environment(display),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => app.once("exit", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let output = "";
    app.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (found) resolve(found);
    });
    app.once("exit", (code) => reject(new Error(`The packaged app ended with code ${code}:\n${output}`)));
  });
  const browser = await chromium.connectOverCDP(address, {
    // Electron has no downloads to set up.
    noDefaults: true,
  });
  const [context] = browser.contexts();
  const window = context?.pages()[0] ?? (await context!.waitForEvent("page"));
  await window.waitForLoadState();
  return {
    window,
    async close() {
      await browser.close();
      await endWithin(app, () => {
        app.kill();
        return ended;
      });
      display.close();
      await rm(userData, { recursive: true, force: true });
    },
  };
}

/** Packages the checkout into a folder, without installers, and gives the path of its program. */
export async function packageApp(): Promise<string> {
  await electronPath();
  await run(process.execPath, [join(root, "scripts", "package.mjs"), "--dir"]);
  return join(root, "dist", "linux-unpacked", "sendgate");
}

/** Saves what the window shows as `test-results/screenshots/<name>.png`, light or dark. */
export async function takeScreenshot(
  window: Page,
  name: string,
  colorScheme: "light" | "dark" = "light",
): Promise<void> {
  await window.emulateMedia({ colorScheme });
  await standStill(window);
  await window.screenshot({ path: join(root, "test-results", "screenshots", `${name}.png`) });
}

/**
 * Waits for changes of colours and the like that come to an end by themselves. Playwright's own way of ending them
 * for a picture (`animations: "disabled"`) crashes the page of Electron 25 where a notification comes in.
 */
async function standStill(window: Page): Promise<void> {
  // Asked again and again, since an animation's own promise never settles where its element went away meanwhile.
  await window.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ effect, playState }) =>
          playState !== "running" || effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY,
      ),
  );
}

/** Answers the next system dialogs without showing them. `path` is what the operator chooses; null cancels. */
export async function answerDialogs(app: ElectronApplication, path: string | string[] | null): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: chosen.length === 0, filePaths: chosen });
    dialog.showSaveDialog = async () => ({ canceled: chosen.length === 0, filePath: chosen[0] ?? "" });
  }, [path ?? []].flat());
}

/** Milliseconds that the app may take to put everything away. */
const closingPatience = 20_000;

/** @throws Error where the app does not end by itself; it is then ended by force. */
async function endWithin(app: ChildProcess, close: () => Promise<void>): Promise<void> {
  let stuck = false;
  const impatience = setTimeout(() => {
    stuck = true;
    app.kill("SIGKILL");
  }, closingPatience);
  await close();
  clearTimeout(impatience);
  if (stuck) throw new Error("The app did not end when it was closed.");
}

function environment(display: Display, more: Record<string, string> = {}): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(own), DISPLAY: display.name, ...more };
}
