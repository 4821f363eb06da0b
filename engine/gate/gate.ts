import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Certificate, Gate } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import { isoTime, now } from "../clock.ts";
import { countDeliveries } from "../delivery/delivery-state.ts";
import { storedVerification, type Verification } from "../delivery/verification.ts";
import { firstBrokenLine } from "../journal/journal.ts";
import { mergeHash, storedMerge } from "../merge/merge.ts";
import { currentPlan, plannedMerge } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { lockingRejects } from "../sources/rejects.ts";
import type { Blocker } from "./blocker.ts";

export interface GateOptions {
  /** Microseconds since 1970-01-01T00:00:00Z. */
  clock?: () => number;
  /** How long a reading back proves anything. Default 24. */
  freshHours?: number;
}

/**
 * Whether marketing mail may be sent, computed from stored facts each time and never stored (invariant 7).
 * Blockers stand in the order in which an operator would resolve them.
 */
export async function gateState(
  project: Project,
  { clock = now, freshHours = 24 }: GateOptions = {},
): Promise<Gate> {
  const { store } = project;
  const validity = freshHours * 3_600_000_000;
  const blockers: Blocker[] = [];
  const block = (code: string, message: string, nextStep: string) =>
    blockers.push({ code, message, nextStep });

  const files = await store.rows<{ sha256: string }>("SELECT sha256 FROM live_file ORDER BY sha256");
  if (files.length === 0) {
    block("NO_SOURCES", "No export has been imported.", "Import the export files of every list you send to.");
  }
  for (const { name, rows } of await lockingRejects(store)) {
    block(
      "REJECTED_ROWS",
      `${rows} ${rows === 1 ? "row" : "rows"} of ${name} could not be used and may carry suppressions.`,
      "Mend the rows and import the file again, or accept with a reason that they stay out.",
    );
  }
  const merge = await storedMerge(store);
  const plan = await currentPlan(project);
  const mergedFrom = await plannedMerge(project);
  if (!merge) block("NOT_MERGED", "Nothing has been merged yet.", "Merge.");
  else if (merge.hash !== (await mergeHash(store, project.sourcePriority))) {
    block("MERGE_STALE", "Files or decisions changed since the merge.", "Merge again.");
  }
  if (!plan) block("NOT_PLANNED", "There is no plan yet.", "Plan.");
  else if (!plan.current || mergedFrom !== merge?.hash) {
    block(
      "PLAN_STALE",
      "Files, decisions, choices or what was read back changed since the plan.",
      "Plan again.",
    );
  }
  const workspace = await project.workspace();
  if (!workspace) {
    block("NO_WORKSPACE", "The project is not connected to a Customer.io workspace.", "Connect it to one.");
  }
  if (plan && workspace) blockers.push(...(await uploadBlockers(project, workspace)));

  const verification = await storedVerification(project);
  if (!verification) {
    block(
      "NOT_VERIFIED",
      "Nothing has been read back from Customer.io.",
      "Upload the suppressions, then read back.",
    );
  } else {
    blockers.push(
      ...verificationBlockers(verification, plan?.hash, merge?.hash, workspace?.id, clock() - validity),
    );
  }
  const broken = await journalTrouble(project, verification);
  if (broken) {
    block("JOURNAL_BROKEN", broken, "Take the project's folder back from a backup, or start a new project.");
  }

  const open = blockers.length === 0;
  return { open, blockers, certificate: open ? certificate() : null };

  function certificate(): Certificate {
    const { id, name, region, role } = workspace!;
    return {
      exportHash: createHash("sha256")
        .update(files.map(({ sha256 }) => sha256).join("\n"))
        .digest("hex"),
      mergeHash: merge!.hash,
      planHash: plan!.hash,
      workspace: { id, name, region, role },
      suppressedAddresses: verification!.suppressedAddresses,
      suppressedPersons: verification!.suppressedPersons,
      verifiedAt: isoTime(verification!.readAt),
      validUntil: isoTime(verification!.readAt + validity),
    };
  }
}

async function uploadBlockers(project: Project, workspace: Workspace): Promise<Blocker[]> {
  const counts = await countDeliveries(project.store, workspace.id, "suppressions");
  const { operations, delivered, failed, begun } = counts;
  const toDo = operations - delivered - failed;
  const writes = (count: number) => `${count} suppression ${count === 1 ? "write" : "writes"}`;
  const blockers: Blocker[] = [];
  if (operations > 0 && begun === 0) {
    blockers.push({
      code: "NOT_UPLOADED",
      message: `${operations === 1 ? "The one suppression write has not" : `None of the ${operations} suppression writes has`} been sent to ${workspace.name}.`,
      nextStep: "Upload the suppressions.",
    });
  } else if (toDo > 0) {
    blockers.push({
      code: "UPLOAD_INCOMPLETE",
      message: `${toDo} of ${writes(operations)} ${toDo === 1 ? "is" : "are"} still to be sent.`,
      nextStep: "Upload the suppressions again: it goes on where it stopped.",
    });
  }
  if (failed > 0) {
    blockers.push({
      code: "UPLOAD_FAILED",
      message: `Customer.io refused ${writes(failed)} for good.`,
      nextStep: "Look at the refused ones in the upload's report, mend them, then plan and upload again.",
    });
  }
  return blockers;
}

function verificationBlockers(
  { report, mergeHash: verifiedMerge, workspaceId, readAt }: Verification,
  planHash: string | undefined,
  merge: string | undefined,
  workspace: number | undefined,
  oldest: number,
): Blocker[] {
  if (report.planHash !== planHash || verifiedMerge !== merge || workspaceId !== workspace) {
    return [
      {
        code: "VERIFY_OUTDATED",
        message: "The last reading back speaks of another plan, merge or workspace than the present one.",
        nextStep: "Upload the suppressions, then read back.",
      },
    ];
  }
  const blockers: Blocker[] = [];
  if (report.missing > 0) {
    blockers.push({
      code: "VERIFY_MISSING",
      message: `${report.missing === 1 ? "1 suppressed address or person was" : `${report.missing} suppressed addresses or persons were`} not found safe when reading back.`,
      nextStep: report.missingItems[0]?.nextStep ?? "Upload the suppressions again, then read back.",
    });
  }
  if (readAt < oldest) {
    blockers.push({
      code: "VERIFY_EXPIRED",
      message: `The last reading back is of ${report.verifiedAt} and no longer fresh.`,
      nextStep: "Read back again.",
    });
  }
  return blockers;
}

/** Null where every line follows from the one before and the line that tells of the last reading back is there. */
async function journalTrouble(
  project: Project,
  verification: Verification | undefined,
): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(join(project.folder, "journal.ndjson"), "utf8");
  } catch {
    return "The project's journal cannot be read.";
  }
  const line = firstBrokenLine(text);
  if (line !== null) return `The project's journal was changed at line ${line}.`;
  if (verification && !text.split("\n").some((written) => sha256(written) === verification.journalLine)) {
    return "The end of the project's journal is missing.";
  }
  return null;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
