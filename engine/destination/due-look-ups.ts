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

/** Ids or addresses that one call takes (reference/customerio.md §2.3). */
const lookUpSize = 100;
/** Where addresses identify nobody, each takes one call to find its people and one to read them. */
const callsByAddress = 2;

/** What would be written about, by which subject, and by which other one an address may have been written before. */
const planned: Record<LookUpKind, string> = {
  id: "SELECT user_id AS value, 'id:' || user_id AS subject, NULL AS alone FROM planned_person WHERE has_id AND NOT is_forgotten",
  email: `
    SELECT
      send AS value,
      any_value(coalesce('id:' || p.user_id, 'email:' || e.email_key)) AS subject,
      any_value(CASE WHEN p.user_id IS NOT NULL THEN 'email:' || e.email_key END) AS alone
    FROM intended_email e JOIN planned_person p USING (person_id)
    GROUP BY send`,
};

/** Planned values that are due, as `value`; its parameters are `dueParameters`. */
export function dueValues(kind: LookUpKind, which: DueLookUps): string {
  return `
    SELECT p.value
    FROM (${planned[kind]}) p
    LEFT JOIN destination_look_up l
      ON l.workspace_id = $workspaceId AND l.kind = '${kind}' AND l.value = p.value
    ${which === "all" ? "" : `LEFT JOIN (${openWrites}) o USING (subject) LEFT JOIN (${writtenAlone}) a ON a.subject = p.alone`}
    WHERE l.value IS NULL OR ${which === "all" ? oldOrInConflict : outdated}`;
}

const oldOrInConflict = `
  l.looked_up_at < $dayAgo
  OR p.value IN (SELECT unnest([user_id, email]) FROM destination_conflict WHERE workspace_id = $workspaceId)`;

const outdated = "(o.subject IS NOT NULL AND l.looked_up_at < greatest($dayAgo, o.written_at, a.written_at))";

const writtenAlone = `
  SELECT subject, max(changed_at) AS written_at FROM delivery
  WHERE workspace_id = $workspaceId AND state <> 'planned' AND starts_with(subject, 'email:')
  GROUP BY subject`;

/** Look-ups stay good for a day. */
export function dueParameters(workspaceId: number) {
  return { workspaceId, dayAgo: now() - 24 * 3_600_000_000 };
}

/** Planned values, how many of them were looked up in this workspace, and when. */
export async function lookUpCounts(store: Store, workspaceId: number) {
  const counts = async (kind: LookUpKind) => {
    const row = await store.row<{ planned: number; found: number; oldest: number; newest: number }>(
      `SELECT count(*) AS planned, count(l.value) AS found, min(looked_up_at) AS oldest, max(looked_up_at) AS newest
       FROM (${planned[kind]}) p
       LEFT JOIN destination_look_up l
         ON l.workspace_id = $workspaceId AND l.kind = '${kind}' AND l.value = p.value`,
      { workspaceId },
    );
    return row!;
  };
  return { ids: await counts("id"), emails: await counts("email") };
}

/** How many values are due, and the calls that they take. */
export async function dueLookUps(
  store: Store,
  workspaceId: number,
  which: DueLookUps,
  emailIdentifies = true,
): Promise<{ ids: number; emails: number; calls: number }> {
  const parameters = dueParameters(workspaceId);
  const due = await store.row<{ ids: number; emails: number }>(
    `SELECT (SELECT count(*) FROM (${dueValues("id", which)})) AS ids,
            (SELECT count(*) FROM (${dueValues("email", which)})) AS emails`,
    parameters,
  );
  const { ids, emails } = due!;
  const emailCalls = emailIdentifies ? Math.ceil(emails / lookUpSize) : emails * callsByAddress;
  return { ids, emails, calls: Math.ceil(ids / lookUpSize) + emailCalls };
}
