import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";

/** What can be sent through the gate. */
export interface Mailing {
  kind: "broadcast" | "newsletter";
  /** Its number in Customer.io. */
  number: number;
}

/** Something that was sent from here, or may have been. */
export interface Sending extends Mailing {
  [key: string]: string | number | null;
  state: "intent" | "sent";
  intended_at: number;
  merge_hash: string | null;
}

/** For so many days after a send its deliveries are compared in each look: rate limits and time zones spread them. */
const comparedDays = 7;

/** The latest send of each broadcast and newsletter within the days in which its deliveries are compared. */
export async function recentlySent(store: Store, workspace: number): Promise<Sending[]> {
  return store.rows<Sending>(
    `SELECT kind, number, state, intended_at, merge_hash FROM sending
     WHERE workspace_id = $workspace AND state <> 'not_sent' AND (intended_at > $from OR compared_at IS NULL)
     QUALIFY row_number() OVER (PARTITION BY kind, number ORDER BY intended_at DESC) = 1
     ORDER BY intended_at`,
    { workspace, from: now() - comparedDays * 86_400_000_000 },
  );
}

const minute = 60_000_000;

/**
 * Whether deliveries should be compared again by now: they come in for a while, most of them soon. Every minute in the
 * first hour after a send, then every hour for as long as it is compared at all.
 */
export async function comparisonIsDue(store: Store, workspace: number): Promise<boolean> {
  const row = await store.row(
    `SELECT 1 AS found FROM sending
     WHERE workspace_id = $workspace AND state <> 'not_sent' AND intended_at > $from
       AND coalesce(compared_at, 0) <= CASE WHEN intended_at > $soon THEN $minuteAgo ELSE $hourAgo END
     LIMIT 1`,
    {
      workspace,
      from: now() - comparedDays * 86_400_000_000,
      soon: now() - 60 * minute,
      minuteAgo: now() - minute,
      hourAgo: now() - 60 * minute,
    },
  );
  return row !== undefined;
}

/** Trigger numbers of our sends of a broadcast; null among them where one is not known. */
export async function ourTriggers(
  store: Store,
  workspace: number,
  broadcast: number,
): Promise<(number | null)[]> {
  const rows = await store.rows<{ trigger_id: number | null }>(
    `SELECT trigger_id FROM sending
     WHERE workspace_id = $workspace AND kind = 'broadcast' AND number = $broadcast AND state <> 'not_sent'`,
    { workspace, broadcast },
  );
  return rows.map(({ trigger_id }) => trigger_id);
}

/** Whether a send of it is on record as intended and without an outcome. */
export async function isUnclear(
  store: Store,
  workspace: number,
  { kind, number }: Mailing,
): Promise<boolean> {
  const row = await store.row(
    `SELECT 1 AS found FROM sending
     WHERE workspace_id = $workspace AND kind = $kind AND number = $number AND state = 'intent'`,
    { workspace, kind, number },
  );
  return row !== undefined;
}

/** When a broadcast was last triggered, or may have been, in microseconds since 1970; null where none was. */
export async function lastTriggeredAt(store: Store, workspace: number): Promise<number | null> {
  const row = await store.row<{ at: number | null }>(
    `SELECT max(coalesce(settled_at, intended_at)) AS at FROM sending
     WHERE workspace_id = $workspace AND kind = 'broadcast' AND settled_by IS NULL`,
    { workspace },
  );
  return row?.at ?? null;
}

/** Puts on record that it is about to be sent, with the suppressions that it must not reach. */
export async function recordIntent(
  store: Store,
  workspace: number,
  { kind, number }: Mailing,
  mergeHash: string,
): Promise<void> {
  await store.transaction(async (connection) => {
    // What no comparison asks for any more.
    await connection.run(
      `DELETE FROM sending_suppression WHERE merge_hash NOT IN (
         SELECT merge_hash FROM sending
         WHERE merge_hash IS NOT NULL AND state <> 'not_sent' AND (intended_at > $from OR compared_at IS NULL))`,
      { from: now() - comparedDays * 86_400_000_000 },
    );
    await connection.run(
      `INSERT INTO sending_suppression
       SELECT $mergeHash, subject FROM (
         SELECT 'email:' || lower(email_key) AS subject FROM suppression JOIN address USING (address_id)
         UNION
         SELECT 'id:' || user_id FROM planned_person WHERE suppressed AND user_id IS NOT NULL
       )
       WHERE NOT EXISTS (SELECT 1 FROM sending_suppression WHERE merge_hash = $mergeHash)`,
      { mergeHash },
    );
    await connection.run(
      `INSERT INTO sending (workspace_id, kind, number, state, intended_at, merge_hash)
       VALUES ($workspace, $kind, $number, 'intent', $at, $mergeHash)`,
      { workspace, kind, number, at: now(), mergeHash },
    );
  });
}

/** @param by who says so; null where Customer.io's answer does */
export async function recordOutcome(
  store: Store,
  workspace: number,
  { kind, number }: Mailing,
  outcome: { state: "sent" | "not_sent"; trigger: number | null; by: string | null },
): Promise<void> {
  await store.run(
    `UPDATE sending SET state = $state, trigger_id = $trigger, settled_at = $at, settled_by = $by
     WHERE workspace_id = $workspace AND kind = $kind AND number = $number AND state = 'intent'`,
    { workspace, kind, number, at: now(), ...outcome },
  );
}
