import type { SyncRun } from "../../contract/sync.ts";
import { isoTime, now } from "../clock.ts";
import type { Store } from "../store/store.ts";

/** What is kept of a run when it ends, well or not. */
export interface RunOutcome {
  added: SyncRun["added"];
  removed: number;
  optedInAgain: number;
  /** Why it stopped, or which sources did not answer, in words; null where all went well. */
  trouble: string | null;
}

const mostRuns = 200;

/** On record before anything happens, so that a run that was cut off shows. @returns the run's number */
export async function beginRun(
  store: Store,
  { scheduled, missedAt }: { scheduled: boolean; missedAt: number | null },
): Promise<number> {
  const last = await store.row<{ sync: number }>(
    "SELECT coalesce(max(sync_id), 0) + 1 AS sync FROM sync_run",
  );
  await store.run(
    `INSERT INTO sync_run (sync_id, started_at, scheduled, missed_at, removed, opted_in_again)
     VALUES ($sync, $at, $scheduled, $missedAt, 0, 0)`,
    { sync: last!.sync, at: now(), scheduled, missedAt },
  );
  return last!.sync;
}

/** The last word about a run counts: where something fails after its end, the run ends once more with that. */
export async function endRun(store: Store, sync: number, outcome: RunOutcome): Promise<void> {
  await store.transaction(async (connection) => {
    await connection.run(
      `UPDATE sync_run SET ended_at = $at, removed = $removed, opted_in_again = $optedInAgain, trouble = $trouble
       WHERE sync_id = $sync`,
      {
        sync,
        at: now(),
        removed: outcome.removed,
        optedInAgain: outcome.optedInAgain,
        trouble: outcome.trouble,
      },
    );
    await connection.run("DELETE FROM sync_addition WHERE sync_id = $sync", { sync });
    await connection.run(
      `INSERT INTO sync_addition
       SELECT $sync, a.source, a.level, a.addresses
       FROM (SELECT unnest(from_json($added, '[{"source":"VARCHAR","level":"VARCHAR","addresses":"BIGINT"}]')) AS a)`,
      { sync, added: JSON.stringify(outcome.added) },
    );
  });
}

interface LastRun {
  [key: string]: number | string | boolean | null;
  started_at: number;
  ended_at: number | null;
  trouble: string | null;
  /** Null until it came to its end and the gate was asked. */
  gate_open: boolean | null;
}

/** The latest run, still under way, cut off or ended; undefined before the first one. */
export async function lastRun(store: Store): Promise<LastRun | undefined> {
  return store.row<LastRun>(
    "SELECT started_at, ended_at, trouble, gate_open FROM sync_run ORDER BY sync_id DESC LIMIT 1",
  );
}

/** What the gate said once the run had ended. */
export async function recordGate(store: Store, sync: number, isOpen: boolean): Promise<void> {
  await store.run("UPDATE sync_run SET gate_open = $isOpen WHERE sync_id = $sync", { sync, isOpen });
}

/** Newest first, at most 200. */
export async function syncRuns(store: Store): Promise<SyncRun[]> {
  const runs = await store.rows<{
    sync_id: number;
    started_at: number;
    ended_at: number | null;
    scheduled: boolean;
    missed_at: number | null;
    removed: number;
    opted_in_again: number;
    trouble: string | null;
    gate_open: boolean | null;
  }>(`SELECT * FROM sync_run ORDER BY sync_id DESC LIMIT ${mostRuns}`);
  const additions = await store.rows<{ sync_id: number; source: string; level: string; addresses: number }>(
    "SELECT * FROM sync_addition ORDER BY ALL",
  );
  return runs.map((run) => ({
    startedAt: isoTime(run.started_at),
    endedAt: run.ended_at === null ? null : isoTime(run.ended_at),
    missedAt: run.missed_at === null ? null : isoTime(run.missed_at),
    scheduled: run.scheduled,
    added: additions
      .filter(({ sync_id }) => sync_id === run.sync_id)
      .map(({ source, level, addresses }) => ({ source, level, addresses })),
    removed: run.removed,
    optedInAgain: run.opted_in_again,
    trouble: run.trouble,
    gateOpen: run.gate_open,
  }));
}
