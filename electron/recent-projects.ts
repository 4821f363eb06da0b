import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { ProjectSchema } from "../contract/project.ts";
import { writeOwnerOnly } from "./owner-only-file.ts";

const RecentProjectSchema = ProjectSchema.pick({ folder: true, name: true, practice: true });
export type RecentProject = z.infer<typeof RecentProjectSchema>;

const atMost = 10;

/** The projects opened last, latest first, in one small JSON file. */
export class RecentProjects {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Folders that are gone are left out. */
  async list(): Promise<RecentProject[]> {
    return (await this.#read()).filter((project) => existsSync(project.folder));
  }

  async remember(project: RecentProject): Promise<void> {
    const others = (await this.list()).filter((each) => each.folder !== project.folder);
    await writeOwnerOnly(this.#file, JSON.stringify([project, ...others].slice(0, atMost)));
  }

  async #read(): Promise<RecentProject[]> {
    try {
      return z.array(RecentProjectSchema).parse(JSON.parse(await readFile(this.#file, "utf8")));
    } catch {
      // Missing or unreadable: the list is a convenience, not data.
      return [];
    }
  }
}
