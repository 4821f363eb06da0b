import { rm } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { isSuppressing } from "../../contract/consent.ts";
import { type SourceName, type SourceRecord, sourceNames } from "../../contract/source.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { openSourceFile } from "../../importers/open-file.ts";
import { importers } from "../../importers/registry.ts";
import { writePracticeExports } from "../../simulators/exports/practice-exports.ts";
import { describeApiImporter } from "./api-importer.suite.ts";
import { apiSources } from "./api-sources.ts";
import { pull } from "./landing.ts";

const world = { people: 300, seed: 3 };

/** What every source must do, over whichever ways it has. Its files alone: `importers/importer-suite.ts`. */
describe.each(sourceNames)("%s", (source) => {
  const { files, api } = importers[source];

  test("has the same name in every place", () => {
    expect([files.source, api?.source ?? source]).toEqual([source, source]);
    expect(Object.keys(apiSources).includes(source), "an entry in api-sources.ts").toBe(api !== null);
  });

  test("its files do what they declare", async () => {
    const records = await recordsOfFiles(source);
    expect(records.length).toBeGreaterThan(0);
    const topics = records.flatMap(({ states }) =>
      states.filter(({ level }) => level === "unsubscribed_topic"),
    );
    expect(topics.length > 0).toBe(files.capabilities.topics);
    // Nobody can ask a file what changed, or whether it is all that there is.
    expect(files.capabilities).toMatchObject({ full: false, delta: false, declaredTotals: false });
  });

  if (api !== null) {
    test("whoever its files know comes over its API too, and stays suppressed where they say so", async () => {
      const now = Date.now();
      const vendor = await apiSources[source]!.start(world.people, () => now);
      onTestFinished(() => vendor.close());
      expect(api.capabilities.full).toBe(true);
      const { landing } = await pull(vendor.connect());
      const [inFiles, overApi] = [
        statesOf(await recordsOfFiles(source)),
        statesOf([...landing.records.values()]),
      ];
      expect(overApi.size).toBeGreaterThan(100);
      expect([...inFiles.keys()].filter((email) => !overApi.has(email))).toEqual([]);
      expect([...inFiles].filter(([email, suppressed]) => suppressed && !overApi.get(email))).toEqual([]);
    });
  }
});

for (const [name, source] of Object.entries(apiSources)) describeApiImporter(name, source);

/** Everything in the export files of the invented world. */
async function recordsOfFiles(source: SourceName): Promise<SourceRecord[]> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [written] = await writePracticeExports(folder, { ...world, sources: [source] });
  const { files, means } = written!;
  const records: SourceRecord[] = [];
  for (const file of files)
    for (const part of await openSourceFile(file, source, means ? { means } : {}))
      for await (const batch of part.read()) records.push(...batch.records);
  return records;
}

/** By address, whether anything said of it suppresses. */
function statesOf(records: readonly SourceRecord[]): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const { email, states } of records) {
    const key = email?.trim().toLowerCase();
    if (key) found.set(key, (found.get(key) ?? false) || states.some(({ level }) => isSuppressing(level)));
  }
  return found;
}
