import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, parse, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { say } from "./run-command.mjs";

const sharedInputs = ["contract", "package.json", "package-lock.json", "scripts/build.mjs"];
const nodeInputs = [...sharedInputs, "pacing", "importers", "customerio", "engine", "simulators"];

/** CommonJS packages inside an ES module ask for `require`. */
const requireForModules =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
/** Electron 25 starts CommonJS only, where `import.meta.url` does not exist. */
const urlForCommonJs = 'const __import_meta_url = require("node:url").pathToFileURL(__filename).href;';

const bundles = [
  { entry: "cli/main.ts", output: "out/cli.mjs", format: "esm", inputs: [...nodeInputs, "cli"] },
  {
    entry: "electron/main.ts",
    output: "out/electron/main.cjs",
    format: "cjs",
    inputs: [...sharedInputs, "electron"],
  },
  {
    entry: "electron/preload.ts",
    output: "out/electron/preload.cjs",
    format: "cjs",
    // A preload script finds no Node modules in the page's sandbox.
    sandboxed: true,
    inputs: [...sharedInputs, "electron"],
  },
  {
    entry: "electron/engine-process.ts",
    output: "out/electron/engine-process.cjs",
    format: "cjs",
    inputs: [...nodeInputs, "electron"],
  },
  {
    entry: "electron/simulator-process.ts",
    output: "out/electron/simulator-process.cjs",
    format: "cjs",
    inputs: [...nodeInputs, "electron"],
  },
];

const renderer = {
  entry: "renderer/index.html",
  output: "out/renderer",
  inputs: [...sharedInputs, "renderer", "vite.config.ts"],
};

/**
 * Builds into `out/` whatever changed since the last build. A part whose entry does not exist is left out.
 * @param {string} root the checkout
 */
export async function build(root) {
  const recordFile = join(root, "out", ".build.json");
  /** @type {Record<string, string>} what was built, by output, as the hash of its inputs */
  const record = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, "utf8")) : {};
  const hashes = new Map();

  for (const part of [...bundles, renderer]) {
    if (!existsSync(join(root, part.entry))) continue;
    const hash = hashOf(root, part.inputs, hashes);
    if (record[part.output] === hash && existsSync(join(root, part.output))) continue;
    say(`Building ${part.output} …`);
    await (part === renderer ? buildRenderer(root) : bundle(root, part));
    record[part.output] = hash;
    writeWhole(recordFile, JSON.stringify(record, null, 2));
  }
  writeAppDescription(root);
}

/**
 * Builds a program of the tests, e.g. `test/cursors/main.ts`.
 * @param {string} root the checkout
 * @param {string} entry
 * @returns {Promise<string>} the program that Node can run
 */
export async function buildTestProgram(root, entry) {
  const output = join("out", entry.replace(/\.ts$/, ".mjs"));
  await bundle(root, { entry, output, format: "esm" });
  return join(root, output);
}

/**
 * ES modules are split: what is imported only when it is needed becomes a file of its own, in the folder `NAME-chunks`
 * beside the entry, so that nothing else reads and compiles it.
 * @param {string} root @param {Pick<typeof bundles[number], "entry" | "output" | "format" | "sandboxed">} part
 */
async function bundle(root, { entry, output, format, sandboxed }) {
  const { build: esbuild } = await import("esbuild");
  const cjs = format === "cjs";
  const { dir, name, ext } = parse(output);
  const chunks = `${name}-chunks`;
  const result = await esbuild({
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: name }],
    bundle: true,
    splitting: !cjs,
    write: false,
    outdir: dir,
    outExtension: { ".js": ext },
    chunkNames: `${chunks}/[name]-[hash]`,
    platform: "node",
    target: "node18",
    format: cjs ? "cjs" : "esm",
    external: ["electron", "@duckdb/node-bindings"],
    loader: { ".sql": "text" },
    banner: { js: sandboxed ? "" : cjs ? urlForCommonJs : requireForModules },
    define: cjs ? { "import.meta.url": "__import_meta_url" } : {},
    legalComments: "none",
    logLevel: "warning",
  });
  // The entry comes after its chunks, so that it never names one that is not there yet; what it named earlier goes last.
  const isEntry = ({ path }) => path === join(root, output);
  const inOrder = [...result.outputFiles].sort((one, other) => Number(isEntry(one)) - Number(isEntry(other)));
  for (const { path, contents } of inOrder) writeWhole(path, contents);
  const written = new Set(result.outputFiles.map(({ path }) => path));
  for (const file of filesUnder(join(root, dir, chunks))) if (!written.has(file)) rmSync(file);
}

/** @param {string} root */
async function buildRenderer(root) {
  const { build: vite } = await import("vite");
  const output = join(root, renderer.output);
  const fresh = `${output}.new`;
  await vite({
    configFile: join(root, "vite.config.ts"),
    build: { outDir: fresh, emptyOutDir: true },
    logLevel: "warn",
  });
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
}

/** Makes `out/` a folder that Electron can start. @param {string} root */
function writeAppDescription(root) {
  const { name, productName, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const file = join(root, "out", "package.json");
  const text = JSON.stringify({ name, productName, version, main: "electron/main.cjs" }, null, 2);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeWhole(file, text);
}

/** Another process that starts from `out/` meanwhile sees the old file or the new one, never half of it. */
function writeWhole(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, content);
  renameSync(part, file);
}

/** SHA-256 over names and contents, tests left out. */
function hashOf(root, inputs, known) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    if (!known.has(input)) known.set(input, hashOfInput(root, input));
    hash.update(known.get(input));
  }
  return hash.digest("hex");
}

function hashOfInput(root, input) {
  const path = join(root, input);
  const hash = createHash("sha256");
  for (const file of filesUnder(path))
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (/\.[a-z]+$/.test(path)) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await build(dirname(dirname(fileURLToPath(import.meta.url))));
