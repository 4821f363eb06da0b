/**
 * Every check and test, one after the other; all run even where one fails, and the last line counts them over all runs.
 *
 *   node scripts/test.mjs            everything, set-up included
 *   node scripts/test.mjs types e2e  only these
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { say } from "./run-command.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, "test-results");

const checks = {
  lint: ["biome", "ci", "."],
  types: ["tsc", "-p", "."],
  layers: ["depcruise", "--config", ".dependency-cruiser.cjs", "."],
  "dead-code": ["knip"],
};
const suites = {
  unit: ["vitest", "run", "--project", "unit"],
  e2e: ["vitest", "run", "--project", "e2e"],
};

const named = process.argv.slice(2);
const known = [...Object.keys(checks), ...Object.keys(suites)];
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  say(`There is no check called ${unknown.join(", ")}; there are ${known.join(", ")}.`);
  process.exit(2);
}
const wanted = (name) => named.length === 0 || named.includes(name);

const setUp = spawnSync(process.execPath, [join(root, "scripts", "run.mjs"), "test-setup"], {
  cwd: root,
  stdio: "inherit",
});
if (setUp.status !== 0) {
  say("The set-up failed, so nothing was tested.");
  console.log("0 passed, 1 failed");
  process.exit(1);
}
mkdirSync(results, { recursive: true });

const outcomes = [];
for (const [name, command] of Object.entries(checks))
  if (wanted(name)) outcomes.push(runCheck(name, command));
for (const [name, command] of Object.entries(suites))
  if (wanted(name)) outcomes.push(runSuite(name, command));

say("");
for (const { name, passed, failed, seconds } of outcomes) {
  say(
    `${failed === 0 ? "ok    " : "FAILED"} ${name.padEnd(10)} ${passed} passed, ${failed} failed, ${seconds} s`,
  );
}
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** A check passes or fails as a whole. */
function runCheck(name, command) {
  const { status, seconds } = run(name, command);
  return { name, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, seconds };
}

/** A suite is counted by its own report; a test that is skipped or never ran counts as failed. */
function runSuite(name, command) {
  const report = join(results, `${name}.json`);
  rmSync(report, { force: true });
  const { status, seconds } = run(name, [
    ...command,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  try {
    const { numTotalTests, numPassedTests } = JSON.parse(readFileSync(report, "utf8"));
    const failed = numTotalTests - numPassedTests;
    return { name, passed: numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed, seconds };
  } catch {
    return { name, passed: 0, failed: 1, seconds };
  }
}

function run(name, [program, ...args]) {
  say(`\n== ${name}: ${program} ${args.join(" ")}`);
  const startedAt = Date.now();
  const { status } = spawnSync(join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  return { status, seconds: Math.round((Date.now() - startedAt) / 1000) };
}
