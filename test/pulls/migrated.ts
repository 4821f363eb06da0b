import { call } from "@orpc/server";
import { expect, onTestFinished } from "vitest";
import { createEngine } from "../../engine/engine.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { startPracticeVendors } from "../../simulators/practice-vendors.ts";
import { tools } from "./pulled-project.ts";

/** A whole migration up to the open gate, every source over its API. */
export async function migrated(people = 80) {
  const vendors = await startPracticeVendors({
    people,
    seed: 5,
    pace: { appRequestsPerSecond: 400, minuteMs: 500 },
  });
  const engine = createEngine({
    name: "test",
    credentials: async () => vendors.customerio.keys,
    sourceKey: async (source) => (source === "csv" ? null : vendors[source].key),
    practiceAppRequestsPerSecond: 400,
    practiceMinuteMs: 500,
  });
  onTestFinished(async () => {
    await engine.close();
    await vendors.close();
  });
  const { router } = engine;
  await call(router.project.create, { folder: `${await temporaryFolder()}/project`, practice: true });
  await call(router.workspace.connect, { role: "production", endpoint: vendors.customerio.url });
  for (const source of tools) await call(router.sources.pull, { source, endpoint: vendors[source].url });
  const { open } = await call(router.sources.rejects, { offset: 0, limit: 1 });
  if (open > 0) await call(router.sources.acceptRejects, { file: "all", reason: "test" });
  await call(router.merge.run, undefined);
  const unread = await call(router.sources.rejects, { offset: 0, limit: 1 });
  if (unread.open > 0) await call(router.sources.acceptRejects, { file: "all", reason: "test" });
  await call(router.plan.make, {});
  await call(router.delivery.uploadSuppressions, {});
  await call(router.delivery.verify, undefined);
  expect((await call(router.gate.state, undefined)).blockers).toEqual([]);
  return { vendors, engine, router };
}
