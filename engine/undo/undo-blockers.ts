import type { Blocker, GateMoment } from "../gate/blocker.ts";
import type { Project } from "../project/project.ts";

/** Entries that were taken off an ESP list since the last reading back, or half taken off: the reading proves nothing about them. */
export async function undoBlockers(
  { store }: Project,
  { workspace, verification }: GateMoment,
): Promise<Blocker[]> {
  if (!workspace) return [];
  const readAt = verification?.readAt ?? 0;
  const counts = await store.row<{ begun: number; since: number }>(
    `SELECT count(*) FILTER (state = 'intent') AS begun,
            count(*) FILTER (state <> 'intent' AND changed_at >= $readAt) AS since
     FROM taken_back WHERE workspace_id = $workspace`,
    { workspace: workspace.id, readAt },
  );
  const { begun, since } = counts!;
  const entries = (number: number) => `${number} ${number === 1 ? "list entry" : "list entries"}`;
  const blockers: Blocker[] = [];
  if (begun > 0) {
    blockers.push({
      code: "UNDO_UNFINISHED",
      message: `An undo was cut short: nobody knows whether ${entries(begun)} ${begun === 1 ? "is" : "are"} still there.`,
      nextStep: "Run the undo again: it finishes what was begun.",
    });
  }
  if (since > 0) {
    blockers.push({
      code: "UNDONE",
      message: `${entries(since)} ${since === 1 ? "was" : "were"} taken back after the last reading back.`,
      nextStep: "Upload the suppressions, then read back.",
    });
  }
  return blockers;
}
