import { badInput, Failure } from "../../contract/failure.ts";
import type { PullReport } from "../../contract/pulls.ts";
import type { SourceName } from "../../contract/source.ts";
import type { SyncReport, SyncRequest } from "../../contract/sync.ts";
import type { Progress } from "../activity/activity.ts";
import { isoTime, now } from "../clock.ts";
import { countDeliveries } from "../delivery/delivery-state.ts";
import { uploadSuppressions } from "../delivery/upload.ts";
import { storedVerification } from "../delivery/verification.ts";
import { verify } from "../delivery/verify.ts";
import { gateState } from "../gate/gate.ts";
import { merge, mergeHash, storedMerge } from "../merge/merge.ts";
import { currentPlan, makePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { type ApiSource, apiSources } from "../pulls/api-sources.ts";
import { pull } from "../pulls/pull.ts";
import { type EngineHost, workspaceClient } from "../workspace/workspace.ts";
import { refuseShrink, rememberProven, suppressionDifference } from "./proven-suppressions.ts";
import { missedRun } from "./schedule.ts";
import { beginRun, endRun, recordGate } from "./sync-runs.ts";
import { syncWords } from "./words.ts";

/** Why a sync cannot run, and what to do about it; null where it can. */
export async function syncNotReady(project: Project): Promise<Failure | null> {
  const notReady = (message: string, nextStep: string) => badInput("SYNC_NOT_READY", message, nextStep);
  if ((await apiSources(project.store)).length === 0) {
    return notReady(
      "No source is connected over its API, so there is nobody to ask what changed: files cannot be asked.",
      "Pull a source once (pull --source). Or import newer files, then merge, plan, upload the suppressions and verify.",
    );
  }
  if ((await sourcesToAsk(project)).length === 0) {
    return notReady(
      "Every source was retired, so there is nobody left to ask.",
      "To renew the proof, verify. A source that may take opt-outs again is asked again once it is pulled.",
    );
  }
  const workspace = await project.workspace();
  if (!workspace) {
    return notReady(
      "The project is not connected to a Customer.io workspace.",
      "Merge, plan, upload the suppressions and verify once by hand; from then on the sync goes on by itself.",
    );
  }
  // The name of a production workspace is typed with its first upload (invariant 10); a sync asks nobody.
  const isReal = workspace.role === "production" && workspace.endpoint === null;
  if (isReal && !(await storedVerification(project, workspace.id))) {
    return notReady(
      `Nothing was uploaded to ${workspace.name} and read back yet.`,
      "Upload the suppressions and verify once by hand; from then on the sync goes on by itself.",
    );
  }
  return null;
}

async function sourcesToAsk({ store }: Project): Promise<ApiSource[]> {
  return (await apiSources(store)).filter(({ retired_at }) => retired_at === null);
}

/** Writes of the plan that the workspace took, in this run or an earlier one. */
async function delivered(project: Project): Promise<number> {
  const workspace = await project.workspace();
  return (await countDeliveries(project.store, workspace!.id, "suppressions")).delivered;
}

/** People whose profile is new or changed since profiles were uploaded; 0 where none were. */
async function openProfiles(project: Project): Promise<number> {
  const workspace = await project.workspace();
  const { operations, delivered } = await countDeliveries(project.store, workspace!.id, "profiles");
  return delivered === 0 ? 0 : operations - delivered;
}

/**
 * Old unsubscribe links work for months: asks every source what changed, merges, uploads what is newly suppressed and
 * reads everything back, which renews the certificate. Safe to repeat and to cut off anywhere.
 * The opt-outs of the sources that answer do not wait for one that does not: it alone stays behind, and locks the gate.
 * @throws Failure where another step fails; the run is on record with the reason, and the next one goes on
 */
export async function sync(
  project: Project,
  host: EngineHost,
  request: SyncRequest & { scheduled?: boolean },
  progress: Progress,
): Promise<SyncReport> {
  const { store } = project;
  const startedAt = now();
  const notReady = await syncNotReady(project);
  if (notReady) throw notReady;
  const missedAt = await missedRun(project);
  const run = await beginRun(store, { scheduled: request.scheduled ?? false, missedAt });
  const pulled: PullReport[] = [];
  const unanswered: SyncReport["unanswered"] = [];
  let removed = 0;
  try {
    await rememberProven(project);
    for (const { source } of await sourcesToAsk(project)) await ask(source);
    if ((await storedMerge(store))?.hash !== (await mergeHash(store, project.sourcePriority)))
      await merge(store, project.sourcePriority, progress);
    const difference = await suppressionDifference(project);
    removed = difference.removed;
    await refuseShrink(project, request.allowShrink);
    if (!(await currentPlan(project))?.current) await makePlan(project, {}, progress);
    const client = await workspaceClient(project, host, progress.signal);
    const before = await delivered(project);
    await uploadSuppressions(project, client, {}, progress);
    const verified = await verify(project, client, progress);
    await rememberProven(project);
    // A run that has not ended keeps the gate shut.
    await endRun(store, run, {
      ...outcome(),
      added: verified.missing > 0 ? [] : difference.addedBy,
      trouble: unanswered.length === 0 ? null : unanswered.map(({ message }) => message).join(" "),
    });
    const gate = await gateState(project);
    await recordGate(store, run, gate.open);
    await project.journal.append("sync_ended", {
      added: difference.added,
      unanswered: unanswered.map(({ source, code }) => `${source} ${code}`),
      open: gate.open,
    });
    const counts = {
      missed_at: missedAt === null ? null : isoTime(missedAt),
      sources: pulled,
      unanswered,
      added: difference.added,
      added_by: difference.addedBy,
      removed: difference.removed,
      opted_in_again: outcome().optedInAgain,
      uploaded: (await delivered(project)) - before,
      verified: { covered: verified.covered, missing: verified.missing },
      profiles_open: await openProfiles(project),
      gate_open: gate.open,
    };
    return {
      started_at: isoTime(startedAt),
      ...counts,
      words: syncWords(counts, gate.blockers),
      seconds: (now() - startedAt) / 1_000_000,
    };
  } catch (error) {
    const trouble = error instanceof Failure ? error.message : "It stopped for a reason that is not known.";
    await endRun(store, run, { ...outcome(), added: [], trouble });
    await project.journal.append("sync_stopped", { code: error instanceof Failure ? error.code : null });
    throw error;
  }

  async function ask(source: SourceName): Promise<void> {
    try {
      pulled.push(
        await pull(project, host, { source, ...(request.full && { full: request.full }) }, progress),
      );
    } catch (error) {
      if (progress.signal.aborted || !(error instanceof Failure)) throw error;
      const { code, message, nextStep } = error;
      unanswered.push({ source, code, message, next_step: nextStep });
    }
  }

  function outcome() {
    return {
      removed,
      optedInAgain: pulled.reduce((sum, report) => sum + report.opted_in_again, 0),
    };
  }
}
