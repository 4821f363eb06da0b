import type { Gate } from "../../contract/delivery.ts";
import { readCertificate } from "../certificate/certificate-file.ts";
import { now } from "../clock.ts";
import { storedVerification } from "../delivery/verification.ts";
import { leakBlockers } from "../leaks/leak-blockers.ts";
import { storedMerge } from "../merge/merge.ts";
import { currentPlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { undoBlockers } from "../undo/undo-blockers.ts";
import type { Blocker, FindBlockers, GateMoment } from "./blocker.ts";
import { certificateBlockers } from "./blockers/certificate.ts";
import { changedRowBlockers } from "./blockers/changed-rows.ts";
import { journalBlockers } from "./blockers/journal.ts";
import { mergeBlockers } from "./blockers/merge.ts";
import { planBlockers } from "./blockers/plan.ts";
import { pullBlockers } from "./blockers/pulls.ts";
import { sourceBlockers } from "./blockers/sources.ts";
import { syncBlockers } from "./blockers/sync.ts";
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
  syncBlockers,
  mergeBlockers,
  planBlockers,
  workspaceBlockers,
  uploadBlockers,
  verificationBlockers,
  undoBlockers,
  journalBlockers,
  changedRowBlockers,
  certificateBlockers,
  leakBlockers,
];

/** Whether marketing mail may be sent, computed from stored facts each time and never stored (invariant 7). */
export async function gateState(
  project: Project,
  { clock = now, freshHours = 24 }: GateOptions = {},
): Promise<Gate> {
  const workspace = await project.workspace();
  const verification = workspace ? await storedVerification(project, workspace.id) : undefined;
  const stored = verification?.certificate ?? null;
  const certificate = stored === null ? null : readCertificate(Buffer.from(stored));
  const moment: GateMoment = {
    workspace,
    at: clock(),
    validity: freshHours * 3_600_000_000,
    merge: await storedMerge(project.store),
    plan: await currentPlan(project),
    verification,
    certificate,
    journal: await project.journal.read(),
  };
  const blockers: Blocker[] = [];
  for (const find of findBlockers) blockers.push(...(await find(project, moment)));
  const open = blockers.length === 0;
  return {
    open,
    blockers,
    certificate: open && certificate && "certificate" in certificate ? certificate.certificate : null,
    ...(verification && { proof: verification.proof }),
  };
}
