import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { badInput, failed } from "../../contract/failure.ts";
import type { Project as ProjectInfo, Workspace } from "../../contract/project.ts";
import { type SourceName, sourceNames } from "../../contract/source.ts";
import { isoTime, now } from "../clock.ts";
import { Journal } from "../journal/journal.ts";
import { sweepUncounted } from "../sources/uncounted-loader.ts";
import { Store } from "../store/store.ts";
import { activeWorkspace, storedWorkspaces } from "../workspace/stored-workspaces.ts";
import { breakSeal, changedWhileClosed, closeSealed, lookAtClosed } from "./closing-seal.ts";

interface Identity {
  [key: string]: unknown;
  name: string;
  sourcePriority: SourceName[];
  practice: boolean;
  createdAt: string;
}

export interface NewProject {
  folder: string;
  name?: string | undefined;
  /** Sources left out follow in the default order. */
  sourcePriority?: readonly SourceName[] | undefined;
  practice?: boolean | undefined;
}

/** One migration project: a folder with its database, the files that landed in it, and its journal. */
export class Project {
  readonly folder: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly identity: Identity;

  private constructor(folder: string, store: Store, journal: Journal, identity: Identity) {
    this.folder = folder;
    this.store = store;
    this.journal = journal;
    this.identity = identity;
  }

  /** Makes the folder, which must be new or empty, readable by its owner only. */
  static async create(request: NewProject): Promise<Project> {
    const folder = resolve(request.folder);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readdir(folder)).length > 0) {
        throw badInput(
          "FOLDER_NOT_EMPTY",
          `${folder} is not empty.`,
          "Choose a new folder, or open it if it is a project already.",
        );
      }
      await chmod(folder, 0o700);
      await mkdir(join(folder, "landing"), { mode: 0o700 });
      await mkdir(join(folder, "exports"), { mode: 0o700 });
    } catch (error) {
      throw folderFailure(folder, error);
    }
    const given = [...new Set(request.sourcePriority ?? [])];
    const identity: Identity = {
      name: request.name ?? basename(folder),
      sourcePriority: [...given, ...sourceNames.filter((source) => !given.includes(source))],
      practice: request.practice ?? false,
      createdAt: isoTime(now()),
    };
    const store = await Store.open(folder);
    await store.changeSetting("project", identity as never);
    return Project.#assemble(folder, store, identity, "project_created", []);
  }

  static async open(requested: string): Promise<Project> {
    const folder = resolve(requested);
    try {
      await stat(join(folder, "project.duckdb"));
    } catch (error) {
      throw folderFailure(folder, error);
    }
    const closed = await lookAtClosed(folder);
    let changed: string[] = [];
    const store = await Store.open(folder, async (opened) => {
      changed = await changedWhileClosed(opened, closed);
      if (changed.length === 0) await breakSeal(folder);
    });
    const identity = (await store.setting("project")) as Identity | undefined;
    if (!identity) {
      store.close();
      throw failed(
        "PROJECT_DAMAGED",
        `${folder} holds a database without a project in it.`,
        "Take the folder back from a backup, or start a new project.",
      );
    }
    return Project.#assemble(folder, store, identity, "project_opened", changed);
  }

  /** @param changed tables that something else wrote to while the project was closed */
  static async #assemble(
    folder: string,
    store: Store,
    identity: Identity,
    event: string,
    changed: string[],
  ): Promise<Project> {
    try {
      const journal = await Journal.open(folder, store);
      await journal.append(event);
      if (changed.length > 0) {
        await journal.append("database_changed", { tables: changed });
        // Not before that is on record.
        await breakSeal(folder);
      }
      await sweepUncounted(store);
      return new Project(folder, store, journal, identity);
    } catch (error) {
      store.close();
      throw folderFailure(folder, error);
    }
  }

  get sourcePriority(): readonly SourceName[] {
    return this.identity.sourcePriority;
  }

  /** The Customer.io workspace that every call works on, or null before the first connection. */
  async workspace(): Promise<Workspace | null> {
    return activeWorkspace(this.store);
  }

  async info(): Promise<ProjectInfo> {
    const { name, sourcePriority, practice, createdAt } = this.identity;
    return {
      folder: this.folder,
      name,
      sourcePriority,
      practice,
      createdAt,
      workspace: await this.workspace(),
      workspaces: await storedWorkspaces(this.store),
    };
  }

  async close(): Promise<void> {
    await this.journal.close();
    await closeSealed(this.folder, this.store);
  }
}

function folderFailure(folder: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") {
    return badInput(
      "NO_PROJECT",
      `There is no project in ${folder}.`,
      "Make one with `sendgate new`, or choose another folder.",
      error,
    );
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return badInput("NO_FOLDER", `${folder} is a file, not a folder.`, "Choose a folder.", error);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return badInput(
      "PROJECT_READ_ONLY",
      `${folder} cannot be written.`,
      "Give yourself write access to it, or choose another folder.",
      error,
    );
  }
  return error;
}
