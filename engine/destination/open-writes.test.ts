import { expect, it } from "vitest";
import { temporaryProject } from "../testing/temporary-project.ts";
import openWrites from "./open-writes.sql";

it("finds the writes that are open without comparing each with every other: a million would take hours", async () => {
  const { project } = await temporaryProject();
  const plan = await project.store.rows(`EXPLAIN ${openWrites}`, { workspaceId: 1, first: 1, last: 1_000 });
  expect(JSON.stringify(plan)).toContain("HASH_JOIN");
  expect(JSON.stringify(plan)).not.toMatch(/NL_JOIN|NESTED_LOOP_JOIN|CROSS_PRODUCT/);
});
