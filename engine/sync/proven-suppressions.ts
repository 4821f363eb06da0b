import { locked } from "../../contract/failure.ts";
import type { SyncRun } from "../../contract/sync.ts";
import { storedVerification } from "../delivery/verification.ts";
import { storedMerge } from "../merge/merge.ts";
import { sourcesOf } from "../merge/source-set.ts";
import type { Project } from "../project/project.ts";

/** Of the proven addresses; more than this share, and more than a handful, missing from the set stops everything. */
const mostShrink = 0.01;
const handful = 10;

/**
 * Remembers the suppressed addresses once they were all read back, for the next sync to be compared with.
 * Does nothing unless the last reading back proved the merge that stands.
 */
export async function rememberProven(project: Project): Promise<void> {
  const { store } = project;
  const workspace = await project.workspace();
  const verification = workspace && (await storedVerification(project, workspace.id));
  const merge = await storedMerge(store);
  if (!verification || verification.mergeHash !== merge?.hash || verification.report.missing > 0) return;
  await store.transaction(async (connection) => {
    await connection.run("DELETE FROM proven_suppression WHERE workspace_id = $workspace", {
      workspace: workspace.id,
    });
    await connection.run(
      `INSERT INTO proven_suppression
       SELECT $workspace, email_key, level, coalesce(sources, 0) FROM suppression JOIN address USING (address_id)`,
      { workspace: workspace.id },
    );
  });
}

/** How the suppression set of the merge differs from the proven one. */
export interface SuppressionDifference {
  /** Addresses that were not proven before, each once. */
  added: number;
  /** The same by source and level; an address that two sources name counts for both. */
  addedBy: SyncRun["added"];
  removed: number;
  proven: number;
}

export async function suppressionDifference(project: Project): Promise<SuppressionDifference> {
  const { store } = project;
  const workspace = (await project.workspace())?.id ?? null;
  const fresh = await store.rows<{ level: string; sources: number; addresses: number }>(
    `SELECT w.name AS level, coalesce(s.sources, 0) AS sources, count(*) AS addresses
     FROM suppression s
     JOIN address a USING (address_id)
     JOIN level_word w ON w.level = s.level
     ANTI JOIN (SELECT email_key FROM proven_suppression WHERE workspace_id = $workspace) USING (email_key)
     GROUP BY ALL ORDER BY ALL`,
    { workspace },
  );
  const gone = await store.row<{ removed: number; proven: number }>(
    `SELECT count(*) AS proven,
       count(*) FILTER (email_key NOT IN (SELECT email_key FROM suppression JOIN address USING (address_id))) AS removed
     FROM proven_suppression
     WHERE workspace_id = $workspace`,
    { workspace },
  );
  const by = new Map<string, SyncRun["added"][number]>();
  for (const { level, sources, addresses } of fresh) {
    for (const source of sourcesOf(sources)) {
      const entry = by.get(`${source} ${level}`) ?? { source, level, addresses: 0 };
      entry.addresses += addresses;
      by.set(`${source} ${level}`, entry);
    }
  }
  return {
    added: fresh.reduce((sum, row) => sum + row.addresses, 0),
    addedBy: [...by.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry),
    ...gone!,
  };
}

/**
 * Stops before anything is written where many proven addresses are no longer suppressed: more often a broken export
 * than people who came back (invariant 4). Going on is a decision on record; nothing is taken back at the destination
 * either way.
 * @param reason the operator's, where he goes on
 * @throws Failure `locked`
 */
export async function refuseShrink(project: Project, reason: string | undefined): Promise<void> {
  const merge = await storedMerge(project.store);
  if (!merge) return;
  const { proven, removed } = await suppressionDifference(project);
  if (removed <= Math.max(handful, proven * mostShrink)) return;
  if (reason !== undefined) {
    await project.store.changeSetting("shrink_allowed", { merge: merge.hash, reason });
    await project.journal.append("shrink_allowed", { merge: merge.hash, proven, removed });
    return;
  }
  const allowed = (await project.store.setting("shrink_allowed")) as { merge: string } | undefined;
  if (allowed?.merge === merge.hash) return;
  throw locked(
    "SUPPRESSIONS_SHRANK",
    `${removed} of ${proven} suppressed addresses that were proven before are not in the suppression set any more. Nothing was written.`,
    "Find out why: a file that was replaced, an export that was cut, another field for the user_id. If it is right, go on with a reason (--allow-shrink).",
  );
}
