import { isAbsolute } from "node:path";
import { implement, ORPCError } from "@orpc/server";
import { app, type BrowserWindow, shell } from "electron";
import { badInput, Failure } from "../contract/failure.ts";
import { hostContract } from "../contract/host-contract.ts";
import { chooseFiles, chooseFolder, chooseNewFile } from "./dialogs.ts";
import type { Keychain } from "./keychain.ts";
import type { Practice } from "./practice.ts";
import type { RecentProjects } from "./recent-projects.ts";

export interface Shell {
  window: BrowserWindow;
  keychain: Keychain;
  practice: Practice;
  recentProjects: RecentProjects;
}

/** What the window may ask of the desktop shell. */
export function createHostRouter({ window, keychain, practice, recentProjects }: Shell) {
  const host = implement(hostContract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { kind, code, message, nextStep } = error;
      throw new ORPCError("FAILURE", { message, data: { kind, code, message, nextStep } });
    }
  });

  return host.router({
    app: {
      info: host.app.info.handler(() => ({
        version: app.getVersion(),
        platform: process.platform,
        electron: process.versions.electron,
      })),
      showInFolder: host.app.showInFolder.handler(({ input }) => {
        if (!isAbsolute(input.file)) {
          throw badInput("NOT_A_PATH", `${input.file} is no complete path.`, "Choose the file anew.");
        }
        shell.showItemInFolder(input.file);
      }),
    },
    dialogs: {
      openFolder: host.dialogs.openFolder.handler(({ input }) => chooseFolder(window, input.title)),
      openFiles: host.dialogs.openFiles.handler(({ input }) =>
        chooseFiles(window, input.title, input.filters),
      ),
      saveFile: host.dialogs.saveFile.handler(({ input }) =>
        chooseNewFile(window, input.title, input.defaultName, input.filters),
      ),
    },
    projects: {
      recent: host.projects.recent.handler(() => recentProjects.list()),
      remember: host.projects.remember.handler(({ input }) => recentProjects.remember(input)),
    },
    keychain: {
      state: host.keychain.state.handler(async () => ({
        persistent: keychain.persistent,
        held: {
          staging: (await keychain.keys("staging")) !== null,
          production: (await keychain.keys("production")) !== null,
        },
        sources: await keychain.heldSources(),
      })),
      store: host.keychain.store.handler(({ input }) => keychain.store(input.role, input.keys)),
      forget: host.keychain.forget.handler(({ input }) => keychain.forget(input.role)),
      storeSource: host.keychain.storeSource.handler(({ input }) =>
        keychain.storeSource(input.source, input.key),
      ),
      forgetSource: host.keychain.forgetSource.handler(({ input }) => keychain.forgetSource(input.source)),
    },
    practice: {
      start: host.practice.start.handler(({ input }) => practice.start(input.people)),
      resume: host.practice.resume.handler(({ input }) => practice.resume(input.folder)),
      timePasses: host.practice.timePasses.handler(() => practice.timePasses()),
    },
  });
}
