import type { CustomerIoClient } from "../../customerio/client.ts";
import type { MessageDelivery } from "../../customerio/messaging.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import { boundWorkspace } from "../delivery/bound-workspace.ts";
import { readEmail } from "../normalise/email-key.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { type Mailing, recentlySent } from "./sendings.ts";

/** What a send did so far. */
export interface Comparison {
  /** Deliveries that were read. */
  compared: number;
  /** Deliveries to suppressed people of which nobody knows yet whether they went out. */
  pending: number;
  /** Deliveries that reached suppressed people. */
  reached: number;
}

/** Deliveries from so long before our clock says it was sent: clocks differ. */
const earlierSeconds = 3_600;
/** Channels that an unsubscribed person may get (reference/customerio.md §1.8), and messages that go to no person. */
const otherChannels = new Set(["in_app", "inbox", "slack", "webhook", "live_notification"]);
const emailChannels = new Set(["email", null]);
/** What a delivery that came to nothing has behind it; `created` and `drafted` alone say nothing yet. */
const heldBack = new Set(["dropped", "undeliverable", "failed", "suppressed"]);
const beforehand = new Set(["created", "drafted"]);

/**
 * Compares everybody whom a send has a delivery for with the suppressions of the merge it was sent on, by address and by
 * person, and keeps every hit: it locks the gate until it is acknowledged. A delivery that does not say whom it is for
 * counts as a hit. Repeatable: deliveries come in for a while.
 * @throws Failure where the deliveries cannot be read to their end; then nothing counts as compared
 */
export async function compareDeliveries(
  project: Project,
  client: CustomerIoClient,
  workspace: number,
  sent: Mailing & { intended_at: number; merge_hash: string | null },
  progress: Progress,
): Promise<Comparison> {
  const { store } = project;
  const { kind, number, intended_at, merge_hash } = sent;
  const since = Math.floor(intended_at / 1_000_000) - earlierSeconds;
  progress.start(`Comparing deliveries of ${kind} ${number} with the suppressions`, null, "deliveries");
  const comparison: Comparison = { compared: 0, pending: 0, reached: 0 };
  for await (const page of client.messaging.deliveries(kind, number, since)) {
    const subjects = page.map(subjectsOf);
    const suppressed = await suppressedAmong(store, merge_hash, subjects.flat());
    const hits: { delivery: string; subject: string }[] = [];
    page.forEach((delivery, index) => {
      const subject = subjects[index]!.find((one) => suppressed.has(one) || one === nobodyKnown);
      const outcome = subject === undefined ? "held_back" : outcomeOf(delivery);
      if (outcome === "pending") comparison.pending += 1;
      if (outcome === "reached") hits.push({ delivery: delivery.id, subject: subject! });
    });
    // At once: a page that cannot be read later must not hide what this one shows.
    if (hits.length > 0) await recordReached(store, workspace, sent, hits);
    comparison.compared += page.length;
    comparison.reached += hits.length;
    await progress.report(comparison.compared);
  }
  await store.run(
    `UPDATE sending SET compared_at = $at, deliveries = $compared, pending = $pending
     WHERE workspace_id = $workspace AND kind = $kind AND number = $number AND state <> 'not_sent'`,
    { workspace, kind, number, at: now(), compared: comparison.compared, pending: comparison.pending },
  );
  await project.journal.append("deliveries_compared", { workspace, kind, number, ...comparison });
  return comparison;
}

/**
 * Compares the deliveries of everything that was sent from here in the last days.
 * @throws Failure where the keys lead to another workspace, or the deliveries of one cannot be read to their end
 */
export async function compareSends(
  project: Project,
  client: CustomerIoClient,
  progress: Progress,
): Promise<void> {
  const workspace = await boundWorkspace(project, client);
  for (const sent of await recentlySent(project.store, workspace.id)) {
    await compareDeliveries(project, client, workspace.id, sent, progress);
  }
}

/** Stands for a delivery that does not say whom it is for. */
const nobodyKnown = "unknown";

/** As the suppressions name them. Empty where the channel is none that a suppression speaks of. */
function subjectsOf(delivery: MessageDelivery): string[] {
  const { channel, personId, addresses, identified } = delivery;
  if (channel !== null && otherChannels.has(channel)) return [];
  const people = personId === null ? [] : [`id:${personId}`];
  const keys = emailChannels.has(channel)
    ? addresses
        .flatMap((text) => [text, ...text.split(/[,;]/)])
        .flatMap((text) => {
          const email = readEmail(text);
          return email.kind === "good" ? [`email:${email.key.toLowerCase()}`] : [];
        })
    : [];
  if (people.length + keys.length > 0) return [...people, ...keys];
  return identified && channel !== "email" ? [] : [nobodyKnown];
}

function outcomeOf({ metrics }: MessageDelivery): "reached" | "pending" | "held_back" {
  const after = metrics.filter((metric) => !beforehand.has(metric));
  if (after.length === 0) return "pending";
  return after.every((metric) => heldBack.has(metric)) ? "held_back" : "reached";
}

async function recordReached(
  store: Store,
  workspace: number,
  { kind, number }: Mailing,
  hits: readonly { delivery: string; subject: string }[],
): Promise<void> {
  await store.run(
    `INSERT INTO reached_delivery
     SELECT $workspace, $kind, $number, hit.delivery, hit.subject, $at, NULL
     FROM (SELECT unnest(from_json($hits, '[{"delivery":"VARCHAR","subject":"VARCHAR"}]')) AS hit)
     WHERE hit.delivery NOT IN (SELECT delivery_id FROM reached_delivery WHERE workspace_id = $workspace)`,
    { workspace, kind, number, at: now(), hits: JSON.stringify(hits) },
  );
}

async function suppressedAmong(
  store: Store,
  mergeHash: string | null,
  subjects: readonly string[],
): Promise<Set<string>> {
  const rows = await store.rows<{ subject: string }>(
    `SELECT DISTINCT subject FROM sending_suppression
     WHERE merge_hash = $mergeHash AND subject IN (SELECT unnest(from_json($subjects, '["VARCHAR"]')))`,
    { mergeHash, subjects: JSON.stringify(subjects) },
  );
  return new Set(rows.map(({ subject }) => subject));
}
