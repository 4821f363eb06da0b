import { badInput, Failure } from "../../contract/failure.ts";
import type { PullReport } from "../../contract/pulls.ts";
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
import {
  refuseShrink,
  rememberProven,
  type SuppressionDifference,
  suppressionDifference,
} from "./proven-suppressions.ts";
import { beginRun, endRun } from "./sync-runs.ts";
import { syncWords } from "./words.ts";

/** Why a sync cannot run, in words; null where it can. */
export async function syncNotReady(project: Project): Promise<string | null> {
  if ((await sourcesToAsk(project)).length === 0)
    return "No source is connected over its API, so there is nobody to ask what changed.";
  const workspace = await project.workspace();
  if (!workspace) return "The project is not connected to a Customer.io workspace.";
  // The name of a production workspace is typed with its first upload (invariant 10); a sync asks nobody.
  const isReal = workspace.role === "production" && workspace.endpoint === null;
  if (isReal && !(await storedVerification(project, workspace.id)))
    return `Nothing was uploaded to ${workspace.name} and read back yet.`;
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

/**
 * Old unsubscribe links work for months: asks every source what changed, merges, uploads what is newly suppressed and
 * reads everything back, which renews the certificate. Safe to repeat and to cut off anywhere.
 * @throws Failure where a step fails; the run is on record with the reason, and the next one goes on
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
  if (notReady)
    throw badInput(
      "SYNC_NOT_READY",
      notReady,
      "Do that by hand first; from then on the sync goes on by itself.",
    );
  const run = await beginRun(store, request.scheduled ?? false);
  const pulled: PullReport[] = [];
  let difference: SuppressionDifference = { added: 0, addedBy: [], removed: 0, proven: 0 };
  try {
    await rememberProven(project);
    for (const { source } of await sourcesToAsk(project)) {
      pulled.push(
        await pull(project, host, { source, ...(request.full && { full: request.full }) }, progress),
      );
    }
    if ((await storedMerge(store))?.hash !== (await mergeHash(store, project.sourcePriority)))
      await merge(store, project.sourcePriority, progress);
    difference = await suppressionDifference(project);
    await refuseShrink(project, request.allowShrink);
    if (!(await currentPlan(project))?.current) await makePlan(project, {}, progress);
    const client = await workspaceClient(project, host, progress.signal);
    const before = await delivered(project);
    await uploadSuppressions(project, client, {}, progress);
    const verified = await verify(project, client, progress);
    await rememberProven(project);
    const gate = await gateState(project);
    await endRun(store, run, { ...outcome(), trouble: null, gateOpen: gate.open });
    await project.journal.append("sync_ended", { added: difference.added, open: gate.open });
    const counts = {
      sources: pulled,
      added: difference.added,
      added_by: difference.addedBy,
      removed: difference.removed,
      opted_in_again: outcome().optedInAgain,
      uploaded: (await delivered(project)) - before,
      verified: { covered: verified.covered, missing: verified.missing },
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
    await endRun(store, run, { ...outcome(), trouble, gateOpen: null });
    await project.journal.append("sync_stopped", { code: error instanceof Failure ? error.code : null });
    throw error;
  }

  function outcome() {
    return {
      added: difference.addedBy,
      removed: difference.removed,
      optedInAgain: pulled.reduce((sum, report) => sum + report.opted_in_again, 0),
    };
  }
}
