import { badInput, locked } from "../../contract/failure.ts";
import type { Workspace } from "../../contract/project.ts";
import type { ErasePreview, EraseReport, EraseRequest } from "../../contract/workspaces.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import { boundWorkspace } from "../delivery/bound-workspace.ts";
import { countDeliveries } from "../delivery/delivery-state.ts";
import { untilSettled } from "../delivery/until-settled.ts";
import { requirePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { saltedHash } from "../store/salt.ts";
import { findTargets, type Target, type Targets } from "./targets.ts";

/**
 * Whom an erasure would delete, and what has to be typed. It writes nothing.
 * @throws Failure as `erase`, except for what is typed
 */
export async function previewErasure(
  project: Project,
  client: CustomerIoClient,
  request: Omit<EraseRequest, "confirm">,
): Promise<ErasePreview> {
  const { workspace, ...found } = await prepare(project, client, request);
  return { ...previewOf(workspace, found), confirm: phrase(found, workspace) };
}

/**
 * Deletes people at Customer.io for ever, and blocks their ids and addresses from coming back: for those who asked to be
 * forgotten, or whom the operator names. No plan and no upload ever does this (invariant 8), and nothing brings them
 * back. It comes last: only when every suppression of the plan that stands was sent, since whatever is written about
 * an erased identifier is dropped in silence.
 *
 * Every identifier is on record as intended before the first call and with its outcome afterwards; where it was cut short
 * the same erasure is asked for again, which is safe. Whoever was erased counts as forgotten in the next plan.
 * @throws Failure `bad_input` with `CONFIRM_ERASURE` unless the phrase was typed to the letter; `locked` with
 * `ERASE_LAST` while suppressions are still to be sent
 */
export async function erase(
  project: Project,
  client: CustomerIoClient,
  { confirm, decidedBy, ...request }: EraseRequest & { decidedBy: string },
  progress: Progress,
  settleMilliseconds = 60_000,
): Promise<EraseReport> {
  const { workspace, ...found } = await prepare(project, client, request);
  requirePhrase(confirm, found, workspace);
  const { targets } = found;
  const counts = { workspace: workspace.id, people: found.people, identifiers: targets.length };
  await project.journal.append("erasure_intended", {
    ...counts,
    subjects: await saltedHash(project.store, targets.map(subjectOf).join("\n")),
  });
  await intend(project, workspace.id, targets, decidedBy);

  const refused: EraseReport["refused"] = [];
  const accepted: Target[] = [];
  progress.start("Erasing people", targets.length, "writes");
  for (const [done, target] of targets.entries()) {
    await progress.report(done);
    const outcome = await client.eraseProfile(
      target.kind === "id" ? { id: target.sent } : { email: target.sent },
    );
    if (outcome.kind === "accepted") accepted.push(target);
    else {
      await settle(project, workspace.id, [target], "refused", outcome.reason);
      refused.push({
        subject: subjectOf(target),
        reason: outcome.reason,
        nextStep: "Erase it by hand in Customer.io, or name the person by another identifier.",
      });
    }
  }
  const stillThere = await stillSeen(client, accepted, progress, settleMilliseconds);
  const gone = accepted.filter((target) => !stillThere.has(subjectOf(target)));
  await settle(project, workspace.id, gone, "done", null);
  const outcome = { erased: gone.length, stillThere: stillThere.size };
  await project.journal.append("erasure_settled", {
    ...counts,
    erased: outcome.erased,
    still_there: outcome.stillThere,
    refused: refused.length,
  });
  return { ...previewOf(workspace, found), ...outcome, refused };
}

async function prepare(
  project: Project,
  client: CustomerIoClient,
  request: Omit<EraseRequest, "confirm">,
): Promise<Targets & { workspace: Workspace }> {
  await requirePlan(project);
  const workspace = await boundWorkspace(project, client);
  const { operations, delivered } = await countDeliveries(project.store, workspace.id, "suppressions");
  if (delivered < operations) {
    throw locked(
      "ERASE_LAST",
      `Erasure comes last: ${operations - delivered} of ${operations} suppression writes are still to be sent to ${workspace.name}. Nothing was erased.`,
      "Upload the suppressions first.",
    );
  }
  return { workspace, ...(await findTargets(project.store, client, request)) };
}

function phrase({ people }: Targets, { name }: Workspace): string {
  return `erase ${people} people in ${name}`;
}

function requirePhrase(typed: string | undefined, found: Targets, workspace: Workspace): void {
  const wanted = phrase(found, workspace);
  if (typed === wanted) return;
  throw badInput(
    "CONFIRM_ERASURE",
    `This deletes ${found.people} people with ${found.profiles} profiles in ${workspace.name} for ever and blocks ${found.targets.length} of their ids and addresses. ${typed === undefined ? "" : "What was typed is not what it takes. "}Nothing was erased.`,
    `Nothing brings them back. To go on, give exactly: --confirm "${wanted}"`,
  );
}

function previewOf(
  { role, id, name }: Workspace,
  { people, profiles, targets, left }: Targets,
): Omit<ErasePreview, "confirm"> {
  return { workspace: { role, id, name }, people, profiles, identifiers: targets.length, left };
}

async function intend(
  { store }: Project,
  workspace: number,
  targets: readonly Target[],
  decidedBy: string,
): Promise<void> {
  await store.transaction(async (connection) => {
    for (const { kind, value } of targets) {
      await connection.run(
        "INSERT OR REPLACE INTO erasure VALUES ($workspace, $kind, $value, 'intent', NULL, $decidedBy, $at)",
        { workspace, kind, value, decidedBy, at: now() },
      );
    }
  });
}

async function settle(
  { store }: Project,
  workspace: number,
  targets: readonly Target[],
  state: "done" | "refused",
  reason: string | null,
): Promise<void> {
  await store.transaction(async (connection) => {
    for (const { kind, value } of targets) {
      await connection.run(
        "UPDATE erasure SET state = $state, reason = $reason WHERE workspace_id = $workspace AND kind = $kind AND value = $value",
        { workspace, kind, value, state, reason },
      );
    }
  });
}

/** Subjects whose profile is still there when the time is over. */
async function stillSeen(
  client: CustomerIoClient,
  targets: readonly Target[],
  progress: Progress,
  settleMilliseconds: number,
): Promise<Set<string>> {
  const ids = targets.filter(({ kind }) => kind === "id");
  const emails = targets.filter(({ kind }) => kind === "email");
  let seen = new Set<string>();
  progress.start("Looking whether they are gone", targets.length, "addresses");
  await untilSettled(
    async () => {
      const byId = ids.length > 0 ? await client.profilesByIds(ids.map(({ sent }) => sent)) : new Map();
      const { profiles } = await client.profilesByEmails(emails.map(({ sent }) => sent));
      const there = targets.filter(({ kind, sent }) => (kind === "id" ? byId : profiles).has(sent));
      seen = new Set(there.map(subjectOf));
      return seen.size === 0;
    },
    settleMilliseconds,
    progress,
  );
  return seen;
}

function subjectOf({ kind, value }: Target): string {
  return `${kind}:${value}`;
}
