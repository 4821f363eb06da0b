import { afterAll, beforeAll, expect, test } from "vitest";
import { faultMatrix } from "./matrix.ts";
import { PlannedProjects } from "./planned-project.ts";
import { runCase } from "./run-case.ts";

let projects: PlannedProjects;
beforeAll(async () => {
  projects = await PlannedProjects.start();
});
afterAll(() => projects.end());

/** One of every sort; `npm run test:faults` runs them all, and kills besides. */
const some = [
  "batch 1: a reset after the fact",
  "batch 1: 413",
  "list entry 1: 429",
  "page of a list 1: an HTML page",
  "profiles by id 1: a truncated answer",
  "item middle: refuse",
  "item middle: drop",
  "list entry bounces/bounced.1: 422 every time",
  "every write: 200 and nothing comes of it",
  "writes never take effect in the first run",
  "batch of profiles: 503 every time",
];

test.each(some)("no trouble opens the gate unproven or loses anything in silence: %s", async (name) => {
  const fault = faultMatrix().find((one) => one.name === name);
  expect(fault, "the matrix has this case").toBeDefined();
  expect(await runCase(projects, fault!)).toEqual({
    gateOpenedUnproven: false,
    lost: [],
    unreported: [],
    stuck: null,
  });
});
