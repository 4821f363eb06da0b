import * as z from "zod";
import { WorkspaceRoleSchema } from "./project.ts";

/**
 * What a write says besides itself. `confirm` is the name of the workspace, which Customer.io's own production
 * workspaces ask for before anything is written to them (invariant 10); simulators and staging ask for nothing.
 */
export const ConfirmedSchema = z.object({ confirm: z.string().optional() });

/** `practice`: a simulator that stood in for a role before the role was connected to Customer.io itself. */
export const stages = ["practice", "staging", "production"] as const;
export const StageSchema = z.enum(stages);
export type Stage = z.infer<typeof StageSchema>;

export const StageRunSchema = z.object({
  planHash: z.string(),
  workspaceId: z.number().int(),
  /** The workspace was a simulator. */
  simulated: z.boolean(),
  /** When its latest upload or reading back ended. */
  at: z.string(),
  /** The latest upload of the suppressions; null where there was none. */
  suppressions: z
    .object({ operations: z.number().int(), delivered: z.number().int(), failed: z.number().int() })
    .nullable(),
  /** The latest reading back. */
  readBack: z
    .object({
      addresses: z.number().int(),
      persons: z.number().int(),
      covered: z.number().int(),
      missing: z.number().int(),
    })
    .nullable(),
  /** The latest upload of the profiles. */
  profiles: z
    .object({ operations: z.number().int(), delivered: z.number().int(), failed: z.number().int() })
    .nullable(),
  /** All its uploads and readings together. */
  seconds: z.number(),
  /** Why writes were refused or suppressions not found, in words; counted over the first 100 of each report. */
  reasons: z.array(z.object({ reason: z.string(), count: z.number().int() })),
});
export type StageRun = z.infer<typeof StageRunSchema>;

/** `rehearsal --json`: the same plan on a simulator, then in staging, then in production, and what differed. */
export const RehearsalSchema = z.object({
  /** The plan that stands; null before the first one. */
  planHash: z.string().nullable(),
  stages: z.array(
    z.object({
      stage: StageSchema,
      /** One for each plan, newest first, at most 20. */
      runs: z.array(StageRunSchema),
    }),
  ),
  /** The last stage before production in which all of the plan's suppressions were delivered and read back; null where none was. */
  rehearsedIn: StageSchema.nullable(),
  /** Production held against that stage, for the plan that stands; empty where one of the two is missing. */
  differences: z.array(z.object({ what: z.string(), rehearsed: z.string(), production: z.string() })),
  /** What to think of before production is written; null where there is nothing. Warns, never locks. */
  warning: z.string().nullable(),
});
export type Rehearsal = z.infer<typeof RehearsalSchema>;

/** What of a plan can be taken back once it is written, and what cannot. */
export const UndoOutlookSchema = z.object({
  takeBack: z.array(z.object({ what: z.string(), operations: z.number().int(), how: z.string() })),
  final: z.array(z.object({ what: z.string(), operations: z.number().int(), why: z.string() })),
});
export type UndoOutlook = z.infer<typeof UndoOutlookSchema>;

export const UndoRequestSchema = ConfirmedSchema.extend({
  /** Addresses whose ESP list entries are taken back; `all`: every entry of ours that no source asks for any more. */
  esp: z.union([z.literal("all"), z.array(z.string()).min(1)]),
  /** Why; kept on record. */
  reason: z.string().trim().min(1),
});
export type UndoRequest = z.infer<typeof UndoRequestSchema>;

/** `undo --json`. */
export const UndoReportSchema = z.object({
  /** Entries that were taken off their list and are seen to be gone. */
  takenBack: z.number().int(),
  /** Accepted, and still seen on the list: run it again. */
  stillThere: z.number().int(),
  /** What stays, the first 100, each with the reason. */
  kept: z.number().int(),
  keptItems: z.array(z.object({ subject: z.string(), reason: z.string(), nextStep: z.string() })),
});
export type UndoReport = z.infer<typeof UndoReportSchema>;

export const EraseRequestSchema = z.object({
  userIds: z.array(z.string()).default([]),
  emails: z.array(z.string()).default([]),
  /** Everybody who asked a source to be forgotten. */
  forgotten: z.boolean().default(false),
  /** `erase N people in NAME`, to the letter. */
  confirm: z.string().optional(),
});
export type EraseRequest = z.infer<typeof EraseRequestSchema>;

/** What an erasure would do. */
export const ErasePreviewSchema = z.object({
  workspace: z.object({ role: WorkspaceRoleSchema, id: z.number().int(), name: z.string() }),
  people: z.number().int(),
  /** Profiles that would be deleted for ever. */
  profiles: z.number().int(),
  /** Ids and addresses that would be blocked for ever. */
  identifiers: z.number().int(),
  /** Addresses that stay, since somebody else holds them too. */
  left: z.array(z.object({ subject: z.string(), reason: z.string(), nextStep: z.string() })),
  /** What has to be typed. */
  confirm: z.string(),
});
export type ErasePreview = z.infer<typeof ErasePreviewSchema>;

/** `erase --json`. */
export const EraseReportSchema = ErasePreviewSchema.omit({ confirm: true }).extend({
  /** Identifiers that Customer.io took and that are seen to be gone. */
  erased: z.number().int(),
  /** Taken, and still seen: run it again. */
  stillThere: z.number().int(),
  refused: z.array(z.object({ subject: z.string(), reason: z.string(), nextStep: z.string() })),
});
export type EraseReport = z.infer<typeof EraseReportSchema>;
