/**
 * Packages the app: `node scripts/package.mjs` makes this system's installers, `--dir` the app's folder only.
 * Further arguments go to electron-builder.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { findElectronRuntime } from "./electron-runtime.mjs";
import { runCommand } from "./run-command.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);

await build(root);
const options = ["--publish", "never"];
if (given.includes("--dir")) {
  // Any Electron serves to try the app out. Installers take the version in package.json, from its own source.
  const { dist, version } = await findElectronRuntime(root);
  const config = join(root, "dist", ".electron-builder.yml");
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, configFor(version));
  options.push("--config", config, `-c.electronDist=${dist}`, `-c.electronVersion=${version}`);
}
await runCommand(
  process.execPath,
  [join(root, "node_modules/electron-builder/cli.js"), ...given, ...options],
  { cwd: root },
);

/** electron-builder.yml without the fuse that an Electron older than 29 does not have. @param {string} version */
function configFor(version) {
  const config = readFileSync(join(root, "electron-builder.yml"), "utf8");
  return Number.parseInt(version, 10) < 29
    ? config.replace(/^ +grantFileProtocolExtraPrivileges:.*\n/m, "")
    : config;
}
