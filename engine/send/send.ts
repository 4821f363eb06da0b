import { setTimeout as sleep } from "node:timers/promises";
import { badInput, Failure, failed } from "../../contract/failure.ts";
import type { SendReport } from "../../contract/sends.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import { boundWorkspace } from "../delivery/bound-workspace.ts";
import { requireOpenGate } from "../delivery/upload.ts";
import { lookForLeaks } from "../leaks/look.ts";
import { plannedMerge } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { type Comparison, compareDeliveries } from "./compare-deliveries.ts";
import {
  isUnclear,
  lastTriggeredAt,
  type Mailing,
  recentlySent,
  recordIntent,
  recordOutcome,
} from "./sendings.ts";

export interface SendOptions {
  /** Asks the gate and the workspace, and sends nothing. */
  dryRun?: boolean | undefined;
  /** Milliseconds between two broadcast triggers; the vendor allows one in 10,000 (the default). */
  triggerIntervalMilliseconds?: number;
  /** Milliseconds before each comparison of the deliveries after sending. Default: 2, 3 and 5 seconds. */
  comparisonPauses?: readonly number[];
}

/**
 * Sends a broadcast or a newsletter, if the gate is open at this moment. The workspace is looked at again right before:
 * what has begun to send there since keeps the gate shut. The intent is on record before and the outcome after;
 * what has an unknown outcome is never sent again from here. Some seconds later its deliveries are compared with the
 * suppressions.
 * @param connect makes the client, which must not be cut off in mid-call; asked only once the gate is open
 * @throws Failure `locked` where the gate is not open; `SEND_UNCLEAR` where it may have been sent; with any other code
 * nothing was sent
 */
export async function send(
  project: Project,
  connect: () => Promise<CustomerIoClient>,
  mailing: Mailing,
  progress: Progress,
  {
    dryRun = false,
    triggerIntervalMilliseconds = 10_000,
    comparisonPauses = [2_000, 3_000, 5_000],
  }: SendOptions = {},
): Promise<SendReport> {
  const connected = await project.workspace();
  if (connected && (await isUnclear(project.store, connected.id, mailing))) throw sendUnclear(mailing);
  await requireOpenGate(project, "Nothing is sent");
  const client = await connect();
  const workspace = await boundWorkspace(project, client);
  await lookForLeaks(project, client, workspace.id, progress);
  if (!dryRun) await waitForTurn(project, workspace.id, mailing, triggerIntervalMilliseconds, progress);
  await requireOpenGate(project, "Nothing is sent");
  const report = (triggerId: number | null, deliveries: Comparison | null): SendReport => ({
    broadcastId: mailing.kind === "broadcast" ? mailing.number : null,
    newsletterId: mailing.kind === "newsletter" ? mailing.number : null,
    dryRun,
    triggerId,
    deliveries,
  });
  if (dryRun) return report(null, null);

  progress.start(`Sending ${mailing.kind} ${mailing.number}`, null, "steps");
  const triggerId = await sendOnRecord(project, client, workspace.id, mailing);
  return report(
    triggerId,
    await compareSoon(project, client, workspace.id, mailing, comparisonPauses, progress),
  );
}

/** Customer.io takes one broadcast trigger in 10 seconds, whichever program sends it. */
async function waitForTurn(
  project: Project,
  workspace: number,
  { kind }: Mailing,
  interval: number,
  progress: Progress,
): Promise<void> {
  if (kind !== "broadcast") return;
  const last = await lastTriggeredAt(project.store, workspace);
  if (last === null) return;
  // Where the clock was set back, the last one lies in the future: once the interval is enough.
  const wait = Math.min(interval, interval - (now() - last) / 1000);
  if (wait <= 0) return;
  progress.start("Waiting: Customer.io takes one broadcast in 10 seconds", Math.ceil(wait / 1000), "seconds");
  const end = performance.now() + wait;
  for (let left = wait; left > 0; left = end - performance.now()) {
    await progress.report(Math.floor((wait - left) / 1000));
    await sleep(Math.min(left, 1_000));
  }
}

async function sendOnRecord(
  project: Project,
  client: CustomerIoClient,
  workspace: number,
  mailing: Mailing,
): Promise<number | null> {
  const { kind, number } = mailing;
  const subject = { workspace, kind, number };
  await recordIntent(project.store, workspace, mailing, (await plannedMerge(project))!);
  await project.journal.append("send_intended", subject);
  const settle = async (state: "sent" | "not_sent", trigger: number | null) => {
    await recordOutcome(project.store, workspace, mailing, { state, trigger, by: null });
    await project.journal.append("send_settled", { ...subject, state, trigger });
  };
  let trigger: number | null = null;
  try {
    if (kind === "broadcast") ({ triggerId: trigger } = await client.triggerBroadcast(number, {}));
    else await client.sendNewsletter(number);
  } catch (error) {
    // Only a Failure with another code says for certain that nothing was sent.
    if (!(error instanceof Failure) || error.code === "SEND_UNCLEAR") throw sendUnclear(mailing, error);
    await settle("not_sent", null);
    throw error;
  }
  await settle("sent", trigger);
  return trigger;
}

/** @throws Failure `bad_input` where it names neither or both */
export function mailingOf(named: {
  broadcastId?: number | undefined;
  newsletterId?: number | undefined;
}): Mailing {
  const { broadcastId, newsletterId } = named;
  if (broadcastId !== undefined && newsletterId === undefined)
    return { kind: "broadcast", number: broadcastId };
  if (newsletterId !== undefined && broadcastId === undefined)
    return { kind: "newsletter", number: newsletterId };
  throw badInput("USAGE", "Say either a broadcast or a newsletter.", "Give its number in Customer.io.");
}

/** What was sent stays sent: trouble here leaves the send uncompared, which keeps the gate shut, and is no failure of it. */
async function compareSoon(
  project: Project,
  client: CustomerIoClient,
  workspace: number,
  { kind, number }: Mailing,
  pauses: readonly number[],
  progress: Progress,
): Promise<Comparison | null> {
  const sent = (await recentlySent(project.store, workspace)).find(
    (one) => one.kind === kind && one.number === number,
  )!;
  let last: Comparison | null = null;
  try {
    for (const pause of pauses) {
      progress.start("Waiting for the first deliveries", null, "steps");
      await sleep(pause, undefined, { signal: progress.signal });
      const before = last;
      last = await compareDeliveries(project, client, workspace, sent, progress);
      const settled = last.pending === 0 && last.compared > 0 && last.compared === before?.compared;
      if (settled) break;
    }
    return last;
  } catch {
    return last;
  }
}

/**
 * Puts on record what the operator saw in Customer.io after an unclear answer. If it was not sent, it can be sent again.
 * @param by `window` or `command line`
 * @throws Failure `bad_input` where no send of it is unclear
 */
export async function settleSend(
  project: Project,
  mailing: Mailing,
  wasSent: boolean,
  by: string,
): Promise<void> {
  const workspace = await project.workspace();
  if (!workspace || !(await isUnclear(project.store, workspace.id, mailing))) {
    throw badInput(
      "NOTHING_UNCLEAR",
      `No send of ${mailing.kind} ${mailing.number} has an unknown outcome.`,
      "There is nothing to record.",
    );
  }
  const state = wasSent ? "sent" : "not_sent";
  // On record before it counts.
  await project.journal.append("send_settled", {
    workspace: workspace.id,
    ...mailing,
    state,
    trigger: null,
    by,
  });
  await recordOutcome(project.store, workspace.id, mailing, { state, trigger: null, by });
}

function sendUnclear({ kind, number }: Mailing, cause?: unknown): Failure {
  const name = kind === "broadcast" ? "Broadcast" : "Newsletter";
  const why = cause instanceof Failure ? ` ${cause.message}` : "";
  return failed(
    "SEND_UNCLEAR",
    `${name} ${number} was sent off and Customer.io's answer is not known, so it may have gone out.${why}`,
    `Look at it in Customer.io, then put on record what you saw: send --${kind} ${number} --was-sent yes or no. Sendgate does not send it again before that.`,
    cause,
  );
}
