/**
 * Sets up whatever is missing and runs Sendgate from this checkout. Needs no package itself.
 *
 *   node scripts/run.mjs demo [ARGUMENTS]      the practice migration
 *   node scripts/run.mjs sendgate [ARGUMENTS]  the command line
 *   node scripts/run.mjs start [ARGUMENTS]     the desktop app
 *   node scripts/run.mjs test-program FILE [ARGUMENTS]  a program of the tests
 *   node scripts/run.mjs test-setup            all that the tests need; prints where Electron is, as JSON
 *
 * Its own messages go to standard error; standard output belongs to the command.
 */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { say } from "./run-command.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];

const [mode, ...rest] = process.argv.slice(2);

try {
  requireNode();
  switch (mode) {
    case "demo":
      await setUp();
      runNode(join(root, "out", "cli.mjs"), ["demo", ...rest]);
      break;
    case "sendgate":
      await setUp();
      runNode(join(root, "out", "cli.mjs"), rest);
      break;
    case "start":
      await start();
      break;
    case "test-program": {
      const [entry, ...given] = rest;
      runNode(await setUpTestProgram(entry), given);
      break;
    }
    case "test-setup":
      await setUp();
      process.stdout.write(`${JSON.stringify(await setUpElectron())}\n`);
      await setUpSpreadsheet();
      break;
    default:
      say("Usage: node scripts/run.mjs demo|sendgate|start|test-program|test-setup [ARGUMENTS]");
      process.exitCode = 2;
  }
} catch (error) {
  say(`\n${error.message}`);
  process.exitCode = 1;
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Error(
    `Sendgate needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}. Install a newer Node and try again.`,
  );
}

/** Packages and build. Modules that need packages are loaded only after those are there. */
async function setUp() {
  const { withLock } = await import("./lock.mjs");
  await withLock(join(root, "out", ".lock"), async () => {
    const { ensureDependencies } = await import("./dependencies.mjs");
    await ensureDependencies(root);
    const { build } = await import("./build.mjs");
    await build(root);
  });
}

/** Packages and one program of the tests. @param {string} entry @returns {Promise<string>} what to run */
async function setUpTestProgram(entry) {
  const { withLock } = await import("./lock.mjs");
  return withLock(join(root, "out", ".lock"), async () => {
    const { ensureDependencies } = await import("./dependencies.mjs");
    await ensureDependencies(root);
    const { buildTestProgram } = await import("./build.mjs");
    return buildTestProgram(root, entry);
  });
}

/** System libraries and a real Electron. */
async function setUpElectron() {
  const { ensureElectronLibraries } = await import("./system-libraries.mjs");
  await ensureElectronLibraries();
  const { findElectronRuntime } = await import("./electron-runtime.mjs");
  return findElectronRuntime(root);
}

/** A real spreadsheet, with which a test opens the conflict CSV. */
async function setUpSpreadsheet() {
  const { ensureLibreOffice } = await import("./system-libraries.mjs");
  await ensureLibreOffice();
}

async function start() {
  await setUp();
  const runtime = await setUpElectron();
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new Error(
      "There is no display to open the window on. Run this from a desktop session, or under `xvfb-run -a`.",
    );
  }
  // Chromium refuses its own sandbox to root; the page's sandbox stays.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  runToEnd(runtime.path, [join(root, "out"), ...sandbox, ...rest]);
}

/**
 * Runs a program of ours in little memory: garbage is collected between pieces of work, and DuckDB's allocator (on
 * Linux; elsewhere nobody reads it) and the system's give back what was freed. Processes that it forks do the same.
 */
function runNode(file, args) {
  const env = {
    DUCKDB_JE_MALLOC_CONF: "dirty_decay_ms:0,muzzy_decay_ms:0",
    MALLOC_ARENA_MAX: "1",
    ...process.env,
  };
  runToEnd(process.execPath, ["--expose-gc", file, ...args], env);
}

/** Runs the command with our standard streams and ends as it ends. */
function runToEnd(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: "inherit", env });
  // Ctrl-C reaches the child from the terminal by itself.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    say(`Could not start ${command}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
  });
}
