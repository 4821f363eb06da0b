import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { importFiles } from "../../engine/sources/import-files.ts";
import { startIterableSimulator } from "../../simulators/iterable/simulator.ts";
import { pulledProject } from "./pulled-project.ts";

it("whom Iterable forgets by its own userId is found among the users read before, though that is not the user_id", async () => {
  const migration = await pulledProject(20);
  const iterable = await startIterableSimulator({ mode: "userID", people: [], minuteMs: 500 });
  onTestFinished(() => iterable.close());
  Object.assign(migration.vendors, { iterable });
  iterable.events.addPerson({ email: "gone@example.org", userId: "Own-1", fields: { crm: "C1" } });
  iterable.events.addPerson({ email: "here@example.org", userId: "Own-2", fields: { crm: "C2" } });
  await migration.pull("iterable", { userIdField: "crm" });
  iterable.events.forget("Own-1");
  await migration.pull("iterable");
  await migration.merge();
  expect(
    await migration.project.store.rows(
      "SELECT email_key, level FROM suppression JOIN address USING (address_id) ORDER BY 1",
    ),
  ).toEqual([{ email_key: "gone@example.org", level: 0 }]);
});

it("whoever asked Iterable to be forgotten is forgotten in every other source too, now and later", async () => {
  const migration = await pulledProject(60);
  const { iterable, mailchimp } = migration.vendors;
  mailchimp.events.addPerson({ email: "Gone@Example.org" });
  iterable.events.addPerson({ email: "gone@example.org" });
  iterable.events.addPerson({ email: "later@example.org" });
  iterable.events.forget("gone@example.org");
  iterable.events.forget("later@example.org");
  await migration.pull("mailchimp");
  await migration.pull("iterable");
  await migration.merge();
  const levels = () =>
    migration.project.store.rows(
      `SELECT email_key, level FROM suppression JOIN address USING (address_id)
       WHERE email_key IN ('gone@example.org', 'later@example.org') ORDER BY 1`,
    );
  expect(await levels()).toEqual([{ email_key: "gone@example.org", level: 0 }]);

  const file = join(migration.folder, "crm.csv");
  await writeFile(file, "user_id,email\n77,later@example.org\n");
  await migration.desk.run("import", (progress) =>
    importFiles(migration.project, { source: "csv", files: [file], means: "profiles" }, progress),
  );
  await migration.merge();
  expect(await levels()).toEqual([
    { email_key: "gone@example.org", level: 0 },
    { email_key: "later@example.org", level: 0 },
  ]);
  const before = await migration.project.store.rows("SELECT count(*) AS files FROM source_file");
  await migration.merge();
  expect(await migration.project.store.rows("SELECT count(*) AS files FROM source_file")).toEqual(before);
});
