import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "../../engine/project/project.ts";
import { state, TestMigration } from "./test-migration.ts";

const root = join(import.meta.dirname, "..", "..");
/** Inside the checkout, so that the child finds the database's package. */
const child = join(root, "node_modules", ".cache", "sendgate", `upload-child-${process.pid}.mjs`);

/** Uploads the suppressions of one project, in a process of its own. */
const childSource = `
  import { createCustomerIoClient } from "./customerio/client.ts";
  import { uploadSuppressions } from "./engine/delivery/upload.ts";
  import { Project } from "./engine/project/project.ts";
  const { folder, url, keys } = JSON.parse(process.argv[2]);
  const project = await Project.open(folder);
  const client = createCustomerIoClient({ credentials: keys, endpoint: url, appRequestsPerSecond: 200 });
  const progress = { start() {}, async report() {}, signal: new AbortController().signal };
  await uploadSuppressions(project, client, {}, progress);
  await project.close();
`;

let migration: TestMigration;
beforeAll(async () => {
  mkdirSync(join(child, ".."), { recursive: true });
  await build({
    stdin: { contents: childSource, resolveDir: root, loader: "ts" },
    bundle: true,
    outfile: child,
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
  migration = await TestMigration.start();
});
afterAll(() => migration.end());

async function uploadAndKillAfter(requests: number): Promise<void> {
  const { simulator, project } = migration;
  await project.close();
  const target = simulator.requestCount() + requests;
  const request = JSON.stringify({ folder: project.folder, url: simulator.url, keys: simulator.keys });
  const process = spawn(globalThis.process.execPath, [child, request], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(process, "exit");
  const watch = setInterval(() => {
    if (simulator.requestCount() >= target) process.kill("SIGKILL");
  }, 1);
  const [code, signal] = await ended;
  clearInterval(watch);
  expect(signal ?? code).toBe("SIGKILL");
  migration.project = await Project.open(project.folder);
}

test("an upload that is killed again and again loses nothing and sends nothing twice that was noted as delivered", async () => {
  const addresses = 300;
  await migration.import("csv", [
    ...Array.from({ length: addresses }, (_, index) => ({
      email: `b${index}@x.com`,
      states: [state("hard_bounce")],
    })),
    ...Array.from({ length: 20 }, (_, index) => ({
      userId: `u${index}`,
      email: `u${index}@x.com`,
      states: [state("complaint")],
    })),
  ]);
  await migration.merge();
  await migration.plan();
  let delivered = 0;
  for (const requests of [40, 70, 110]) {
    await uploadAndKillAfter(requests);
    const { done } = (await migration.project.store.row<{ done: number }>(
      "SELECT count(*) AS done FROM delivery WHERE state = 'done'",
    ))!;
    expect(done).toBeGreaterThanOrEqual(delivered);
    delivered = done;
    expect((await migration.gate()).open).toBe(false);
  }
  expect(delivered).toBeGreaterThan(0);
  const before = migration.simulator.requestCount();
  const report = await migration.upload();
  expect(report).toMatchObject({ delivered: report.operations, failed: 0 });
  const lists = migration.simulator
    .requests()
    .slice(before)
    .filter(({ path }) => path.startsWith("/v1/esp/"));
  expect(lists).toHaveLength(addresses + 20 - delivered);
  expect((await migration.verify()).missing).toBe(0);
  expect((await migration.gate()).open).toBe(true);
}, 60_000);
