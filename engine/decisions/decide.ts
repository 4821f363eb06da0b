import type { DecideReport } from "../../contract/merge.ts";
import { now } from "../clock.ts";
import type { ConflictRow } from "../outputs/conflicts.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { checkDecision, type DecisionContext } from "./check-decision.ts";

/** One decision as written: where it stands, and what it says; an empty one decides nothing. */
export interface WrittenDecision {
  /** Physical line in its file; 0 from the window. */
  line: number;
  conflictId: string;
  decision: string;
  /** Says why the row cannot be trusted, given the conflict as it is now; null where it can. */
  changed?: (conflict: ConflictRow) => string | null;
}

/**
 * Takes decisions: all or nothing. Every one is judged against the conflicts of the merge that stands.
 * They take effect with the next merge; none can weaken a suppression (merge-rules §6).
 * @param by `window` or `command line`
 */
export async function decide(
  project: Project,
  written: readonly WrittenDecision[],
  by: string,
): Promise<DecideReport> {
  const { store } = project;
  const named = written.filter((row) => row.decision !== "" || row.changed);
  const conflicts = await conflictsById(
    store,
    named.map((row) => row.conflictId),
  );
  const contexts = await decisionContexts(store, conflicts, named);

  const taken = new Map<string, string>();
  const refused: DecideReport["refused"] = [];
  let unchanged = written.length - named.length;
  for (const row of named) {
    const refuse = (reason: string) => refused.push({ line: row.line, reason });
    const conflict = conflicts.get(row.conflictId);
    if (!conflict) {
      refuse(
        `There is no conflict ${row.conflictId || "without an id"} in the merge that stands; export the conflicts again.`,
      );
      continue;
    }
    const changed = row.changed?.(conflict);
    if (changed) {
      refuse(changed);
      continue;
    }
    if (row.decision === "") {
      unchanged++;
      continue;
    }
    const verdict = checkDecision(conflict, row.decision, contexts.get(row.conflictId) ?? noContext);
    if ("refused" in verdict) refuse(verdict.refused);
    else if (taken.has(row.conflictId) && taken.get(row.conflictId) !== verdict.decision) {
      refuse(`${row.conflictId} stands in the file twice, with different decisions.`);
    } else if (verdict.decision === conflict.decision) unchanged++;
    else taken.set(row.conflictId, verdict.decision);
  }
  if (refused.length > 0) return { applied: 0, unchanged, refused };

  const at = now();
  await store.transaction(async (connection) => {
    const statement = await connection.prepare(
      "INSERT OR REPLACE INTO decision VALUES ($id, $decision, $at, $by)",
    );
    for (const [id, decision] of taken) {
      statement.bind({ id, decision, at, by });
      await statement.run();
    }
  });
  if (taken.size > 0) await project.journal.append("decisions_taken", { decisions: taken.size, by });
  return { applied: taken.size, unchanged, refused };
}

const noContext: DecisionContext = { values: [], heldBack: new Set() };

/** The ids as rows, for `IN`; a JSON parameter takes any number of them. */
const wanted = "(SELECT unnest(from_json($ids::JSON, '[\"VARCHAR\"]')))";

async function conflictsById(store: Store, ids: readonly string[]): Promise<Map<string, ConflictRow>> {
  const rows = await store.rows<ConflictRow>(
    `SELECT c.*, d.decision FROM conflict c LEFT JOIN decision d USING (conflict_id) WHERE c.conflict_id IN ${wanted}`,
    { ids: JSON.stringify(ids) },
  );
  return new Map(rows.map((row) => [row.conflict_id, row]));
}

/** What the decisions are judged by, looked up for all at once. */
export async function decisionContexts(
  store: Store,
  conflicts: ReadonlyMap<string, ConflictRow>,
  written: readonly WrittenDecision[] = [],
): Promise<Map<string, DecisionContext>> {
  const contexts = new Map<string, DecisionContext>();
  const ids = (code: string) =>
    JSON.stringify([...conflicts.values()].filter((row) => row.code === code).map((row) => row.conflict_id));

  const values = await store.rows<{ conflict_id: string; value_texts: string[] }>(
    `SELECT 'ATTR_CONFLICT:' || p.person_key || '/' || v.name AS conflict_id, list(v.value_text ORDER BY v.value_text) AS value_texts
     FROM contested_attribute c
     JOIN person p USING (person_id)
     JOIN contested_value v USING (person_id, name)
     WHERE 'ATTR_CONFLICT:' || p.person_key || '/' || v.name IN ${wanted}
     GROUP BY 1`,
    { ids: ids("ATTR_CONFLICT") },
  );
  for (const row of values) contexts.set(row.conflict_id, { values: row.value_texts, heldBack: new Set() });

  const heldBack = await store.rows<{
    conflict_id: string;
    user_id: string;
    email_key: string;
    given: string | null;
  }>(
    `SELECT 'ID_MANY_EMAILS:' || p.user_id AS conflict_id, p.user_id, a.email_key, d.decision AS given
     FROM person p
     JOIN person_address c USING (person_id)
     JOIN owned_address o ON o.address_id = c.address_id AND o.owners > 1
     JOIN address a ON a.address_id = c.address_id
     LEFT JOIN decision d ON d.conflict_id = 'EMAIL_MANY_IDS:' || a.email_key
     WHERE 'ID_MANY_EMAILS:' || p.user_id IN ${wanted}`,
    { ids: ids("ID_MANY_EMAILS") },
  );
  const givenNow = new Map(
    written.filter((row) => row.decision !== "").map((row) => [row.conflictId, row.decision]),
  );
  for (const row of heldBack) {
    const given = givenNow.get(`EMAIL_MANY_IDS:${row.email_key}`) ?? row.given;
    if (given === `owner=${row.user_id}`) continue;
    const context = contexts.get(row.conflict_id) ?? { values: [], heldBack: new Set<string>() };
    context.heldBack.add(row.email_key);
    contexts.set(row.conflict_id, context);
  }
  return contexts;
}
