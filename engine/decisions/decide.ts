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

  // On record before they count: what stands changed and is on no record looks like an edit by hand.
  if (taken.size > 0) await project.journal.append("decisions_taken", { decisions: taken.size, by });
  // One statement for all: DuckDB sets a block of memory aside for every single insert of a transaction.
  await store.run(
    `INSERT OR REPLACE INTO decision
     SELECT taken ->> 0, taken ->> 1, $at::BIGINT, $by
     FROM (SELECT unnest(from_json($taken::JSON, '["JSON"]')) AS taken)`,
    { taken: JSON.stringify([...taken]), at: now(), by },
  );
  return { applied: taken.size, unchanged, refused };
}

const noContext: DecisionContext = { values: [], heldBack: new Set() };

/**
 * The ids as rows; a JSON parameter takes any number of them. Kept apart by MATERIALIZED: asked for inside a condition,
 * they were joined with everything before anything was left out.
 */
const wanted =
  "wanted AS MATERIALIZED (SELECT unnest(from_json($ids::JSON, '[\"VARCHAR\"]')) AS conflict_id)";

async function conflictsById(store: Store, ids: readonly string[]): Promise<Map<string, ConflictRow>> {
  const rows = await store.rows<ConflictRow>(
    `WITH ${wanted}
     SELECT c.*, d.decision FROM conflict c SEMI JOIN wanted USING (conflict_id) LEFT JOIN decision d USING (conflict_id)`,
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
    `WITH ${wanted},
     named AS MATERIALIZED (
       SELECT 'ATTR_CONFLICT:' || p.person_key || '/' || c.name AS conflict_id, c.person_id, c.name
       FROM contested_attribute c
       JOIN person p USING (person_id)
     )
     SELECT n.conflict_id, list(v.value_text ORDER BY v.value_text) AS value_texts
     FROM named n
     SEMI JOIN wanted USING (conflict_id)
     JOIN contested_value v ON v.person_id = n.person_id AND v.name = n.name
     GROUP BY n.conflict_id`,
    { ids: ids("ATTR_CONFLICT") },
  );
  for (const row of values) contexts.set(row.conflict_id, { values: row.value_texts, heldBack: new Set() });

  const heldBack = await store.rows<{
    conflict_id: string;
    user_id: string;
    email_key: string;
    given: string | null;
  }>(
    `WITH ${wanted},
     held_back AS MATERIALIZED (
       SELECT 'ID_MANY_EMAILS:' || p.user_id AS conflict_id, p.user_id, a.email_key
       FROM owned_address o
       JOIN person_address c USING (address_id)
       JOIN person p USING (person_id)
       JOIN address a USING (address_id)
       WHERE o.owners > 1 AND p.user_id IS NOT NULL
     )
     SELECT h.conflict_id, h.user_id, h.email_key, d.decision AS given
     FROM held_back h
     SEMI JOIN wanted USING (conflict_id)
     LEFT JOIN decision d ON d.conflict_id = 'EMAIL_MANY_IDS:' || h.email_key`,
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
