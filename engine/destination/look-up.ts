import type { DuckDBConnection } from "@duckdb/node-api";
import type { LeadSuppression, Plan } from "../../contract/delivery.ts";
import { Failure } from "../../contract/failure.ts";
import type { Workspace } from "../../contract/project.ts";
import type { CustomerIoClient, DestinationProfile } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import { boundWorkspace } from "../delivery/bound-workspace.ts";
import { readEmail } from "../normalise/email-key.ts";
import { currentPlan, makePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import conflicts from "./conflicts.sql";
import { type DueCounts, dueValues, type LookUpKind, layDownDue, lookUpCalls } from "./due-look-ups.ts";
import { factVariables, saveWorkspaceFacts, type WorkspaceFacts } from "./workspace-facts.ts";

/** Values that are looked up and put on record together; where each takes calls of its own, fewer. */
const pieceSize = 2_000;
const smallPieceSize = 50;

/**
 * Looks up every planned id and address in the workspace, finds where a planned write meets somebody who is there
 * already, and plans again where that changes the plan. What was looked up within the last day is not asked for again,
 * unless somebody was found to be in conflict. It writes nothing to the destination, and what was looked up before it
 * was cancelled or killed stays looked up.
 * @throws Failure where there is no merge, the keys lead to another workspace, or reading fails
 */
export async function lookUpDestination(
  project: Project,
  client: CustomerIoClient,
  progress: Progress,
): Promise<void> {
  const workspace = await boundWorkspace(project, client);
  const plan = await standingPlan(project, progress);
  progress.start(finding, null, "calls");
  const due = await layDownDue(project.store, workspace.id, "all");
  await lookUp(project, client, workspace, plan, due, progress);
}

/**
 * The same before something is written: only what was never looked up, and of what is still to be written what may have
 * changed since. Asks nothing where there is no such thing.
 * @returns true where the plan is another one now
 * @throws Failure as `lookUpDestination`
 */
export async function lookUpBeforeWriting(
  project: Project,
  client: CustomerIoClient,
  progress: Progress,
): Promise<boolean> {
  const plan = await currentPlan(project);
  const workspace = await project.workspace();
  // Without either the upload itself says what is wrong.
  if (!plan?.current || !workspace) return false;
  progress.start(finding, null, "calls");
  const due = await layDownDue(project.store, workspace.id, "before_writing");
  if (due.ids + due.emails === 0) return false;
  const after = await lookUp(project, client, await boundWorkspace(project, client), plan, due, progress);
  return after.hash !== plan.hash;
}

const finding = "Finding who is to be looked up";

/** The plan that stands, made anew where something it was made of has changed. */
async function standingPlan(project: Project, progress: Progress): Promise<Plan> {
  const plan = await currentPlan(project);
  return plan?.current ? plan : makePlan(project, {}, progress);
}

/**
 * @param due what was laid down
 * @returns the plan that stands afterwards
 */
async function lookUp(
  project: Project,
  client: CustomerIoClient,
  workspace: Workspace,
  { leadSuppression }: Plan,
  due: DueCounts,
  progress: Progress,
): Promise<Plan> {
  const { store } = project;
  await project.journal.append("destination_look_up_started", {
    workspace: workspace.id,
    ids: due.ids,
    emails: due.emails,
  });

  progress.start(`Looking round in ${workspace.name}`, null, "calls");
  const found = await lookRound(client, due.ids > 0, progress);
  const calls = lookUpCalls(due, found.emailIdentifies);
  progress.start(`Looking people up in ${workspace.name}`, calls, "calls");
  let done = 0;
  for (const kind of ["email", "id"] as const) {
    const piecemeal = kind === "email" && !found.emailIdentifies;
    for await (const some of dueValues(store, kind, piecemeal ? smallPieceSize : pieceSize)) {
      await keepLookUp(store, workspace, kind, some, await ask(client, kind, some));
      done += piecemeal ? some.length * 2 : Math.ceil(some.length / 100);
      await progress.report(Math.min(done, calls));
    }
  }
  await conclude(project, workspace, leadSuppression, found);
  return standingPlan(project, progress);
}

async function lookRound(
  client: CustomerIoClient,
  withIds: boolean,
  progress: Progress,
): Promise<Omit<WorkspaceFacts, "fingerprint">> {
  if (withIds) await client.profilesByIds(["sendgate-looks-whether-ids-are-taken"]);
  await progress.report(1);
  const emailIdentifies = await client.takesIdentifier("email");
  const phoneIdentifies = await client.takesIdentifier("phone");
  await progress.report(3);
  try {
    const segments = await client.campaignSegments();
    return { emailIdentifies, phoneIdentifies, segments, segmentsTrouble: null };
  } catch (error) {
    // A key without that right, or an API that changed: told, and no reason not to look people up.
    if (progress.signal.aborted || !(error instanceof Failure)) throw error;
    return { emailIdentifies, phoneIdentifies, segments: [], segmentsTrouble: error.message };
  }
}

async function ask(
  client: CustomerIoClient,
  kind: LookUpKind,
  values: string[],
): Promise<Map<string, DestinationProfile[]>> {
  if (kind === "email") return (await client.profilesByEmails(values)).profiles;
  const profiles = await client.profilesByIds(values);
  return new Map([...profiles].map(([value, profile]) => [value, [profile]]));
}

/** The look-ups and what they found are on record together. */
async function keepLookUp(
  store: Store,
  { id: workspaceId }: Workspace,
  kind: LookUpKind,
  values: string[],
  found: Map<string, DestinationProfile[]>,
): Promise<void> {
  const at = now();
  await store.transaction(async (connection) => {
    for (const table of ["destination_look_up", "destination_profile"]) {
      await connection.run(
        `DELETE FROM ${table} WHERE workspace_id = $workspaceId AND kind = $kind
           AND value IN (SELECT unnest(from_json($values::JSON, '["VARCHAR"]')))`,
        { workspaceId, kind, values: JSON.stringify(values) },
      );
    }
    const lookUps = await connection.createAppender("destination_look_up");
    const profiles = await connection.createAppender("destination_profile");
    for (const value of values) {
      lookUps.appendBigInt(BigInt(workspaceId));
      lookUps.appendVarchar(kind);
      lookUps.appendVarchar(value);
      lookUps.appendBigInt(BigInt(at));
      lookUps.endRow();
      for (const profile of found.get(value) ?? []) {
        profiles.appendBigInt(BigInt(workspaceId));
        for (const text of [kind, value, profile.cioId, profile.id, profile.email, emailKey(profile)]) {
          if (text === null) profiles.appendNull();
          else profiles.appendVarchar(text);
        }
        profiles.appendBoolean(profile.unsubscribed);
        profiles.endRow();
      }
    }
    lookUps.closeSync();
    profiles.closeSync();
  });
}

/** Customer.io compares addresses without letter case. */
function emailKey({ email }: DestinationProfile): string | null {
  if (email === null) return null;
  const address = readEmail(email);
  return (address.kind === "good" ? address.key : email).toLowerCase();
}

async function conclude(
  project: Project,
  workspace: Workspace,
  leadSuppression: LeadSuppression,
  found: Omit<WorkspaceFacts, "fingerprint">,
): Promise<void> {
  const { fingerprint, count } = await project.store.transaction(async (connection) => {
    await connection.run(`
      SET VARIABLE workspace_id = ${workspace.id};
      SET VARIABLE lead_suppression = '${leadSuppression}';
      ${factVariables(found)}`);
    await connection.run(conflicts);
    return fingerprintOf(connection);
  });
  await saveWorkspaceFacts(project.store, workspace.id, {
    ...found,
    fingerprint: found.phoneIdentifies ? `${fingerprint} phone` : fingerprint,
  });
  await project.journal.append("destination_look_up_ended", {
    workspace: workspace.id,
    conflicts: count,
  });
}

/**
 * The same for the same conflicts in whatever order they were found; null where there is nothing that a plan would
 * heed. Whether the profile of a conflict was written meanwhile makes no difference to it.
 */
async function fingerprintOf(
  connection: DuckDBConnection,
): Promise<{ fingerprint: string | null; count: number }> {
  const reader = await connection.runAndReadAll(`
    SELECT
      sum(md5_number_lower(concat_ws(chr(10), conflict_id, suppressed, there_unsubscribed))::HUGEINT)
        FILTER (code <> 'UNSUBSCRIBED_THERE' OR decision = 'hold')::VARCHAR AS fingerprint,
      count(*)::INTEGER AS conflicts
    FROM destination_conflict`);
  const [fingerprint, count] = reader.getRowsJson()[0] as [string | null, number];
  return { fingerprint, count };
}
