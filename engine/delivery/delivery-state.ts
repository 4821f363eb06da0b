import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";

export type Phase = "suppressions" | "profiles";

/** One write of the plan that has not been delivered yet. */
export interface Operation {
  [key: string]: string | number | null;
  operation_id: number;
  /** For ESP lists; else null. */
  email: string | null;
  /** An `IdentifyItem` as JSON text; null for ESP lists. */
  item: string | null;
}

export interface DeliveryCounts {
  [key: string]: number;
  operations: number;
  delivered: number;
  /** Of those that are not delivered, entries of ESP lists: one call each. */
  openLists: number;
  failed: number;
  /** Sent or about to be sent at least once, whatever came of it. */
  begun: number;
}

/** What became of the plan's operations in one workspace. An operation with other content than what was sent is open. */
export async function countDeliveries(
  store: Store,
  workspaceId: number,
  phase: Phase,
): Promise<DeliveryCounts> {
  const counts = await store.row<DeliveryCounts>(
    `SELECT
      count(*) AS operations,
      count(*) FILTER (d.state = 'done') AS delivered,
      count(*) FILTER (p.email IS NOT NULL AND d.state IS DISTINCT FROM 'done') AS "openLists",
      count(*) FILTER (d.state = 'failed') AS failed,
      count(*) FILTER (d.state <> 'planned') AS begun
     FROM planned_operation p
     LEFT JOIN delivery d
       ON d.workspace_id = $workspaceId AND d.phase = p.phase AND d.subject = p.subject AND d.content = p.content
     WHERE p.phase = $phase`,
    { workspaceId, phase },
  );
  return counts!;
}

/**
 * The deliveries of one plan in one workspace, by operation numbers. There is no index: a plan's rows lie in the order
 * of their numbers, so that a range of them is found by looking at a few blocks.
 */
export class Deliveries {
  readonly #store: Store;
  readonly #workspaceId: number;
  readonly #phase: Phase;

  private constructor(store: Store, workspaceId: number, phase: Phase) {
    this.#store = store;
    this.#workspaceId = workspaceId;
    this.#phase = phase;
  }

  /**
   * Lays out a row for every operation of the plan. What was delivered before with the same content stays delivered;
   * what was sent about other subjects, or to other workspaces, stays on record.
   */
  static async layOut(store: Store, workspaceId: number, phase: Phase): Promise<Deliveries> {
    await store.transaction(async (connection) => {
      await connection.run(
        `CREATE OR REPLACE TEMP TABLE laid_out AS
         SELECT p.operation_id, p.subject, p.content, d.state, d.reason, d.changed_at
         FROM planned_operation p
         LEFT JOIN delivery d
           ON d.workspace_id = $workspaceId AND d.phase = p.phase AND d.subject = p.subject AND d.content = p.content
         WHERE p.phase = $phase`,
        { workspaceId, phase },
      );
      await connection.run(
        `UPDATE delivery SET operation_id = NULL WHERE workspace_id = $workspaceId AND phase = $phase`,
        { workspaceId, phase },
      );
      await connection.run(
        `DELETE FROM delivery
         WHERE workspace_id = $workspaceId AND phase = $phase AND subject IN (SELECT subject FROM laid_out)`,
        { workspaceId, phase },
      );
      await connection.run(
        `INSERT INTO delivery
         SELECT $workspaceId, $phase, subject, content, operation_id, coalesce(state, 'planned'), reason, coalesce(changed_at, $at)
         FROM laid_out
         ORDER BY operation_id`,
        { workspaceId, phase, at: now() },
      );
      await connection.run("DROP TABLE laid_out");
    });
    return new Deliveries(store, workspaceId, phase);
  }

  /**
   * Open operations of one mechanism of an ESP list, or all `identifies`, in order, in pieces of at most `pieceSize`. What was
   * refused for good in an earlier run is tried once more.
   */
  async *open(of: string, pieceSize: number): AsyncGenerator<Operation[]> {
    const end = await this.#store.row<{ last: number }>(
      "SELECT coalesce(max(operation_id), 0) AS last FROM planned_operation WHERE phase = $phase",
      { phase: this.#phase },
    );
    for (let first = 1; first <= end!.last; first += pieceSize) {
      const range = `BETWEEN ${first} AND ${first + pieceSize - 1}`;
      const piece = await this.#store.rows<Operation>(
        `SELECT p.operation_id, p.email, p.item
         FROM planned_operation p
         JOIN delivery d USING (operation_id, phase)
         WHERE p.phase = $phase AND p.operation_id ${range} AND CASE WHEN p.item IS NULL THEN p.mechanism ELSE 'identifies' END = $of
           AND d.phase = $phase AND d.operation_id ${range}
           AND d.workspace_id = $workspaceId AND d.state <> 'done'
         ORDER BY p.operation_id`,
        { workspaceId: this.#workspaceId, phase: this.#phase, of },
      );
      if (piece.length > 0) yield piece;
    }
  }

  /** Takes the same short time for one operation and for ten thousand in a row. */
  async record(operations: readonly Operation[], state: "intent" | "done"): Promise<void> {
    if (operations.length === 0) return;
    const runs = runsOf(operations.map(({ operation_id }) => operation_id));
    await this.#store.run(
      `UPDATE delivery SET state = $state, reason = NULL, changed_at = $at
       WHERE workspace_id = $workspaceId AND phase = $phase
         AND operation_id BETWEEN ${runs[0]!.first} AND ${runs.at(-1)!.last}
         AND (${runs.map(({ first, last }) => `operation_id BETWEEN ${first} AND ${last}`).join(" OR ")})`,
      { workspaceId: this.#workspaceId, phase: this.#phase, state, at: now() },
    );
  }

  /** Refused for good, each with the reason. */
  async recordFailures(failures: readonly { operation: Operation; reason: string }[]): Promise<void> {
    if (failures.length === 0) return;
    const refused = failures.map(({ operation, reason }) => ({ number: operation.operation_id, reason }));
    await this.#store.run(
      `UPDATE delivery SET state = 'failed', reason = refused.reason, changed_at = $at
       FROM (SELECT unnest(from_json($refused, '[{"number":"INTEGER","reason":"VARCHAR"}]'), recursive := true)) refused
       WHERE workspace_id = $workspaceId AND phase = $phase AND operation_id = refused.number`,
      {
        workspaceId: this.#workspaceId,
        phase: this.#phase,
        refused: JSON.stringify(refused),
        at: now(),
      },
    );
  }
}

/** Numbers that follow each other as ranges, in order. */
function runsOf(numbers: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && number === run.last + 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}

/** What was refused for good, in order. */
export async function firstFailures(
  store: Store,
  workspaceId: number,
  phase: Phase,
  most: number,
): Promise<{ subject: string; mechanism: string; reason: string }[]> {
  return store.rows<{ subject: string; mechanism: string; reason: string }>(
    `SELECT p.subject, p.mechanism, coalesce(d.reason, '') AS reason
     FROM planned_operation p
     JOIN delivery d
       ON d.workspace_id = $workspaceId AND d.phase = p.phase AND d.subject = p.subject AND d.content = p.content
     WHERE p.phase = $phase AND d.state = 'failed'
     ORDER BY p.operation_id
     LIMIT ${most}`,
    { workspaceId, phase },
  );
}
