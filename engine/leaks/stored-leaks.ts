import { badInput } from "../../contract/failure.ts";
import type { Leak, Leaks, Sent } from "../../contract/leaks.ts";
import { isoTime, now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";

const mostReachedItems = 100;

interface LeakRow {
  [key: string]: string | number | null;
  leak_id: string;
  kind: Leak["kind"];
  number: number;
  name: string;
  type: string | null;
  state: string;
  since: number | null;
  what: string;
  accepted_at: number | null;
  accepted_by: string | null;
  reason: string | null;
}

interface SentRow {
  [key: string]: string | number | null;
  kind: Sent["kind"];
  number: number;
  state: string;
  intended_at: number;
  compared_at: number | null;
  deliveries: number;
  pending: number;
  reached: number;
  open: number;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  acknowledged_reason: string | null;
}

/** When a workspace was last looked at, in microseconds since 1970, and why that came to nothing. */
export async function lastLook(
  store: Store,
  workspace: number,
): Promise<{ looked_at: number; failure: string | null } | undefined> {
  return store.row<{ looked_at: number; failure: string | null }>(
    "SELECT looked_at, failure FROM leak_look WHERE workspace_id = $workspace",
    { workspace },
  );
}

/** What the last look found in a workspace, with the operator's acceptances that still hold. */
export async function storedLeaks(store: Store, workspace: number): Promise<Leak[]> {
  const rows = await store.rows<LeakRow>(
    `SELECT leak_id, kind, number, name, type, state, since, what, accepted_at, accepted_by, reason
     FROM leak
     LEFT JOIN leak_acceptance USING (workspace_id, leak_id, fingerprint)
     WHERE workspace_id = $workspace
     QUALIFY row_number() OVER (PARTITION BY leak_id ORDER BY accepted_at DESC NULLS LAST) = 1
     ORDER BY kind, number`,
    { workspace },
  );
  return rows.map(({ leak_id, since, accepted_at, accepted_by, reason, ...leak }) => ({
    ...leak,
    id: leak_id,
    when: since === null ? null : isoTime(since),
    accepted: wordOf(accepted_at, accepted_by, reason),
  }));
}

/** Broadcasts and newsletters that were sent from here, the latest last. */
export async function storedSends(store: Store, workspace: number): Promise<Sent[]> {
  const rows = await store.rows<SentRow>(
    `SELECT s.*, coalesce(r.reached, 0) AS reached, coalesce(r.open, 0) AS open
     FROM (
       SELECT * FROM sending
       WHERE workspace_id = $workspace AND state <> 'not_sent'
       QUALIFY row_number() OVER (PARTITION BY kind, number ORDER BY intended_at DESC) = 1
     ) s
     LEFT JOIN (
       SELECT kind, number, count(*) AS reached, count(*) FILTER (acknowledged_at IS NULL) AS open
       FROM reached_delivery WHERE workspace_id = $workspace GROUP BY kind, number
     ) r USING (kind, number)
     ORDER BY intended_at`,
    { workspace },
  );
  return Promise.all(
    rows.map(async (row) => {
      const { kind, number, state, deliveries, pending, reached, open } = row;
      return {
        id: `send:${kind}:${number}`,
        kind,
        number,
        state: state === "intent" ? ("unclear" as const) : ("sent" as const),
        at: isoTime(row.intended_at),
        comparedAt: row.compared_at === null ? null : isoTime(row.compared_at),
        deliveries,
        pending,
        reached,
        open,
        reachedItems: reached === 0 ? [] : await reachedItems(store, workspace, kind, number),
        acknowledged: wordOf(row.acknowledged_at, row.acknowledged_by, row.acknowledged_reason),
        keepsGateShut: keepsGateShut(row),
      };
    }),
  );
}

async function reachedItems(store: Store, workspace: number, kind: string, number: number) {
  const rows = await store.rows<{ subject: string; found_at: number }>(
    `SELECT subject, found_at FROM reached_delivery
     WHERE workspace_id = $workspace AND kind = $kind AND number = $number
     ORDER BY found_at, subject LIMIT ${mostReachedItems}`,
    { workspace, kind, number },
  );
  return rows.map(({ subject, found_at }) => ({ subject, foundAt: isoTime(found_at) }));
}

/** Everything of the workspace that the project works on; stored facts, nothing is asked. */
export async function leaksState(project: Project): Promise<Leaks> {
  const workspace = await project.workspace();
  if (!workspace) return { lookedAt: null, failure: null, leaks: [], sent: [] };
  const look = await lastLook(project.store, workspace.id);
  return {
    lookedAt: look ? isoTime(look.looked_at) : null,
    failure: look?.failure ?? null,
    leaks: await storedLeaks(project.store, workspace.id),
    sent: await storedSends(project.store, workspace.id),
  };
}

/**
 * Puts the operator's word on record: that something may go on sending as it does now, or that he knows whom a send
 * reached.
 * @param by `window` or `command line`
 * @throws Failure `bad_input` where nothing of that name waits for his word
 */
export async function acceptLeak(project: Project, id: string, reason: string, by: string): Promise<Leaks> {
  const workspace = await project.workspace();
  // On record before it counts: a word that is on no record looks like an edit by hand.
  const record = () => project.journal.append("leak_accepted", { workspace: workspace!.id, leak: id, by });
  const taken = workspace
    ? id.startsWith("send:")
      ? await acknowledgeSend(project.store, workspace.id, id, reason, by, record)
      : await accept(project.store, workspace.id, id, reason, by, record)
    : false;
  if (!workspace || !taken) {
    throw badInput(
      "LEAK_UNKNOWN",
      `Nothing called ${id} waits to be accepted.`,
      "Look at `sendgate leaks` for what does.",
    );
  }
  return leaksState(project);
}

async function accept(
  store: Store,
  workspace: number,
  id: string,
  reason: string,
  by: string,
  record: () => Promise<void>,
) {
  const leak = (await storedLeaks(store, workspace)).find((one) => one.id === id);
  if (!leak || leak.accepted) return false;
  await record();
  await store.run(
    `INSERT INTO leak_acceptance
     SELECT workspace_id, leak_id, fingerprint, $reason, $by, $at FROM leak
     WHERE workspace_id = $workspace AND leak_id = $id`,
    { workspace, id, reason, by, at: now() },
  );
  return true;
}

async function acknowledgeSend(
  store: Store,
  workspace: number,
  id: string,
  reason: string,
  by: string,
  record: () => Promise<void>,
) {
  const sent = (await storedSends(store, workspace)).find((one) => one.id === id);
  if (!sent?.keepsGateShut) return false;
  await record();
  const { kind, number } = sent;
  const at = now();
  await store.transaction(async (connection) => {
    await connection.run(
      `UPDATE reached_delivery SET acknowledged_at = $at
       WHERE workspace_id = $workspace AND kind = $kind AND number = $number AND acknowledged_at IS NULL`,
      { workspace, kind, number, at },
    );
    await connection.run(
      `UPDATE sending SET acknowledged_at = $at, acknowledged_by = $by, acknowledged_reason = $reason
       WHERE workspace_id = $workspace AND kind = $kind AND number = $number AND state <> 'not_sent'`,
      { workspace, kind, number, at, by, reason },
    );
  });
  return true;
}

/**
 * A send keeps the gate shut where it reached somebody suppressed, and while nobody knows: before its deliveries were
 * compared, and while some to suppressed people are on the way. One without deliveries, as to an empty audience, does
 * not: those that come late are compared by the next look, which each further send begins with.
 */
function keepsGateShut({ open, pending, compared_at, acknowledged_at }: SentRow): boolean {
  if (open > 0) return true;
  if (acknowledged_at !== null) return false;
  return compared_at === null || pending > 0;
}

function wordOf(at: number | null, by: string | null, reason: string | null): Leak["accepted"] {
  return at === null ? null : { at: isoTime(at), by: by ?? "", reason: reason ?? "" };
}
