import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";
import openWrites from "./open-writes.sql";

export type LookUpKind = "id" | "email";

/**
 * What is looked up beside whatever never was. `all`: what was looked up more than a day ago or is in conflict.
 * `before_writing`: of what is still to be written, whatever was looked up more than a day ago, or before we wrote
 * something else about the person or the address ourselves.
 */
export type DueLookUps = "all" | "before_writing";

/** How many ids and addresses are due. */
export interface DueCounts {
  ids: number;
  emails: number;
}

/** Planned writes whose subjects are looked at together. */
const operationsAtATime = 200_000;
/** Ids or addresses that one call takes (reference/customerio.md §2.3). */
const lookUpSize = 100;
/** Where addresses identify nobody, each takes one call to find its people and one to read them. */
const callsByAddress = 2;

/** What would be written about, by which subject, and by which other one an address may have been written before; an address as often as people have it. */
const planned: Record<LookUpKind, string> = {
  id: "SELECT user_id AS value, 'id:' || user_id AS subject, NULL AS alone FROM planned_person WHERE has_id AND NOT is_forgotten",
  email: `
    SELECT
      send AS value,
      coalesce('id:' || p.user_id, 'email:' || e.email_key) AS subject,
      CASE WHEN p.user_id IS NOT NULL THEN 'email:' || e.email_key END AS alone
    FROM intended_email e JOIN planned_person p USING (person_id)`,
};

/**
 * Lays down the planned values that are due, each once, for `dueValues` to read: to find them takes memory that the hours
 * of looking up must not keep. One look-up at a time.
 * @returns how many of each kind
 */
export async function layDownDue(store: Store, workspaceId: number, which: DueLookUps): Promise<DueCounts> {
  if (which === "before_writing") await layDownOpenWrites(store, workspaceId);
  const layDown = async (kind: LookUpKind): Promise<number> => {
    const parameters = dueParameters(workspaceId);
    await store.run(`CREATE OR REPLACE TEMP TABLE due_${kind} AS ${neverLookedUp(kind)}`, { workspaceId });
    await store.run(`INSERT INTO due_${kind} ${toBeLookedUpAgain(kind, which)}`, parameters);
    return (await store.row<{ values: number }>(`SELECT count(*) AS values FROM due_${kind}`))!.values;
  };
  const counts = { ids: await layDown("id"), emails: await layDown("email") };
  if (which === "before_writing") await store.run("DROP TABLE open_write");
  return counts;
}

/** In ranges, so that the join over all writes of a large plan stays in little memory. */
async function layDownOpenWrites(store: Store, workspaceId: number): Promise<void> {
  const end = await store.row<{ last: number }>(
    "SELECT coalesce(max(operation_id), 0) AS last FROM planned_operation",
  );
  await store.run("CREATE OR REPLACE TEMP TABLE open_write (subject VARCHAR, written_at BIGINT)");
  for (let first = 1; first <= end!.last; first += operationsAtATime) {
    const last = first + operationsAtATime - 1;
    await store.run(`INSERT INTO open_write ${openWrites}`, { workspaceId, first, last });
  }
}

/** What `layDownDue` laid down of one kind, in pieces of at most `pieceSize`. */
export async function* dueValues(
  store: Store,
  kind: LookUpKind,
  pieceSize: number,
): AsyncGenerator<string[]> {
  for (let first = 0; ; first += pieceSize) {
    const piece = await store.rows<{ value: string }>(
      `SELECT value FROM due_${kind} WHERE rowid >= ${first} AND rowid < ${first + pieceSize}`,
    );
    if (piece.length === 0) break;
    yield piece.map(({ value }) => value);
  }
  await store.run(`DROP TABLE due_${kind}`);
}

/** How many values `lookUpDestination` would ask for. */
export async function countDue(store: Store, workspaceId: number): Promise<DueCounts> {
  const count = (kind: LookUpKind) =>
    `(SELECT count(*) FROM (${neverLookedUp(kind)} UNION ALL ${toBeLookedUpAgain(kind, "all")}))`;
  const counts = await store.row<{ ids: number; emails: number }>(
    `SELECT ${count("id")} AS ids, ${count("email")} AS emails`,
    dueParameters(workspaceId),
  );
  return counts!;
}

/** Calls that the look-ups take. */
export function lookUpCalls({ ids, emails }: DueCounts, emailIdentifies: boolean): number {
  const emailCalls = emailIdentifies ? Math.ceil(emails / lookUpSize) : emails * callsByAddress;
  return Math.ceil(ids / lookUpSize) + emailCalls;
}

/** As `value`, each once. Parameter workspaceId. */
function neverLookedUp(kind: LookUpKind): string {
  return `
    SELECT DISTINCT value FROM (${planned[kind]})
    ANTI JOIN (SELECT value FROM destination_look_up WHERE workspace_id = $workspaceId AND kind = '${kind}') USING (value)`;
}

/** As `value`, each once. Its parameters are `dueParameters`. */
function toBeLookedUpAgain(kind: LookUpKind, which: DueLookUps): string {
  const outdated = `
    JOIN open_write o USING (subject)
    LEFT JOIN (${writtenAlone}) a ON a.subject = p.alone
    WHERE l.looked_up_at < greatest($dayAgo, o.written_at, a.written_at)`;
  return `
    SELECT DISTINCT p.value
    FROM (${planned[kind]}) p
    JOIN destination_look_up l ON l.workspace_id = $workspaceId AND l.kind = '${kind}' AND l.value = p.value
    ${which === "all" ? oldOrInConflict : outdated}`;
}

const oldOrInConflict = `
  WHERE l.looked_up_at < $dayAgo
    OR p.value IN (SELECT unnest([user_id, email]) FROM destination_conflict WHERE workspace_id = $workspaceId)`;

const writtenAlone = `
  SELECT subject, max(changed_at) AS written_at FROM delivery
  WHERE workspace_id = $workspaceId AND state <> 'planned' AND starts_with(subject, 'email:')
  GROUP BY subject`;

/** Look-ups stay good for a day. */
function dueParameters(workspaceId: number) {
  return { workspaceId, dayAgo: now() - 24 * 3_600_000_000 };
}

/** Planned values, how many of them were looked up in this workspace, and when. */
export async function lookUpCounts(store: Store, workspaceId: number) {
  const counts = async (kind: LookUpKind) => {
    const row = await store.row<{ planned: number; found: number; oldest: number; newest: number }>(
      `SELECT count(*) AS planned, count(l.value) AS found, min(looked_up_at) AS oldest, max(looked_up_at) AS newest
       FROM (SELECT DISTINCT value FROM (${planned[kind]})) p
       LEFT JOIN destination_look_up l
         ON l.workspace_id = $workspaceId AND l.kind = '${kind}' AND l.value = p.value`,
      { workspaceId },
    );
    return row!;
  };
  return { ids: await counts("id"), emails: await counts("email") };
}
