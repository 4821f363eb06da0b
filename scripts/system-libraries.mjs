import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand, say } from "./run-command.mjs";

/**
 * What Electron needs beyond a bare Debian, and how to see that it is there. Debian 13 renamed some
 * packages for its 64-bit time, hence the second names.
 */
const electronNeeds = [
  { packages: ["libgtk-3-0t64", "libgtk-3-0"], library: "libgtk-3.so.0" },
  { packages: ["libnss3"], library: "libnss3.so" },
  { packages: ["libasound2t64", "libasound2"], library: "libasound.so.2" },
  { packages: ["libgbm1"], library: "libgbm.so.1" },
];
const displayNeeds = [
  { packages: ["xvfb"], program: "Xvfb" },
  { packages: ["xauth"], program: "xauth" },
];
const libreOfficeNeeds = [{ packages: ["libreoffice-calc"], program: "soffice" }];

/** Electron's shared libraries, and a virtual display where there is no real one. Linux only; nothing to do elsewhere. */
export async function ensureElectronLibraries() {
  await ensure(process.env.DISPLAY ? electronNeeds : [...electronNeeds, ...displayNeeds], "Electron");
}

/** LibreOffice Calc, with which a test opens our CSV files as a spreadsheet does. */
export async function ensureLibreOffice() {
  await ensure(libreOfficeNeeds, "The spreadsheet test");
}

/**
 * @param {{ packages: string[], library?: string, program?: string }[]} needs
 * @param {string} who
 */
async function ensure(needs, who) {
  if (process.platform !== "linux") return;
  const missing = missingOf(needs);
  if (missing.length === 0) return;

  const debian = existsSync("/etc/debian_version");
  const root = process.getuid?.() === 0;
  if (!debian) {
    const wanted = missing.map((need) => need.library ?? need.program).join(", ");
    throw new Error(
      `${who} needs ${wanted}. Install them with your system's package manager and run this again.`,
    );
  }
  if (!root) {
    const command = `sudo apt-get update && sudo apt-get install --no-install-recommends -y ${packagesFor(missing).join(" ")}`;
    throw new Error(
      `${who} needs system packages that are not installed. Run this, then try again:\n  ${command}`,
    );
  }

  say(`Installing what ${who} needs from Debian …`);
  const patient = ["-o", "DPkg::Lock::Timeout=600", "-qq"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runCommand("apt-get", [...patient, "update"], { env });
  await runCommand(
    "apt-get",
    [...patient, "install", "--no-install-recommends", "-y", ...packagesFor(missing)],
    { env },
  );
  const still = missingOf(needs);
  if (still.length > 0) {
    throw new Error(
      `apt-get installed ${packagesFor(missing).join(", ")}, yet ${still.map((need) => need.library ?? need.program).join(", ")} cannot be found.`,
    );
  }
}

/** @param {typeof electronNeeds} needs */
function missingOf(needs) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const libraries = sharedLibraries();
  return needs.filter((need) =>
    need.program
      ? !folders.some((folder) => existsSync(join(folder, need.program)))
      : !libraries.includes(`\t${need.library} `),
  );
}

function sharedLibraries() {
  // A user's PATH on Debian leaves out /sbin.
  const program = existsSync("/sbin/ldconfig") ? "/sbin/ldconfig" : "ldconfig";
  return spawnSync(program, ["-p"], { encoding: "utf8" }).stdout ?? "";
}

/** The first of each need's names that this Debian release has. */
function packagesFor(needs) {
  return needs.map(
    ({ packages }) =>
      packages.find((name) => spawnSync("apt-cache", ["show", name]).status === 0) ?? packages.at(-1),
  );
}
