import type {
  Gate,
  Plan,
  ProfilesVerifyReport,
  UploadReport,
  VerifyReport,
} from "../../contract/delivery.ts";
import type { MergeState } from "../../contract/merge.ts";
import type { Project } from "../../contract/project.ts";
import type { PulledSource } from "../../contract/pulls.ts";
import type { SourceFile } from "../../contract/sources.ts";
import type { SyncState } from "../../contract/sync.ts";
import { formatCount, formatNumber } from "../shared/format.ts";

/** The steps of a migration, in order. */
export const steps = [
  "workspace",
  "sources",
  "merge",
  "plan",
  "suppress",
  "gate",
  "profiles",
  "sync",
] as const;
export type Step = (typeof steps)[number];

export const stepTitles: Record<Step, string> = {
  workspace: "Workspace",
  sources: "Sources",
  merge: "Merge and conflicts",
  plan: "Plan",
  suppress: "Suppress",
  gate: "Gate",
  profiles: "Profiles",
  sync: "Sync",
};

/** Everything that the engine says about a project, as far as the states of the steps need it. */
export interface ProjectFacts {
  project: Project;
  /** What exports over APIs brought stands among them. */
  files: SourceFile[];
  /** Sources that are exported over their APIs. */
  pulled: PulledSource[];
  merge: MergeState;
  plan: Plan | null;
  reports: {
    suppressions: UploadReport | null;
    verify: VerifyReport | null;
    profiles: UploadReport | null;
    verifyProfiles: ProfilesVerifyReport | null;
  };
  gate: Gate;
  sync: SyncState;
}

export type StepStatus = "done" | "next" | "attention" | "waiting" | "locked";

export const statusWords: Record<StepStatus, string> = {
  done: "Done",
  next: "Next step",
  attention: "Needs attention",
  waiting: "Not done yet",
  locked: "Locked",
};

/** Why a step cannot be worked on, and what unlocks it. */
export interface StepLock {
  reason: string;
  unlock: string;
  goTo: Step;
}

export interface StepState {
  status: StepStatus;
  /** A few words of detail; empty where the status says it all. */
  note: string;
  /** Set exactly where the status is `locked`. */
  lock: StepLock | null;
}

/** The state of every step, for the navigation and for the locked screens. */
export function stepStates(facts: ProjectFacts): Record<Step, StepState> {
  const states: Record<Step, StepState> = {
    workspace: workspaceState(facts),
    sources: sourcesState(facts),
    merge: mergeState(facts),
    plan: planState(facts),
    suppress: suppressState(facts),
    gate: gateState(facts),
    profiles: profilesState(facts),
    sync: syncState(facts),
  };
  const next = steps.find((step) => states[step].status === "waiting");
  const attention = steps.find((step) => states[step].status === "attention");
  // A step that needs attention is what comes next when it stands before the first one not done.
  if (next && !(attention && steps.indexOf(attention) < steps.indexOf(next))) states[next].status = "next";
  return states;
}

/** The step that a migration opens on: what needs attention or comes next, the gate where all is done. */
export function stepToGoOnWith(states: Record<Step, StepState>): Step {
  return steps.find((step) => ["attention", "next"].includes(states[step].status)) ?? "gate";
}

const done = (note = ""): StepState => ({ status: "done", note, lock: null });
const waiting = (note = ""): StepState => ({ status: "waiting", note, lock: null });
const attention = (note: string): StepState => ({ status: "attention", note, lock: null });
const locked = (lock: StepLock): StepState => ({ status: "locked", note: "", lock });

function workspaceState({ project }: ProjectFacts): StepState {
  return project.workspace ? done(project.workspace.name) : waiting();
}

/** What an export over an API brought, which the engine lists like a file. */
export function isPulled({ kind }: SourceFile): boolean {
  return kind === "api";
}

function sourcesState({ files, pulled }: ProjectFacts): StepState {
  const unread = pulled.filter(
    ({ retired, unfinished, last }) => !retired && (unfinished || !last?.complete),
  );
  if (unread.length > 0) return attention(`${formatCount(unread.length, "export")} not finished`);
  if (pulled.some(({ unconfirmed }) => unconfirmed !== null)) return attention("user ID not confirmed");
  const open = files.filter((file) => file.carriesSuppressions && file.replacedBy === null);
  const openRejects = open.reduce((sum, file) => sum + file.rejectedOpen, 0);
  if (openRejects > 0) return attention(formatCount(openRejects, "rejected row"));
  const byHand = files.filter((file) => !isPulled(file)).length;
  const brought = [
    pulled.length > 0 && formatCount(pulled.length, "API"),
    byHand > 0 && formatCount(byHand, "file"),
  ].filter((part) => part !== false);
  return brought.length > 0 ? done(brought.join(", ")) : waiting();
}

function mergeState({ files, merge }: ProjectFacts): StepState {
  if (files.length === 0) {
    return locked({
      reason: "There is nothing to merge yet.",
      unlock: "Export at least one source over its API, or import an export file.",
      goTo: "sources",
    });
  }
  if (!merge.summary) return waiting();
  if (merge.stale) return attention("merge again");
  return done(merge.undecidedConflicts > 0 ? `${formatNumber(merge.undecidedConflicts)} undecided` : "");
}

function planState({ merge, plan }: ProjectFacts): StepState {
  if (!merge.summary) {
    return locked({
      reason: "A plan is made from merged files, and the files are not merged yet.",
      unlock: "Run the merge.",
      goTo: "merge",
    });
  }
  if (!plan) return waiting();
  return plan.current ? done() : attention("plan again");
}

function suppressState({ project, plan, reports }: ProjectFacts): StepState {
  if (!project.workspace) {
    return locked({
      reason: "No Customer.io workspace is connected.",
      unlock: "Connect the workspace that the suppressions go to.",
      goTo: "workspace",
    });
  }
  if (!plan?.current) {
    return locked({
      reason: plan
        ? "The plan is out of date: files, decisions or choices changed since it was made."
        : "There is no plan yet that says what is written where.",
      unlock: plan ? "Make the plan again." : "Make the plan.",
      goTo: "plan",
    });
  }
  const { suppressions, verify } = reports;
  if (verify?.planHash === plan.hash) {
    return verify.missing > 0 ? attention(`${formatNumber(verify.missing)} missing`) : done();
  }
  if (suppressions?.planHash === plan.hash && !suppressions.dryRun) {
    if (suppressions.failed > 0) return attention(`${formatNumber(suppressions.failed)} failed`);
    if (suppressions.delivered === suppressions.operations) return waiting("read back");
  }
  return waiting();
}

function gateState({ gate }: ProjectFacts): StepState {
  if (gate.open) return done("open");
  const first = gate.blockers[0];
  return locked({
    reason: first?.message ?? "The gate is locked.",
    unlock: first?.nextStep ?? "Go through the steps in order.",
    goTo: "gate",
  });
}

function profilesState({ gate, plan, reports }: ProjectFacts): StepState {
  if (!gate.open) {
    return locked({
      reason: "Profiles are uploaded only when the gate is open: first every suppression must be in place.",
      unlock: gate.blockers[0]?.nextStep ?? "Open the gate.",
      goTo: "gate",
    });
  }
  const report = reports.profiles;
  if (!report || report.dryRun || report.planHash !== plan?.hash) return waiting();
  if (report.failed > 0) return attention(`${formatNumber(report.failed)} failed`);
  if (report.delivered < report.operations) return waiting();
  const { verifyProfiles } = reports;
  if (verifyProfiles?.planHash !== plan?.hash) return waiting("read back");
  return verifyProfiles.missing > 0
    ? attention(`${formatNumber(verifyProfiles.missing)} did not arrive`)
    : done();
}

/** It never ends; done means that nothing is wrong with it. */
function syncState({ sync, pulled }: ProjectFacts): StepState {
  if (sync.notReady !== null) {
    const asked = pulled.some(({ retired }) => retired === null);
    return locked({
      reason: sync.notReady,
      unlock: asked ? "Connect a Customer.io workspace." : "Export a source over its API.",
      goTo: asked ? "workspace" : "sources",
    });
  }
  if (sync.missedAt !== null) return attention("a run was missed");
  const [latest] = sync.runs;
  if (!latest) return waiting();
  if (latest.trouble !== null)
    return attention(latest.gateOpen === null ? "the last run stopped" : "a source did not answer");
  return done(sync.everyMinutes === null ? "" : `every ${formatCount(sync.everyMinutes, "minute")}`);
}
