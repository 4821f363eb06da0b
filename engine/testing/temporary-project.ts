import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { MergeSummary } from "../../contract/merge.ts";
import type { FileMeaning, SourceName } from "../../contract/source.ts";
import type { ImportReport, ImportRequest } from "../../contract/sources.ts";
import { ActivityDesk } from "../activity/activity.ts";
import { merge } from "../merge/merge.ts";
import { Project } from "../project/project.ts";
import { importFiles } from "../sources/import-files.ts";
import { abandon } from "./abandon.ts";

/** A folder of the running test's own; gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sendgate-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A project in a temporary folder, with short ways to fill and merge it. */
export interface TemporaryProject {
  project: Project;
  folder: string;
  /** Writes a file of that name and content and imports it. */
  importText(
    source: SourceName,
    name: string,
    text: string | Buffer,
    more?: Partial<ImportRequest>,
  ): Promise<ImportReport>;
  /** A CSV of user_ids and addresses that all mean the same. */
  importPeople(
    means: FileMeaning,
    people: readonly { user_id?: string; email?: string }[],
  ): Promise<ImportReport>;
  merge(): Promise<MergeSummary>;
}

export async function temporaryProject(): Promise<TemporaryProject> {
  const folder = await temporaryFolder();
  const project = await Project.create({ folder: join(folder, "project") });
  onTestFinished(() => abandon(project));
  const desk = new ActivityDesk();
  let files = 0;
  const importText: TemporaryProject["importText"] = async (source, name, text, more = {}) => {
    const file = join(folder, name);
    await writeFile(file, text);
    return desk.run("import", (progress) =>
      importFiles(project, { source, files: [file], ...more }, progress),
    );
  };
  return {
    project,
    folder,
    importText,
    importPeople: (means, people) => {
      const rows = people.map(({ user_id = "", email = "" }) => `${user_id},${email}`);
      return importText("csv", `people-${++files}.csv`, ["user_id,email", ...rows, ""].join("\n"), { means });
    },
    merge: () => desk.run("merge", (progress) => merge(project.store, project.sourcePriority, progress)),
  };
}
