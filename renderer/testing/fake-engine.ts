import { EventPublisher } from "@orpc/client";
import { implement, ORPCError } from "@orpc/server";
import { RPCHandler } from "@orpc/server/message-port";
import type { Activity } from "../../contract/activity.ts";
import type {
  Gate,
  Plan,
  ProfilesVerifyReport,
  UploadReport,
  VerifyReport,
} from "../../contract/delivery.ts";
import { engineContract } from "../../contract/engine-contract.ts";
import { hostContract } from "../../contract/host-contract.ts";
import { type Conflict, type ConflictCode, conflictCodes } from "../../contract/merge.ts";
import type { Project, WorkspaceRole } from "../../contract/project.ts";
import type { PulledSource } from "../../contract/pulls.ts";
import type { ImportReport, Reject, SourceFile } from "../../contract/sources.ts";
import type { EraseRequest } from "../../contract/workspaces.ts";
import { type ApiSourceName, apiSources } from "../shared/words.ts";
import { inventedCertificate } from "./invented-certificate.ts";
import { InventedDestination } from "./invented-destination.ts";
import { inventedLeaks, type LeakScene } from "./invented-leaks.ts";
import {
  inventedConnection,
  inventedOptedInAgain,
  inventedPulled,
  inventedPullFile,
  inventedPullReport,
  inventedSyncReport,
  inventedSyncState,
  type PullScene,
  type SyncScene,
} from "./invented-pulls.ts";
import { inventedEraseReport, inventedErasure, inventedUndo } from "./invented-taking-back.ts";
import {
  inventedConflict,
  inventedDetail,
  inventedExports,
  inventedFile,
  inventedPlan,
  inventedPreview,
  inventedRehearsal,
  inventedReject,
  practiceExports,
} from "./invented-world.ts";

/** How far the faked migration is when the window opens. Each includes the ones before it. */
export const fakeStages = [
  "start",
  "created",
  "connected",
  "imported",
  "merged",
  "planned",
  "uploaded",
  "open",
  "done",
] as const;
export type FakeStage = (typeof fakeStages)[number];

export interface FakeOptions extends LeakScene {
  stage: FakeStage;
  practice: boolean;
  role: WorkspaceRole;
  people: number;
  conflicts: number;
  rejects: number;
  /** False where the system has no keychain. */
  keychain: boolean;
  /** Calls that fail, by path: `merge.conflicts`. */
  fail: string[];
  /** Calls that never answer. */
  hang: string[];
  /** Milliseconds between two steps of a running task. */
  tick: number;
  /** Writes that the destination refuses, suppressions missing when read back, list entries that an undo keeps. */
  refused: number;
  /** Profiles that are not there when they are read back. */
  lost: number;
  /** The answer to a send stays away. */
  unclear: boolean;
  /** How far the exports over APIs are. */
  pulls: PullScene;
  /** Fields of a source that may hold the user ID. */
  fields: number;
  sync: SyncScene;
  /** Runs of the sync that are behind it. */
  runs: number;
  /** Suppressions that a sync finds. */
  late: number;
  /** True where a sync finds the suppression set shrunk. */
  shrunk: boolean;
  /** People who opted in again. */
  again: number;
}

export const fakeDefaults: FakeOptions = {
  stage: "start",
  practice: false,
  role: "staging",
  people: 12_480,
  conflicts: 214,
  rejects: 0,
  keychain: true,
  fail: [],
  hang: [],
  tick: 40,
  refused: 0,
  lost: 0,
  unclear: false,
  leaks: 0,
  reached: -1,
  unread: false,
  pulls: "none",
  fields: 4,
  sync: "none",
  runs: 18,
  late: 41,
  shrunk: false,
  again: 0,
};

/** Another name of a file that looks like the newer export of an audience. */
const newerName = "newer";

/**
 * A test double of engine and host, derived from the contract: it holds a migration in memory and answers on two
 * message ports as the real ones do.
 * @returns The window's ends of the two ports.
 */
export function fakeShell(given: Partial<FakeOptions> = {}): {
  enginePort: MessagePort;
  hostPort: MessagePort;
} {
  const options = { ...fakeDefaults, ...given };
  const fake = fakeMigration(options);
  const engine = new MessageChannel();
  const host = new MessageChannel();
  new RPCHandler(fakeEngine(fake, options)).upgrade(engine.port1);
  new RPCHandler(fakeHost(fake, options)).upgrade(host.port1);
  engine.port1.start();
  host.port1.start();
  return { enginePort: engine.port2, hostPort: host.port2 };
}

type FakeMigration = ReturnType<typeof fakeMigration>;

function fakeMigration(options: FakeOptions) {
  const at = (stage: FakeStage) => fakeStages.indexOf(options.stage) >= fakeStages.indexOf(stage);
  const connect = (role: WorkspaceRole, endpoint: string | null) => ({
    role,
    id: 184_223,
    name: endpoint ? "Practice workspace" : role === "production" ? "Acme Mail" : "Acme Staging",
    region: "eu" as const,
    endpoint,
    connectedAt: "2026-11-23T10:05:00Z",
  });
  const newProject = (folder: string, name: string, practice: boolean): Project => ({
    folder,
    name,
    practice,
    sourcePriority: ["iterable", "klaviyo", "mailchimp", "csv"],
    createdAt: "2026-11-23T10:00:00Z",
    workspace: null,
    workspaces: [],
  });

  const plan = at("planned") ? inventedPlan(options.people, "profile") : null;
  const uploadReport = (what: UploadReport["what"], of: Plan, dryRun: boolean): UploadReport => {
    const { operations } = what === "suppressions" ? of.suppressions : of.profiles;
    return {
      what,
      dryRun,
      planHash: of.hash,
      operations,
      delivered: dryRun ? 0 : operations - options.refused,
      failed: dryRun ? 0 : options.refused,
      failures: Array.from({ length: dryRun ? 0 : Math.min(100, options.refused) }, (_, index) => ({
        subject: `person.${index}@example.com`,
        mechanism: "unsubscribe_person",
        reason: "Customer.io refused the write: the identifier belongs to another person.",
        nextStep: "Look up both people in Customer.io, merge them there, then upload again.",
      })),
      seconds: 84,
    };
  };
  const verifyReport = (of: Plan): VerifyReport => ({
    planHash: of.hash,
    verifiedAt: "2026-11-23T11:20:00Z",
    addresses: Math.round(options.people * 0.16),
    persons: Math.round(options.people * 0.12),
    covered: Math.round(options.people * 0.28) - options.refused,
    missing: options.refused,
    failedActivities: { since: "2026-11-23T11:00:00Z", count: 0, items: [], trouble: null },
    missingItems: Array.from({ length: Math.min(100, options.refused) }, (_, index) => ({
      subject: `person.${index}@example.com`,
      reason: "The person is there, but not unsubscribed.",
      nextStep: "Upload the suppressions again, then read back once more.",
    })),
  });

  const verifyProfilesReport = (of: Plan): ProfilesVerifyReport => ({
    planHash: of.hash,
    verifiedAt: "2026-11-23T12:05:00Z",
    profiles: of.profiles.operations - options.refused,
    arrived: of.profiles.operations - options.refused - options.lost,
    missing: options.lost,
    missingItems: Array.from({ length: Math.min(100, options.lost) }, (_, index) => ({
      subject: `id:u-${index}`,
      reason: "Customer.io has no such profile.",
      nextStep: "Upload the profiles again, then read them back.",
    })),
    subscribed: 0,
    differingAttributes:
      options.lost > 0
        ? [
            { name: "last_order_at", profiles: 1_204 },
            { name: "plan", profiles: 3 },
          ]
        : [],
    failedActivities: { since: "2026-11-23T11:00:00Z", count: 0, items: [], trouble: null },
  });

  const state = {
    project: at("created")
      ? newProject("/home/ada/acme-migration", "Acme to Customer.io", options.practice)
      : null,
    held: { staging: false, production: false },
    heldSources: [] as ApiSourceName[],
    pulled:
      options.pulls === "none"
        ? []
        : (apiSources.map((source) =>
            inventedPulled(source, options.pulls, options.people),
          ) satisfies PulledSource[]),
    sync: inventedSyncState(options.sync, options.runs, options.people),
    files: [] as SourceFile[],
    rejects: [] as Reject[],
    merged: at("merged"),
    stale: false,
    conflicts: [] as Conflict[],
    plan,
    suppressions: plan && at("uploaded") ? uploadReport("suppressions", plan, false) : null,
    verify: plan && at("open") ? verifyReport(plan) : null,
    /** List entries that were taken back since they were read. */
    undone: 0,
    profiles: plan && at("done") ? uploadReport("profiles", plan, false) : null,
    verifyProfiles: plan && at("done") ? verifyProfilesReport(plan) : null,
    activity: null as Activity | null,
  };
  if (state.project && at("connected")) {
    state.project.workspace = connect(options.role, options.practice ? "http://127.0.0.1:4010" : null);
    state.project.workspaces = [state.project.workspace];
    state.held[options.role] = true;
  }

  const importFile = (path: string): ImportReport["files"][number] => {
    const known = state.files.find(({ name }) => path.endsWith(`/${name}`));
    const rows = Math.round(options.people / (path.includes("clean") ? 40 : path.includes("unsub") ? 9 : 2));
    const rejected = path.includes("unsub") ? options.rejects : 0;
    const file = known ?? inventedFile(state.files.length + 1, path, rows, Math.min(rejected, rows));
    const earlier = path.includes(newerName)
      ? state.files.filter(({ source }) => source === file.source)
      : [];
    if (!known) {
      state.files.push(file);
      for (let index = 0; index < file.rejected; index += 1) state.rejects.push(inventedReject(index, file));
      state.stale = state.merged;
      if (state.plan) state.plan = { ...state.plan, current: false };
    }
    return {
      file: file.name,
      id: file.id,
      kind: file.kind,
      rows: file.rows,
      imported: file.imported,
      rejected: file.rejected,
      rejections: [],
      unchanged: known !== undefined,
      looksNewerThan: earlier.slice(0, 1).map(({ id }) => id),
    };
  };
  const mergeNow = () => {
    state.merged = true;
    state.stale = false;
    if (state.conflicts.length === 0) {
      state.conflicts = Array.from({ length: options.conflicts }, (_, index) => inventedConflict(index));
    }
  };
  const wasStale = state.merged;
  if (at("imported")) for (const path of inventedExports) importFile(path);
  for (const { last } of state.pulled) {
    if (last) state.files.push(inventedPullFile(state.files.length + 1, last));
  }
  if (wasStale) {
    mergeNow();
    state.plan = plan;
  }

  const publisher = new EventPublisher<{ activity: Activity | null }>();
  let cancelled = false;
  const tell = (activity: Activity | null) => {
    state.activity = activity;
    publisher.publish("activity", activity);
  };
  /** Runs for twenty ticks, longer while paused; ends early with a failure when it is cancelled. */
  const run = async (kind: Activity["kind"], unit: string, total: number | null, step: string) => {
    cancelled = false;
    const ticks = 20;
    for (let tick = 0; tick < ticks; ) {
      const before = state.activity;
      const share = tick / ticks;
      tell({
        kind,
        step,
        unit,
        total,
        done: Math.round((total ?? 1000) * share),
        rate: tick > 2 ? (total ?? 1000) / 60 : null,
        secondsLeft: tick > 2 && total !== null ? Math.round(130 * (1 - share)) : null,
        paused: before?.paused ?? false,
        cancelling: false,
      });
      await new Promise((resolve) => setTimeout(resolve, options.tick));
      if (cancelled) {
        tell(null);
        throw failure("CANCELLED", "Cancelled.", "Start it again to go on where it stopped.");
      }
      if (!state.activity?.paused) tick += 1;
    }
    tell(null);
  };

  return {
    state,
    at,
    run,
    connect,
    newProject,
    importFile,
    mergeNow,
    uploadReport,
    verifyReport,
    verifyProfilesReport,
    watch: async function* (signal: AbortSignal | undefined) {
      const changes = publisher.subscribe("activity", { ...(signal && { signal }) });
      yield state.activity;
      yield* changes;
    },
    pause: (paused: boolean) => {
      if (state.activity) tell({ ...state.activity, paused });
    },
    cancel: () => {
      cancelled = true;
      if (state.activity) tell({ ...state.activity, cancelling: true });
    },
  };
}

function failure(code: string, message: string, nextStep: string) {
  return new ORPCError("FAILURE", { data: { kind: "failed" as const, code, message, nextStep } });
}

/** What the options ask of a call before it is answered: to fail or never to answer. */
async function asOptionsSay({ fail, hang }: FakeOptions, path: readonly string[]) {
  const name = path.join(".");
  if (hang.includes(name)) await new Promise(() => {});
  if (fail.includes(name)) {
    throw failure(
      "FAKE_FAILURE",
      `The call ${name} failed, as this test asked for.`,
      "Take it out of the list of failing calls and try again.",
    );
  }
}

function fakeEngine(fake: FakeMigration, options: FakeOptions) {
  const { state } = fake;
  const leaks = inventedLeaks(options, state.verify !== null);
  const os = implement(engineContract).use(async ({ path, next }) => {
    await asOptionsSay(options, path);
    return next();
  });

  const project = () => {
    if (!state.project) throw failure("NO_PROJECT", "No migration is open.", "Open a migration.");
    return state.project;
  };
  const counts = () => {
    const byCode = Object.fromEntries(conflictCodes.map((code) => [code, 0])) as Record<ConflictCode, number>;
    for (const { code } of state.conflicts) byCode[code] += 1;
    return byCode;
  };
  const summary = () => ({
    records: state.files.reduce((sum, { imported }) => sum + imported, 0),
    rejected: state.rejects.length,
    persons: Math.round(options.people * 0.92),
    leads: Math.round(options.people * 0.08),
    addresses: Math.round(options.people * 1.1),
    suppressed_persons: Math.round(options.people * 0.15),
    suppressed_addresses: Math.round(options.people * 0.17),
    conflicts: counts(),
  });
  const changed = () => {
    state.stale = true;
    if (state.plan) state.plan = { ...state.plan, current: false };
  };
  const gate = (): Gate => {
    const blockers: Gate["blockers"] = [];
    const block = (when: boolean, code: string, message: string, nextStep: string) => {
      if (when) blockers.push({ code, message, nextStep });
    };
    block(
      !state.project?.workspace,
      "NO_WORKSPACE",
      "No Customer.io workspace is connected.",
      "Connect one.",
    );
    block(state.files.length === 0, "NO_SOURCES", "No export file is imported.", "Import the export files.");
    const open = state.files.reduce(
      (sum, file) => sum + (file.carriesSuppressions ? file.rejectedOpen : 0),
      0,
    );
    block(
      open > 0,
      "REJECTED_ROWS",
      `${open} rejected rows could be opt-outs and are not accounted for.`,
      "Mend the files and import them again, or accept the rows with a reason.",
    );
    block(!state.merged, "NOT_MERGED", "The files are not merged.", "Run the merge.");
    block(state.stale, "MERGE_STALE", "Files or decisions changed since the merge.", "Merge again.");
    block(!state.plan?.current, "NOT_PLANNED", "There is no plan that is up to date.", "Make the plan.");
    const delivered = state.suppressions?.planHash === state.plan?.hash && state.suppressions?.failed === 0;
    block(
      !delivered || !state.plan,
      "NOT_UPLOADED",
      "Not every suppression is uploaded.",
      "Upload the suppressions.",
    );
    const proven = state.verify?.planHash === state.plan?.hash && state.verify?.missing === 0;
    block(!proven || !state.plan, "NOT_VERIFIED", "The suppressions are not read back.", "Read them back.");
    block(
      state.undone > 0,
      "UNDONE",
      `${state.undone} list entries were taken back after the last reading back.`,
      "Upload the suppressions, then read back.",
    );
    blockers.push(...leaks.blockers());
    const { workspace } = state.project ?? {};
    return {
      open: blockers.length === 0,
      blockers,
      certificate:
        blockers.length === 0 && workspace && state.plan
          ? inventedCertificate(options.people, state.plan.hash, workspace)
          : null,
    };
  };
  const refuseShrink = (reason: string | undefined) => {
    if (!options.shrunk || reason) return;
    throw failure(
      "SUPPRESSIONS_SHRANK",
      "2104 of 12480 suppressed addresses that were proven before are not in the suppression set any more. Nothing was written.",
      "Find out why. If it is right, go on with a reason.",
    );
  };
  const locked = () => {
    const [first] = gate().blockers;
    if (first) {
      throw new ORPCError("FAILURE", {
        data: {
          kind: "locked" as const,
          code: "GATE_LOCKED",
          message: `The gate is locked: ${first.message}`,
          nextStep: first.nextStep,
        },
      });
    }
  };
  const plan = () => {
    if (!state.plan) throw failure("NO_PLAN", "There is no plan.", "Make the plan.");
    return state.plan;
  };

  const erasure = (request: EraseRequest) =>
    inventedErasure(request, project().workspace!, Math.min(options.refused, 1));

  const destination = new InventedDestination(9);

  return os.router({
    project: {
      create: os.project.create.handler(({ input }) => {
        state.project = fake.newProject(input.folder, input.name ?? "Migration", input.practice ?? false);
        return state.project;
      }),
      open: os.project.open.handler(({ input }) => {
        const practice = input.folder.includes("practice");
        state.project = fake.newProject(
          input.folder,
          practice ? "Practice migration" : "Acme to Customer.io",
          practice,
        );
        return state.project;
      }),
      close: os.project.close.handler(() => {
        state.project = null;
      }),
      current: os.project.current.handler(() => state.project),
    },
    workspace: {
      connect: os.workspace.connect.handler(({ input }) => {
        const workspace = fake.connect(input.role, input.endpoint ?? null);
        const others = project().workspaces.filter(({ role }) => role !== input.role);
        state.project = { ...project(), workspace, workspaces: [...others, workspace] };
        return workspace;
      }),
      use: os.workspace.use.handler(({ input }) => {
        const workspace = project().workspaces.find(({ role }) => role === input.role)!;
        state.project = { ...project(), workspace };
        return workspace;
      }),
      rehearsal: os.workspace.rehearsal.handler(() => inventedRehearsal(state.plan?.hash ?? null)),
    },
    sources: {
      list: os.sources.list.handler(() => state.files),
      preview: os.sources.preview.handler(({ input }) => input.files.map(inventedPreview)),
      importFiles: os.sources.importFiles.handler(async ({ input }) => {
        await fake.run("import", "bytes", 48_000_000, `Reading ${input.files[0]?.split("/").at(-1)}`);
        const files = input.files.map(fake.importFile);
        const sum = (field: "rows" | "imported" | "rejected") =>
          files.reduce((total, file) => total + file[field], 0);
        return { files, total: { rows: sum("rows"), imported: sum("imported"), rejected: sum("rejected") } };
      }),
      replace: os.sources.replace.handler(({ input }) => {
        state.files = state.files.map((file) =>
          file.id === input.earlier ? { ...file, replacedBy: input.later } : file,
        );
        changed();
        return state.files.find(({ id }) => id === input.earlier)!;
      }),
      rejects: os.sources.rejects.handler(({ input }) => ({
        total: state.rejects.length,
        open: state.rejects.filter(({ acceptedAt }) => acceptedAt === null).length,
        rejects: state.rejects.slice(input.offset, input.offset + input.limit),
      })),
      exportRejects: os.sources.exportRejects.handler(({ input }) => ({
        file: input.file,
        rows: state.rejects.length,
      })),
      acceptRejects: os.sources.acceptRejects.handler(({ input }) => {
        const chosen = (name: string) => input.file === "all" || input.file === name;
        const accepted = state.rejects.filter(
          ({ file, acceptedAt }) => chosen(file) && acceptedAt === null,
        ).length;
        state.rejects = state.rejects.map((reject) =>
          chosen(reject.file)
            ? { ...reject, acceptedAt: "2026-11-23T10:30:00Z", acceptedReason: input.reason }
            : reject,
        );
        state.files = state.files.map((file) => (chosen(file.name) ? { ...file, rejectedOpen: 0 } : file));
        return { accepted };
      }),
      connect: os.sources.connect.handler(({ input }) =>
        inventedConnection(input.source as ApiSourceName, options.fields),
      ),
      pull: os.sources.pull.handler(async ({ input }) => {
        const source = input.source as ApiSourceName;
        const before = state.pulled.find((entry) => entry.source === source);
        await fake.run("pull", "entries", options.people, "Reading profiles with their consent");
        const kind = before?.fullPulledAt && !input.full ? "delta" : "full";
        const report = inventedPullReport(source, kind, options.people);
        const at = "2026-11-24T08:00:00Z";
        const { userIdField = before?.userIdField ?? null } = input;
        const pulled: PulledSource = {
          ...inventedPulled(source, "complete", options.people),
          endpoint: input.endpoint ?? before?.endpoint ?? null,
          userIdField,
          pulledAt: at,
          fullPulledAt: kind === "full" ? at : (before?.fullPulledAt ?? at),
          last: { ...report, user_id_field: userIdField },
        };
        state.pulled = [...state.pulled.filter((entry) => entry.source !== source), pulled];
        state.files = [
          ...state.files.filter((file) => file.source !== source || file.kind !== "api"),
          inventedPullFile(state.files.length + 1, report),
        ];
        if (state.merged) changed();
        return report;
      }),
      pulled: os.sources.pulled.handler(() => state.pulled),
      retire: os.sources.retire.handler(({ input }) => {
        state.pulled = state.pulled.map((entry) =>
          entry.source === input.source
            ? { ...entry, retired: { at: "2026-11-24T08:00:00Z", reason: input.reason } }
            : entry,
        );
      }),
      optedInAgain: os.sources.optedInAgain.handler(({ input }) => ({
        total: options.again,
        people: Array.from(
          { length: Math.min(input.limit, Math.max(0, options.again - input.offset)) },
          (_, index) => inventedOptedInAgain(input.offset + index),
        ),
      })),
    },
    sync: {
      run: os.sync.run.handler(async ({ input }) => {
        await fake.run("sync", "steps", 5, "Asking Klaviyo what changed");
        refuseShrink(input.allowShrink);
        const report = inventedSyncReport(options.people, options.late);
        state.sync = {
          ...state.sync,
          missedAt: null,
          runs: [
            {
              startedAt: report.started_at,
              endedAt: "2026-11-24T08:01:14Z",
              missedAt: report.missed_at,
              scheduled: false,
              added: report.added_by,
              removed: report.removed,
              optedInAgain: report.opted_in_again,
              trouble: null,
              gateOpen: true,
            },
            ...state.sync.runs,
          ],
        };
        return report;
      }),
      state: os.sync.state.handler(() => ({
        ...state.sync,
        notReady:
          state.pulled.length === 0
            ? "No source is exported over its API, so there is nothing to ask for changes."
            : state.verify === null
              ? "No suppressions were uploaded and read back yet, so there is nothing to build on."
              : null,
      })),
      schedule: os.sync.schedule.handler(({ input }) => {
        state.sync = {
          ...state.sync,
          everyMinutes: input.everyMinutes,
          nextRunAt: input.everyMinutes === null ? null : "2026-11-24T09:00:00Z",
          missedAt: null,
        };
        return { ...state.sync, notReady: null };
      }),
    },
    merge: {
      run: os.merge.run.handler(async () => {
        await fake.run("merge", "steps", 12, "Finding the people behind the records");
        fake.mergeNow();
        if (state.plan) state.plan = { ...state.plan, current: false };
        return summary();
      }),
      state: os.merge.state.handler(() => ({
        summary: state.merged ? summary() : null,
        mergedAt: state.merged ? "2026-11-23T10:32:00Z" : null,
        stale: state.stale,
        suppressedByLevel: state.merged
          ? [
              { level: "complaint", addresses: Math.round(options.people * 0.002) },
              { level: "hard_bounce", addresses: Math.round(options.people * 0.02) },
              { level: "unsubscribed_all", addresses: Math.round(options.people * 0.148) },
            ]
          : [],
        undecidedConflicts: state.conflicts.filter(({ decision }) => decision === null).length,
        notes: state.merged
          ? ["3 addresses hold invisible characters. They are matched without them; look them over."]
          : [],
      })),
      conflicts: os.merge.conflicts.handler(({ input }) => {
        const text = input.text?.toLowerCase();
        const matching = state.conflicts.filter(
          (conflict) =>
            (!input.codes || input.codes.includes(conflict.code)) &&
            (input.decided === undefined || (conflict.decision !== null) === input.decided) &&
            (!text ||
              [conflict.conflictId, conflict.detail, ...conflict.userIds, ...conflict.emails].some((part) =>
                part.toLowerCase().includes(text),
              )),
        );
        return {
          total: matching.length,
          conflicts: matching.slice(input.offset, input.offset + input.limit),
        };
      }),
      conflict: os.merge.conflict.handler(({ input }) => {
        const conflict = state.conflicts.find(({ conflictId }) => conflictId === input.conflictId);
        if (!conflict) throw failure("NO_CONFLICT", "There is no such conflict.", "Merge again.");
        return inventedDetail(conflict);
      }),
      decide: os.merge.decide.handler(({ input }) => {
        state.conflicts = state.conflicts.map((conflict) =>
          conflict.conflictId === input.conflictId ? { ...conflict, decision: input.decision } : conflict,
        );
        changed();
        return { applied: 1, unchanged: 0, refused: [] };
      }),
      importDecisions: os.merge.importDecisions.handler(() => ({
        applied: 0,
        unchanged: 0,
        refused: [
          { line: 14, reason: "There is no conflict EMAIL_MANY_IDS:ada@example.com." },
          { line: 20, reason: "The decision `owner=` names no user ID." },
        ],
      })),
      exportConflicts: os.merge.exportConflicts.handler(({ input }) => ({
        file: input.file,
        rows: state.conflicts.length,
      })),
      exportPeople: os.merge.exportPeople.handler(({ input }) => ({
        file: input.file,
        rows: options.people,
      })),
      exportSuppressions: os.merge.exportSuppressions.handler(({ input }) => ({
        file: input.file,
        rows: summary().suppressed_addresses,
      })),
    },
    destination: {
      lookUp: os.destination.lookUp.handler(async () => {
        await fake.run("look_up", "calls", 20, "Looking people up in Acme");
        changed();
        return destination.lookUp();
      }),
      state: os.destination.state.handler(() => (state.plan ? destination.state() : null)),
      conflicts: os.destination.conflicts.handler(({ input }) => destination.page(input)),
      decide: os.destination.decide.handler(({ input }) => ({
        applied: destination.decide(({ conflictId }) => conflictId === input.conflictId, input.decision),
        unchanged: 0,
        refused: [],
      })),
      decideAll: os.destination.decideAll.handler(({ input }) => ({
        applied: destination.decide(
          ({ code, decision }) => code === input.code && decision === null,
          input.decision,
        ),
        unchanged: 0,
        refused: [],
      })),
      exportConflicts: os.destination.exportConflicts.handler(({ input }) => ({ file: input.file, rows: 9 })),
      importDecisions: os.destination.importDecisions.handler(() => ({
        applied: 3,
        unchanged: 0,
        refused: [],
      })),
      attributes: os.destination.attributes.handler(() => destination.attributes()),
      mapAttributes: os.destination.mapAttributes.handler(({ input }) => destination.map(input)),
    },
    plan: {
      make: os.plan.make.handler(async ({ input }) => {
        await fake.run("plan", "steps", 5, "Counting what is written where");
        state.plan = inventedPlan(
          options.people,
          input.leadSuppression ?? state.plan?.leadSuppression ?? "profile",
        );
        return state.plan;
      }),
      current: os.plan.current.handler(() => state.plan),
      mapTopic: os.plan.mapTopic.handler(({ input }) => {
        state.plan = {
          ...plan(),
          topics: plan().topics.map((topic) =>
            topic.topic === input.topic ? { ...topic, destination: input.destination } : topic,
          ),
        };
        return state.plan;
      }),
    },
    erasure: {
      preview: os.erasure.preview.handler(({ input }) => erasure(input)),
      run: os.erasure.run.handler(async ({ input }) => {
        const preview = erasure(input);
        if (input.confirm !== preview.confirm) {
          throw failure(
            "CONFIRM_ERASURE",
            "What was typed is not what it takes. Nothing was erased.",
            `To go on, give exactly: --confirm "${preview.confirm}"`,
          );
        }
        await fake.run("erase", "writes", preview.identifiers, "Erasing people");
        return inventedEraseReport(preview, Math.min(options.refused, 2));
      }),
    },
    delivery: {
      undo: os.delivery.undo.handler(async ({ input }) => {
        await fake.run("undo", "addresses", 3, "Taking entries off the ESP suppression lists");
        const report = inventedUndo(input, options.refused);
        state.undone += report.takenBack;
        return report;
      }),
      uploadSuppressions: os.delivery.uploadSuppressions.handler(async ({ input }) => {
        const dryRun = input.dryRun ?? false;
        if (!dryRun) {
          refuseShrink(input.allowShrink);
          await fake.run(
            "upload_suppressions",
            "writes",
            plan().suppressions.operations,
            "Setting people to unsubscribed",
          );
        }
        const report = fake.uploadReport("suppressions", plan(), dryRun);
        state.suppressions = report;
        return report;
      }),
      verify: os.delivery.verify.handler(async () => {
        await fake.run(
          "verify",
          "addresses",
          Math.round(options.people * 0.28),
          "Looking up suppressed people",
        );
        state.verify = fake.verifyReport(plan());
        state.undone = 0;
        leaks.look();
        return state.verify;
      }),
      uploadProfiles: os.delivery.uploadProfiles.handler(async ({ input }) => {
        locked();
        const dryRun = input.dryRun ?? false;
        if (!dryRun)
          await fake.run("upload_profiles", "writes", plan().profiles.operations, "Writing profiles");
        state.profiles = fake.uploadReport("profiles", plan(), dryRun);
        return state.profiles;
      }),
      verifyProfiles: os.delivery.verifyProfiles.handler(async () => {
        await fake.run("verify_profiles", "profiles", plan().profiles.operations, "Reading back profiles");
        state.verifyProfiles = fake.verifyProfilesReport(plan());
        return state.verifyProfiles;
      }),
      send: os.delivery.send.handler(({ input }) => {
        locked();
        const { broadcastId = null, newsletterId = null, dryRun = false } = input;
        if (options.unclear && !dryRun) {
          throw new ORPCError("FAILURE", {
            data: {
              kind: "failed" as const,
              code: "SEND_UNCLEAR",
              message: "It was sent off and Customer.io's answer is not known, so it may have gone out.",
              nextStep: "Look at it in Customer.io, then put on record what you saw.",
            },
          });
        }
        return {
          broadcastId,
          newsletterId,
          dryRun,
          triggerId: dryRun || broadcastId === null ? null : 31,
          deliveries: dryRun ? null : { compared: 9_120, pending: 0, reached: 0 },
        };
      }),
      settleSend: os.delivery.settleSend.handler(() => leaks.state()),
      checkSend: os.delivery.checkSend.handler(() => leaks.state()),
      reports: os.delivery.reports.handler(() => ({
        suppressions: state.suppressions,
        verify: state.verify,
        profiles: state.profiles,
        verifyProfiles: state.verifyProfiles,
      })),
    },
    leaks: {
      state: os.leaks.state.handler(() => leaks.state()),
      look: os.leaks.look.handler(async () => {
        await fake.run("leaks", "campaigns", 12, "Looking for campaigns that send by themselves");
        return leaks.look();
      }),
      accept: os.leaks.accept.handler(({ input }) => leaks.accept(input.id, input.reason)),
    },
    gate: {
      state: os.gate.state.handler(gate),
      saveCertificate: os.gate.saveCertificate.handler(({ input }) => ({ file: input.file })),
      checkCertificate: os.gate.checkCertificate.handler(() => ({
        authentic: false,
        valid: false,
        trouble: "It is no JSON any more: it was changed or cut off.",
        certificate: null,
      })),
      exportDifferences: os.gate.exportDifferences.handler(({ input }) => ({ file: input.file, rows: 0 })),
    },
    activity: {
      watch: os.activity.watch.handler(({ signal }) => fake.watch(signal)),
      pause: os.activity.pause.handler(() => fake.pause(true)),
      resume: os.activity.resume.handler(() => fake.pause(false)),
      cancel: os.activity.cancel.handler(() => fake.cancel()),
    },
  });
}

function fakeHost(fake: FakeMigration, options: FakeOptions) {
  const { state } = fake;
  const os = implement(hostContract).use(async ({ path, next }) => {
    await asOptionsSay(options, path);
    return next();
  });
  const recent =
    options.people > 0
      ? [
          { folder: "/home/ada/acme-migration", name: "Acme to Customer.io", practice: false },
          {
            folder: "/home/ada/.local/share/Sendgate/practice-1",
            name: "Practice migration",
            practice: true,
          },
        ]
      : [];
  const practice = {
    endpoint: "http://127.0.0.1:4010",
    sources: apiSources.map((source, index) => ({ source, endpoint: `http://127.0.0.1:${4011 + index}` })),
    exports: practiceExports,
    broadcastId: 7,
  };
  return os.router({
    app: {
      info: os.app.info.handler(() => ({ version: "0.1.0", platform: "linux", electron: "25.1.1" })),
      showInFolder: os.app.showInFolder.handler(() => {}),
    },
    dialogs: {
      openFolder: os.dialogs.openFolder.handler(() => "/home/ada/new-migration"),
      openFiles: os.dialogs.openFiles.handler(() => [
        "/home/ada/mailchimp/unsubscribed_newer_export_9f01.csv",
        "/home/ada/crm-do-not-mail.csv",
      ]),
      saveFile: os.dialogs.saveFile.handler(({ input }) => `/home/ada/${input.defaultName}`),
    },
    projects: {
      recent: os.projects.recent.handler(() => recent),
      remember: os.projects.remember.handler(() => {}),
    },
    keychain: {
      state: os.keychain.state.handler(() => ({
        persistent: options.keychain,
        held: state.held,
        sources: state.heldSources,
      })),
      storeSource: os.keychain.storeSource.handler(({ input }) => {
        const source = input.source as ApiSourceName;
        state.heldSources = [...state.heldSources.filter((name) => name !== source), source];
      }),
      forgetSource: os.keychain.forgetSource.handler(({ input }) => {
        state.heldSources = state.heldSources.filter((name) => name !== input.source);
      }),
      store: os.keychain.store.handler(({ input }) => {
        state.held = { ...state.held, [input.role]: true };
      }),
      forget: os.keychain.forget.handler(({ input }) => {
        state.held = { ...state.held, [input.role]: false };
      }),
    },
    practice: {
      start: os.practice.start.handler(() => ({
        folder: "/home/ada/.local/share/Sendgate/practice-2",
        ...practice,
      })),
      resume: os.practice.resume.handler(() => practice),
      timePasses: os.practice.timePasses.handler(() => ({ events: 14 })),
    },
  });
}
