import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/**
 * Builds a program that a test runs in a process of its own, to be killed there.
 * @param name the file's name, of no other test
 * @param source TypeScript whose imports are relative to the checkout; `process.argv[2]` is what `start` is given, as JSON
 */
export async function buildChildProgram(
  name: string,
  source: string,
): Promise<{ start(given: unknown): ChildProcess }> {
  // Inside the checkout, so that the child finds the packages.
  const folder = join(root, "node_modules", ".cache", "sendgate");
  const program = join(folder, `${name}-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    outfile: program,
    platform: "node",
    format: "esm",
    target: "node18",
    external: ["@duckdb/node-api"],
    loader: { ".sql": "text" },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  return {
    start: (given) =>
      spawn(process.execPath, [program, JSON.stringify(given)], { stdio: ["ignore", "ignore", "inherit"] }),
  };
}
