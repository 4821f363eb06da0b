import type { UploadReport, VerifyReport } from "../../contract/delivery.ts";
import type { WorkspaceRole } from "../../contract/project.ts";
import { type Rehearsal, type Stage, type StageRun, stages } from "../../contract/workspaces.ts";
import { isoTime } from "../clock.ts";
import { currentPlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { storedWorkspaces } from "../workspace/stored-workspaces.ts";
import type { DeliveryRun } from "./delivery-runs.ts";

const mostRuns = 20;

/** Where each plan was written to so far, and what differed between the rehearsal of the plan that stands and production. */
export async function rehearsalState(project: Project): Promise<Rehearsal> {
  const planHash = (await currentPlan(project))?.hash ?? null;
  const reports = await project.store.rows<DeliveryRun>(
    "SELECT role, simulated, what, plan_hash, workspace_id, ended_at, seconds, report FROM delivery_run ORDER BY run DESC",
  );
  const workspaces = await storedWorkspaces(project.store);
  const connected = (role: WorkspaceRole) => workspaces.find((workspace) => workspace.role === role);
  /** A simulator that its role has left for Customer.io itself was practice. */
  const stageOf = ({ role, simulated, workspace_id }: DeliveryRun): Stage =>
    simulated && connected(role)?.id !== workspace_id ? "practice" : role;
  const runs = new Map(
    stages.map((stage) => [stage, runsOf(reports.filter((report) => stageOf(report) === stage))]),
  );
  const ofPlan = (stage: Stage) => runs.get(stage)!.find((run) => run.planHash === planHash) ?? null;
  const rehearsedIn =
    (["staging", "practice"] as const).find((stage) => {
      const run = ofPlan(stage);
      return run !== null && isProven(run);
    }) ?? null;
  const production = ofPlan("production");
  return {
    planHash,
    stages: stages.map((stage) => ({ stage, runs: runs.get(stage)!.slice(0, mostRuns) })),
    rehearsedIn,
    differences: rehearsedIn && production ? differencesOf(ofPlan(rehearsedIn)!, production) : [],
    warning:
      planHash !== null && rehearsedIn === null && connected("production") && !project.identity.practice
        ? `This plan was not rehearsed: neither a simulator nor staging has taken and shown all of it. Rehearse it there first, or go on knowing that ${connected("production")!.name} is the first to see it.`
        : null,
  };
}

/** One run for each plan, newest first; `reports` of one stage, newest first. */
function runsOf(reports: readonly DeliveryRun[]): StageRun[] {
  const ofPlans = new Map<string, DeliveryRun[]>();
  for (const report of reports) {
    // A stage may have been moved to another workspace: what the earlier one took is another run.
    const key = `${report.plan_hash} ${report.workspace_id}`;
    ofPlans.set(key, [...(ofPlans.get(key) ?? []), report]);
  }
  return [...ofPlans.values()].map((ofPlan) => {
    const latest = (what: DeliveryRun["what"]) => ofPlan.find((report) => report.what === what)?.report;
    const suppressions = parsed<UploadReport>(latest("suppressions"));
    const profiles = parsed<UploadReport>(latest("profiles"));
    const readBack = parsed<VerifyReport>(latest("verify"));
    const [newest] = ofPlan;
    return {
      planHash: newest!.plan_hash,
      workspaceId: newest!.workspace_id,
      simulated: newest!.simulated,
      at: isoTime(newest!.ended_at),
      suppressions: suppressions && counts(suppressions),
      readBack: readBack && {
        addresses: readBack.addresses,
        persons: readBack.persons,
        covered: readBack.covered,
        missing: readBack.missing,
      },
      profiles: profiles && counts(profiles),
      seconds: ofPlan.reduce((sum, { seconds }) => sum + seconds, 0),
      reasons: countReasons([
        ...(suppressions?.failures ?? []),
        ...(profiles?.failures ?? []),
        ...(readBack?.missingItems ?? []),
      ]),
    };
  });
}

function parsed<T>(report: string | undefined): T | null {
  return report === undefined ? null : (JSON.parse(report) as T);
}

function counts({ operations, delivered, failed }: UploadReport) {
  return { operations, delivered, failed };
}

function countReasons(items: readonly { reason: string }[]): StageRun["reasons"] {
  const found = new Map<string, number>();
  for (const { reason } of items) found.set(reason, (found.get(reason) ?? 0) + 1);
  return [...found].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

/** All suppressions taken, and all of them seen when reading back. */
function isProven({ suppressions, readBack }: StageRun): boolean {
  return (
    suppressions !== null &&
    suppressions.delivered === suppressions.operations &&
    readBack !== null &&
    readBack.missing === 0
  );
}

function differencesOf(rehearsed: StageRun, production: StageRun): Rehearsal["differences"] {
  const reasons = [...new Set([...rehearsed.reasons, ...production.reasons].map(({ reason }) => reason))];
  const reasonCount = (run: StageRun, reason: string) =>
    run.reasons.find((found) => found.reason === reason)?.count ?? 0;
  const compared: [string, (run: StageRun) => number | undefined][] = [
    ["Suppressions delivered", (run) => run.suppressions?.delivered],
    ["Suppressions refused", (run) => run.suppressions?.failed],
    ["Found safe when read back", (run) => run.readBack?.covered],
    ["Missing when read back", (run) => run.readBack?.missing],
    ["Profiles delivered", (run) => run.profiles?.delivered],
    ["Profiles refused", (run) => run.profiles?.failed],
    ...reasons.map((reason): [string, (run: StageRun) => number] => [
      reason,
      (run) => reasonCount(run, reason),
    ]),
  ];
  const words = (count: number | undefined) => (count === undefined ? "not done yet" : String(count));
  return compared
    .map(([what, count]) => ({
      what,
      rehearsed: words(count(rehearsed)),
      production: words(count(production)),
    }))
    .filter((difference) => difference.rehearsed !== difference.production);
}
