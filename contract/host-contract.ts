import * as z from "zod";
import { call } from "./call.ts";
import { ProjectSchema, SourceNameSchema, WorkspaceRoleSchema } from "./project.ts";
import { fileMeanings } from "./source.ts";

/** The keys of one Customer.io workspace. They go into the keychain and to the engine, and never come back to the window. */
export const CustomerIoKeysSchema = z.object({
  siteId: z.string().trim().min(1),
  trackApiKey: z.string().trim().min(1),
  appApiKey: z.string().trim().min(1),
});
export type CustomerIoKeys = z.infer<typeof CustomerIoKeysSchema>;

const PracticeExport = z.object({
  source: SourceNameSchema,
  files: z.array(z.string()),
  /** What to say about files that do not say it themselves. */
  means: z.enum(fileMeanings).optional(),
});

/** What a practice migration works with. */
export const PracticeSchema = z.object({
  endpoint: z.url(),
  /** The simulated old tools, to be pulled over their APIs; their keys are handed to the engine. */
  sources: z.array(z.object({ source: SourceNameSchema, endpoint: z.url() })),
  /** What has no API. */
  exports: z.array(PracticeExport),
  /** An API-triggered broadcast that exists in the simulator. */
  broadcastId: z.number().int(),
});

const FileFilter = z.object({ name: z.string(), extensions: z.array(z.string()) });

/**
 * What the window can ask of the desktop shell: dialogs, keychain, practice mode.
 * Paths come from the system's own dialogs or from dropped files.
 */
export const hostContract = {
  app: {
    info: call.output(z.object({ version: z.string(), platform: z.string(), electron: z.string() })),
    /** Shows a file that Sendgate wrote in the system's file manager. */
    showInFolder: call.input(z.object({ file: z.string() })).output(z.void()),
  },
  dialogs: {
    /** Null where the operator cancels. */
    openFolder: call.input(z.object({ title: z.string() })).output(z.string().nullable()),
    openFiles: call
      .input(z.object({ title: z.string(), filters: z.array(FileFilter).optional() }))
      .output(z.array(z.string())),
    saveFile: call
      .input(
        z.object({ title: z.string(), defaultName: z.string(), filters: z.array(FileFilter).optional() }),
      )
      .output(z.string().nullable()),
  },
  projects: {
    /** Latest first, at most ten; folders that are gone are left out. */
    recent: call.output(z.array(ProjectSchema.pick({ folder: true, name: true, practice: true }))),
    remember: call.input(ProjectSchema.pick({ folder: true, name: true, practice: true })).output(z.void()),
  },
  keychain: {
    state: call.output(
      z.object({
        /** False where the system has no real keychain: keys are then held for this session only. */
        persistent: z.boolean(),
        held: z.record(WorkspaceRoleSchema, z.boolean()),
        /** The sources whose API key is held. */
        sources: z.array(SourceNameSchema),
      }),
    ),
    store: call.input(z.object({ role: WorkspaceRoleSchema, keys: CustomerIoKeysSchema })).output(z.void()),
    forget: call.input(z.object({ role: WorkspaceRoleSchema })).output(z.void()),
    storeSource: call
      .input(z.object({ source: SourceNameSchema, key: z.string().trim().min(1) }))
      .output(z.void()),
    forgetSource: call.input(z.object({ source: SourceNameSchema })).output(z.void()),
  },
  practice: {
    /**
     * Starts the Customer.io simulator (once), invents people and writes their export files.
     * `folder` is a free folder for the practice project; the simulator's keys are handed to the engine.
     */
    start: call
      .input(z.object({ people: z.number().int().min(10).max(200_000).optional() }))
      .output(PracticeSchema.extend({ folder: z.string() })),
    /**
     * For a practice project opened again: starts the simulator with the state that it kept in the project's folder.
     * `exports` is empty where the files written at its start are gone.
     */
    resume: call.input(z.object({ folder: z.string() })).output(PracticeSchema),
    /** Some invented people opt out, bounce or complain in the simulated old tools, for a sync to find. */
    timePasses: call.output(z.object({ events: z.number().int() })),
  },
};
