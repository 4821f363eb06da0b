import { expect, it } from "vitest";
import { gateState } from "../../engine/gate/gate.ts";
import { pulledSources } from "../../engine/pulls/pulled-sources.ts";
import { standardField } from "../../engine/pulls/source-connection.ts";
import { pulledProject } from "./pulled-project.ts";

const codes = async (migration: Awaited<ReturnType<typeof pulledProject>>) =>
  (await gateState(migration.project)).blockers.map(({ code }) => code);

it("a field that is the user_id by its name is taken, and said in the report", async () => {
  const migration = await pulledProject(40);
  expect(await migration.pull("klaviyo")).toMatchObject({ user_id_field: "external_id" });
  expect(await codes(migration)).not.toContain("USER_ID_UNCONFIRMED");
});

it("a field that merely looks like one is not guessed: people stay known by their address and the gate locked until the operator says", async () => {
  const migration = await pulledProject(0);
  const { klaviyo } = migration.vendors;
  for (let number = 1; number <= 8; number++)
    klaviyo.events.addPerson({
      email: `p${number}@example.org`,
      properties: { "Loyalty card": `L-${number}` },
    });
  const report = await migration.pull("klaviyo");
  expect(report.user_id_field).toBeNull();
  expect(report.notes[0]).toContain("Loyalty card");
  expect(await codes(migration)).toContain("USER_ID_UNCONFIRMED");
  const [source] = await pulledSources(migration.project.store);
  expect(source!.unconfirmed).toContain("Loyalty card");

  const chosen = await migration.pull("klaviyo", { userIdField: "properties.Loyalty card" });
  expect(chosen).toMatchObject({ kind: "full", changed: 8 });
  expect((await migration.merge()).persons).toBe(8);
  expect(await codes(migration)).not.toContain("USER_ID_UNCONFIRMED");
});

it("another field for the user_id makes no ghosts of the people who had opted out", async () => {
  const migration = await pulledProject(80);
  await migration.pull("klaviyo");
  const before = await migration.merge();
  const again = await migration.pull("klaviyo", { userIdField: null });
  expect(again.kind).toBe("full");
  const after = await migration.merge();
  expect(after.persons).toBe(0);
  expect(after.suppressed_addresses).toBeGreaterThanOrEqual(before.suppressed_addresses - before.persons);
  const ids = await migration.project.store.rows(
    "SELECT count(*) AS records FROM live_record WHERE user_id IS NOT NULL AND email_key IS NOT NULL",
  );
  expect(ids).toEqual([{ records: 0 }]);
});

it("a named field with one value for everybody names nobody", () => {
  const field = { field: "external_id", named: true, sampled: 50, filled: 50, distinct: 1, examples: ["1"] };
  expect(standardField([field])).toBeNull();
  expect(standardField([{ ...field, distinct: 50 }])).toBe("external_id");
});
