import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "../../engine/project/project.ts";
import { buildChildProgram } from "../child-program.ts";
import { state, TestMigration } from "./test-migration.ts";

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

let child: Awaited<ReturnType<typeof buildChildProgram>>;
let migration: TestMigration;
beforeAll(async () => {
  child = await buildChildProgram("upload-child", childSource);
  migration = await TestMigration.start();
});
afterAll(() => migration.end());

async function uploadAndKillAfter(requests: number): Promise<void> {
  const { simulator, project } = migration;
  await project.close();
  const target = simulator.requestCount() + requests;
  const process = child.start({ folder: project.folder, url: simulator.url, keys: simulator.keys });
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
