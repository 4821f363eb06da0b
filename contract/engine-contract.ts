import { eventIterator } from "@orpc/contract";
import * as z from "zod";
import { ActivitySchema } from "./activity.ts";
import { call } from "./call.ts";
import { CertificateCheckSchema } from "./certificate.ts";
import {
  GateSchema,
  LeadSuppressionSchema,
  PlanSchema,
  ProfilesVerifyReportSchema,
  UploadReportSchema,
  VerifyReportSchema,
} from "./delivery.ts";
import {
  AttributeMappingSchema,
  AttributePreviewSchema,
  DestinationCodeSchema,
  DestinationPageSchema,
  DestinationQuerySchema,
  DestinationStateSchema,
  destinationDecisions,
} from "./destination.ts";
import { AcceptLeakSchema, LeaksSchema } from "./leaks.ts";
import {
  ConflictDetailSchema,
  ConflictPageSchema,
  ConflictQuerySchema,
  DecideReportSchema,
  MergeStateSchema,
  MergeSummarySchema,
} from "./merge.ts";
import { ProjectSchema, SourceNameSchema, WorkspaceRoleSchema, WorkspaceSchema } from "./project.ts";
import {
  ConnectSourceSchema,
  OptedInAgainSchema,
  PulledSourceSchema,
  PullReportSchema,
  PullRequestSchema,
  SourceConnectionSchema,
} from "./pulls.ts";
import { SendReportSchema, SendRequestSchema, SettleSendSchema } from "./sends.ts";
import {
  FilePreviewSchema,
  ImportReportSchema,
  ImportRequestSchema,
  RejectSchema,
  SourceFileSchema,
} from "./sources.ts";
import {
  longestSchedule,
  SyncReportSchema,
  SyncRequestSchema,
  SyncStateSchema,
  shortestSchedule,
} from "./sync.ts";
import {
  ConfirmedSchema,
  ErasePreviewSchema,
  EraseReportSchema,
  EraseRequestSchema,
  RehearsalSchema,
  UndoReportSchema,
  UndoRequestSchema,
} from "./workspaces.ts";

const Folder = z.string().min(1);
const OutputFile = z.object({ file: z.string().min(1) });
const Written = z.object({ file: z.string(), rows: z.number().int() });

/**
 * Everything a host (the window or the command line) can ask of the engine.
 * Both sides validate every message against this one value.
 */
export const engineContract = {
  project: {
    create: call
      .input(
        z.object({
          folder: Folder,
          name: z.string().min(1).optional(),
          sourcePriority: z.array(SourceNameSchema).optional(),
          practice: z.boolean().optional(),
        }),
      )
      .output(ProjectSchema),
    open: call.input(z.object({ folder: Folder })).output(ProjectSchema),
    close: call.output(z.void()),
    /** Null while no project is open. */
    current: call.output(ProjectSchema.nullable()),
  },
  workspace: {
    /** Checks the keys that the host holds for this role, finds region and workspace and binds the project to it. */
    connect: call
      .input(z.object({ role: WorkspaceRoleSchema, endpoint: z.url().optional() }))
      .output(WorkspaceSchema),
    /** Every later call works on the workspace of this role. */
    use: call.input(z.object({ role: WorkspaceRoleSchema })).output(WorkspaceSchema),
    rehearsal: call.output(RehearsalSchema),
  },
  sources: {
    list: call.output(z.array(SourceFileSchema)),
    preview: call.input(z.object({ files: z.array(z.string()).min(1) })).output(z.array(FilePreviewSchema)),
    importFiles: call.input(ImportRequestSchema).output(ImportReportSchema),
    /** An earlier file stops counting because a newer export of the same audience replaces it; on record with the reason. */
    replace: call
      .input(z.object({ earlier: z.number().int(), later: z.number().int(), reason: z.string().min(1) }))
      .output(SourceFileSchema),
    rejects: call
      .input(
        z.object({ offset: z.number().int().nonnegative(), limit: z.number().int().positive().max(1000) }),
      )
      .output(z.object({ total: z.number().int(), open: z.number().int(), rejects: z.array(RejectSchema) })),
    exportRejects: call.input(OutputFile).output(Written),
    /** `file` is a file's name as listed, or `all`. */
    acceptRejects: call
      .input(z.object({ file: z.string().min(1), reason: z.string().min(1) }))
      .output(z.object({ accepted: z.number().int() })),
    /** Checks a source's key and says what could be the user_id. */
    connect: call.input(ConnectSourceSchema).output(SourceConnectionSchema),
    /** Exports over the API: everything the first time, what changed after that; goes on where it was cut off. */
    pull: call.input(PullRequestSchema).output(PullReportSchema),
    /** Every source that is pulled over its API. */
    pulled: call.output(z.array(PulledSourceSchema)),
    /** The old tool sends no more: it is not asked any longer, and its age locks nothing. On record with the reason. */
    retire: call.input(z.object({ source: SourceNameSchema, reason: z.string().min(1) })).output(z.void()),
    optedInAgain: call
      .input(
        z.object({ offset: z.number().int().nonnegative(), limit: z.number().int().positive().max(1000) }),
      )
      .output(z.object({ total: z.number().int(), people: z.array(OptedInAgainSchema) })),
  },
  sync: {
    /** Pulls what changed, merges, uploads new suppressions, reads back. */
    run: call.input(SyncRequestSchema).output(SyncReportSchema),
    state: call.output(SyncStateSchema),
    /** Runs by itself while the window is open; null stops that. */
    schedule: call
      .input(
        z.object({ everyMinutes: z.number().int().min(shortestSchedule).max(longestSchedule).nullable() }),
      )
      .output(SyncStateSchema),
  },
  merge: {
    run: call.output(MergeSummarySchema),
    state: call.output(MergeStateSchema),
    conflicts: call.input(ConflictQuerySchema).output(ConflictPageSchema),
    conflict: call.input(z.object({ conflictId: z.string() })).output(ConflictDetailSchema),
    decide: call
      .input(z.object({ conflictId: z.string(), decision: z.string().min(1) }))
      .output(DecideReportSchema),
    importDecisions: call.input(OutputFile).output(DecideReportSchema),
    exportConflicts: call.input(OutputFile.extend({ machine: z.boolean().optional() })).output(Written),
    exportPeople: call.input(OutputFile).output(Written),
    exportSuppressions: call.input(OutputFile).output(Written),
  },
  plan: {
    make: call.input(z.object({ leadSuppression: LeadSuppressionSchema.optional() })).output(PlanSchema),
    /** Null before the first plan. */
    current: call.output(PlanSchema.nullable()),
    /** `destination` is a Customer.io topic such as `topic_4`; null takes the mapping back. */
    mapTopic: call
      .input(
        z.object({
          source: SourceNameSchema,
          topic: z.string(),
          destination: z
            .string()
            .regex(/^topic_\d+$/)
            .nullable(),
        }),
      )
      .output(PlanSchema),
  },
  destination: {
    /** Looks every planned id and address up in the workspace, and plans again where that changes the plan. */
    lookUp: call.output(DestinationStateSchema),
    /** Null before the first plan or without a workspace. */
    state: call.output(DestinationStateSchema.nullable()),
    conflicts: call.input(DestinationQuerySchema).output(DestinationPageSchema),
    /** Decisions take effect with the next plan. */
    decide: call
      .input(z.object({ conflictId: z.string(), decision: z.string().min(1) }))
      .output(DecideReportSchema),
    /** For every conflict of the kind that is undecided. */
    decideAll: call
      .input(z.object({ code: DestinationCodeSchema, decision: z.enum(destinationDecisions) }))
      .output(DecideReportSchema),
    exportConflicts: call.input(OutputFile).output(Written),
    importDecisions: call.input(OutputFile).output(DecideReportSchema),
    /** The attributes of everybody who gets a profile, as the plan treats them. */
    attributes: call.output(z.array(AttributePreviewSchema)),
    /** Puts attributes under other names, or leaves them here, and plans anew. */
    mapAttributes: call.input(z.array(AttributeMappingSchema).min(1)).output(z.array(AttributePreviewSchema)),
  },
  delivery: {
    uploadSuppressions: call
      .input(
        z.object({
          dryRun: z.boolean().optional(),
          /** Why the set may be much smaller than what was proven before; kept on record. */
          allowShrink: z.string().min(1).optional(),
          ...ConfirmedSchema.shape,
        }),
      )
      .output(UploadReportSchema),
    verify: call.output(VerifyReportSchema),
    uploadProfiles: call
      .input(ConfirmedSchema.extend({ dryRun: z.boolean().optional() }))
      .output(UploadReportSchema),
    /** Looks up every delivered profile; what did not arrive is sent again by the next upload. */
    verifyProfiles: call.output(ProfilesVerifyReportSchema),
    /** Through the gate, which looks at the workspace again right before. */
    send: call.input(SendRequestSchema).output(SendReportSchema),
    /** Puts on record what the operator saw in Customer.io after a send whose outcome was unclear. */
    settleSend: call.input(SettleSendSchema).output(LeaksSchema),
    /** Compares the deliveries of what was sent in the last days with the suppressions. */
    checkSend: call.output(LeaksSchema),
    /** The latest reports of this project; null where there was none. */
    reports: call.output(
      z.object({
        suppressions: UploadReportSchema.nullable(),
        verify: VerifyReportSchema.nullable(),
        profiles: UploadReportSchema.nullable(),
        verifyProfiles: ProfilesVerifyReportSchema.nullable(),
      }),
    ),
    /** Takes ESP list entries of ours back; the gate locks until the suppressions are read back again. */
    undo: call.input(UndoRequestSchema).output(UndoReportSchema),
  },
  erasure: {
    preview: call.input(EraseRequestSchema).output(ErasePreviewSchema),
    /** Deletes people and their identifiers for ever; never part of a plan or an upload. */
    run: call.input(EraseRequestSchema).output(EraseReportSchema),
  },
  leaks: {
    /** What the last look found. */
    state: call.output(LeaksSchema),
    /** Asks Customer.io what sends by itself, and compares what was sent from here with the suppressions. */
    look: call.output(LeaksSchema),
    accept: call.input(AcceptLeakSchema).output(LeaksSchema),
  },
  gate: {
    state: call.output(GateSchema),
    /** Writes the certificate of the open gate; `locked` while there is none. */
    saveCertificate: call.input(OutputFile).output(OutputFile),
    /** Checks a certificate's file with nothing else than the file, or against the open project too. */
    checkCertificate: call
      .input(OutputFile.extend({ ofProject: z.boolean() }))
      .output(CertificateCheckSchema),
    /** Every suppressed address and person that the last reading back could not prove. */
    exportDifferences: call.input(OutputFile).output(Written),
  },
  activity: {
    /** Yields the running activity whenever it changes, null when it ends. Starts with the present one. */
    watch: call.output(eventIterator(ActivitySchema.nullable())),
    pause: call.output(z.void()),
    resume: call.output(z.void()),
    cancel: call.output(z.void()),
  },
};
