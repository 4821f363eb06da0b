import { createHash } from "node:crypto";
import type { Certificate, Gate } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import { isoTime, now } from "../clock.ts";
import { storedVerification } from "../delivery/verification.ts";
import { leakBlockers } from "../leaks/leak-blockers.ts";
import type { Project } from "../project/project.ts";
import type { Blocker, FindBlockers, GateMoment } from "./blocker.ts";
import { journalBlockers } from "./blockers/journal.ts";
import { mergeBlockers } from "./blockers/merge.ts";
import { planBlockers } from "./blockers/plan.ts";
import { pullBlockers } from "./blockers/pulls.ts";
import { sourceBlockers } from "./blockers/sources.ts";
import { uploadBlockers } from "./blockers/upload.ts";
import { verificationBlockers } from "./blockers/verification.ts";
import { workspaceBlockers } from "./blockers/workspace.ts";

export interface GateOptions {
  /** Microseconds since 1970-01-01T00:00:00Z. */
  clock?: () => number;
  /** How long a reading back proves anything. Default 24. */
  freshHours?: number;
}

/** In the order in which an operator would resolve what they find. */
const findBlockers: readonly FindBlockers[] = [
  sourceBlockers,
  pullBlockers,
  mergeBlockers,
  planBlockers,
  workspaceBlockers,
  uploadBlockers,
  verificationBlockers,
  leakBlockers,
  journalBlockers,
];

/** Whether marketing mail may be sent, computed from stored facts each time and never stored (invariant 7). */
export async function gateState(
  project: Project,
  { clock = now, freshHours = 24 }: GateOptions = {},
): Promise<Gate> {
  const validity = freshHours * 3_600_000_000;
  const workspace = await project.workspace();
  const moment: GateMoment = { workspace, at: clock(), validity };
  const blockers: Blocker[] = [];
  for (const find of findBlockers) blockers.push(...(await find(project, moment)));
  const open = blockers.length === 0;
  return { open, blockers, certificate: open ? await certificate(project, workspace!, validity) : null };
}

async function certificate(project: Project, workspace: Workspace, validity: number): Promise<Certificate> {
  const files = await project.store.rows<{ sha256: string }>("SELECT sha256 FROM live_file ORDER BY sha256");
  const { id, name, region, role } = workspace;
  const { report, mergeHash, readAt, suppressedAddresses, suppressedPersons } = (await storedVerification(
    project,
    id,
  ))!;
  return {
    exportHash: createHash("sha256")
      .update(files.map(({ sha256 }) => sha256).join("\n"))
      .digest("hex"),
    mergeHash,
    planHash: report.planHash,
    workspace: { id, name, region, role },
    suppressedAddresses,
    suppressedPersons,
    verifiedAt: isoTime(readAt),
    validUntil: isoTime(readAt + validity),
  };
}
