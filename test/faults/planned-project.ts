import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestMigration } from "../delivery/test-migration.ts";
import { recordsOf, type Size } from "./people.ts";

/** Projects with a plan, made once for each size and copied for each case. */
export class PlannedProjects {
  readonly #place: string;
  readonly #made = new Map<Size, Promise<string>>();
  #copies = 0;

  private constructor(place: string) {
    this.#place = place;
  }

  static async start(): Promise<PlannedProjects> {
    return new PlannedProjects(await mkdtemp(join(tmpdir(), "sendgate-faults-")));
  }

  async end(): Promise<void> {
    await rm(this.#place, { recursive: true, force: true });
  }

  /** The folder of a fresh copy. */
  async copy(size: Size): Promise<string> {
    const made = this.#made.get(size) ?? this.#make(size);
    this.#made.set(size, made);
    this.#copies += 1;
    const folder = join(this.#place, `copy-${this.#copies}`);
    await cp(await made, folder, { recursive: true });
    return folder;
  }

  async #make(size: Size): Promise<string> {
    const migration = await TestMigration.start();
    try {
      await migration.import("csv", recordsOf(size));
      await migration.merge();
      await migration.plan();
      const folder = join(this.#place, size);
      await migration.project.close();
      await cp(migration.project.folder, folder, { recursive: true });
      return folder;
    } finally {
      await migration.simulator.close();
      await rm(join(migration.project.folder, ".."), { recursive: true, force: true });
    }
  }
}
