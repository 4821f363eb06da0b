import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runNpm, say } from "./run-command.mjs";

/**
 * Installs the npm packages unless node_modules holds what package-lock.json asks for.
 * @param {string} root the checkout
 */
export async function ensureDependencies(root) {
  if (dependenciesMatch(root)) return;
  say("Installing npm packages …");
  await runNpm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // Electron's binary is a step of its own (electron-runtime.mjs), because its download may be closed.
    env: { ELECTRON_SKIP_BINARY_DOWNLOAD: "1" },
  });
}

/**
 * Compares with node_modules/.package-lock.json, which npm writes last and only after everything was
 * installed. Packages for other systems and processors may be missing.
 * @param {string} root
 */
export function dependenciesMatch(root) {
  const installedFile = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(installedFile);
  for (const [folder, entry] of Object.entries(wanted)) {
    if (folder === "") continue;
    const found = installed[folder];
    if (!found && !entry.optional && !entry.devOptional) return false;
    if (found && found.version !== entry.version) return false;
    if (found && entry.integrity && found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((folder) => folder in wanted);
}

/** @param {string} file @returns {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }>} */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}
