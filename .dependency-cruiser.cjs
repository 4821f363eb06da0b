/**
 * The house's arrows (docs/architecture.md). A folder may import what stands in its list, and itself; nothing else of ours.
 */
const arrows = {
  contract: [],
  pacing: ["contract"],
  importers: ["contract", "pacing"],
  customerio: ["contract", "pacing"],
  engine: ["contract", "importers", "customerio"],
  simulators: [],
  electron: ["contract"],
  renderer: ["contract"],
  cli: ["contract", "engine", "simulators"],
};
const ours = [...Object.keys(arrows), "test", "scripts"].join("|");

/** The entries of the two processes that the shell starts: they are the process, so they may hold what runs in it. */
const processEntries = ["^electron/engine-process\\.ts$", "^electron/simulator-process\\.ts$"];

module.exports = {
  forbidden: [
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^electron$" } },
    ...Object.entries(arrows).map(([folder, allowed]) => ({
      name: `${folder}-imports-only-${allowed.join("-") || "nothing-of-ours"}`,
      severity: "error",
      from: { path: `^${folder}/`, pathNot: folder === "electron" ? processEntries : ["^$"] },
      to: { path: `^(${ours})/`, pathNot: `^(${[folder, ...allowed].join("|")})/` },
    })),
    {
      name: "engine-process-starts-the-engine",
      severity: "error",
      from: { path: processEntries[0] },
      to: { path: `^(${ours})/`, pathNot: "^(contract|electron|engine)/" },
    },
    {
      name: "simulator-process-starts-the-simulators",
      severity: "error",
      from: { path: processEntries[1] },
      to: { path: `^(${ours})/`, pathNot: "^(contract|electron|simulators)/" },
    },
    {
      name: "no-test-in-the-product",
      severity: "error",
      from: { pathNot: "\\.test\\.tsx?$|^test/|/testing/" },
      to: { path: "\\.test\\.tsx?$|^test/|/testing/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(out|dist|node_modules|test-results)/" },
    includeOnly: { path: `^(${ours})/` },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json", ".sql"] },
  },
};
