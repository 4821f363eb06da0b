import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";

export type LookUpKind = "id" | "email";

/** `missing`: never looked up in this workspace. `missing_or_old`: those, and what is too old or in conflict. */
export type DueLookUps = "missing" | "missing_or_old";

/** Ids or addresses that one call takes (reference/customerio.md §2.3). */
const lookUpSize = 100;
/** Where addresses identify nobody, each takes one call to find its people and one to read them. */
const callsByAddress = 2;

const planned: Record<LookUpKind, string> = {
  id: "SELECT user_id AS value FROM planned_person WHERE has_id AND NOT is_forgotten",
  email: "SELECT DISTINCT send AS value FROM intended_email",
};

/** Planned values that are due, as `value`; its parameters are `dueParameters`. */
export function dueValues(kind: LookUpKind, which: DueLookUps): string {
  const inConflict =
    "p.value IN (SELECT unnest([user_id, email]) FROM destination_conflict WHERE workspace_id = $workspaceId)";
  return `
    SELECT p.value
    FROM (${planned[kind]}) p
    LEFT JOIN destination_look_up l
      ON l.workspace_id = $workspaceId AND l.kind = '${kind}' AND l.value = p.value
    WHERE l.value IS NULL OR l.looked_up_at < $before ${which === "missing_or_old" ? `OR ${inConflict}` : ""}`;
}

/** Look-ups stay good for a day. */
export function dueParameters(workspaceId: number, which: DueLookUps) {
  return { workspaceId, before: which === "missing" ? 0 : now() - 24 * 3_600_000_000 };
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
  const parameters = dueParameters(workspaceId, which);
  const due = await store.row<{ ids: number; emails: number }>(
    `SELECT (SELECT count(*) FROM (${dueValues("id", which)})) AS ids,
            (SELECT count(*) FROM (${dueValues("email", which)})) AS emails`,
    parameters,
  );
  const { ids, emails } = due!;
  const emailCalls = emailIdentifies ? Math.ceil(emails / lookUpSize) : emails * callsByAddress;
  return { ids, emails, calls: Math.ceil(ids / lookUpSize) + emailCalls };
}
