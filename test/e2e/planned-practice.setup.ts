import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRouterClient } from "@orpc/server";
import type { TestProject } from "vitest/node";
import { practicePace } from "../../contract/practice-pace.ts";
import { createEngine } from "../../engine/engine.ts";
import { writePracticeExports } from "../../simulators/exports/practice-exports.ts";
import { startPracticeVendors } from "../../simulators/practice-vendors.ts";

/** The people of a practice migration that the window starts. */
const crowd = { people: 2000, seed: 1 };

/**
 * Makes a practice migration that has come up to the plan, once for all tests and without a window: the project's
 * folder, and beside it what happened at its simulators.
 */
export default async function setUp({ provide }: TestProject) {
  const place = await mkdtemp(join(tmpdir(), "sendgate-planned-"));
  await comeUpToThePlan(place);
  provide("plannedPractice", place);
  return () => rm(place, { recursive: true, force: true });
}

async function comeUpToThePlan(place: string): Promise<void> {
  const vendors = await startPracticeVendors({
    ...crowd,
    folder: join(place, "vendors"),
    pace: practicePace,
  });
  const engine = createEngine({
    name: "window",
    credentials: async () => vendors.customerio.keys,
    sourceKey: async (source) => (source === "csv" ? null : vendors[source].key),
    practiceAppRequestsPerSecond: practicePace.appRequestsPerSecond,
    practiceMinuteMs: practicePace.minuteMs,
  });
  const client = createRouterClient(engine.router);
  try {
    const name = "Practice migration";
    await client.project.create({ folder: join(place, name), name, practice: true });
    await client.workspace.connect({ role: "staging", endpoint: vendors.customerio.url });
    for (const source of ["mailchimp", "klaviyo", "iterable"] as const) {
      const at = { source, endpoint: vendors[source].url };
      const { suggestion: userIdField } = await client.sources.connect(at);
      await client.sources.pull({ ...at, userIdField });
    }
    for (const request of await writePracticeExports(join(place, "exports"), {
      ...crowd,
      sources: ["csv"],
    })) {
      await client.sources.importFiles(request);
    }
    await client.sources.acceptRejects({ file: "all", reason: "Looked at each: none is an opt-out." });
    await client.merge.run();
    await client.plan.make({});
  } finally {
    await engine.close();
    await vendors.close();
  }
}

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder that holds the practice migration with its plan. */
    plannedPractice: string;
  }
}
