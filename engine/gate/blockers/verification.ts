import type { Project } from "../../project/project.ts";
import { type Blocker, clockTolerance, type GateMoment } from "../blocker.ts";

/** No reading back, one of something else than what stands now, one that missed something, or one too old. */
export async function verificationBlockers(
  _project: Project,
  { workspace, at, validity, merge, plan, verification }: GateMoment,
): Promise<Blocker[]> {
  if (!verification) {
    return [
      {
        code: "NOT_VERIFIED",
        message: "Nothing has been read back from Customer.io.",
        nextStep: "Upload the suppressions, then read back.",
      },
    ];
  }
  const { report, mergeHash, workspaceId, readAt } = verification;
  if (report.planHash !== plan?.hash || mergeHash !== merge?.hash || workspaceId !== workspace?.id) {
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
  if (readAt < at - validity) {
    blockers.push({
      code: "VERIFY_EXPIRED",
      message: `The last reading back is of ${report.verifiedAt} and no longer fresh.`,
      nextStep: "Read back again.",
    });
  }
  if (readAt > at + clockTolerance) {
    blockers.push({
      code: "VERIFY_FUTURE",
      message: `The last reading back is of ${report.verifiedAt}, a time still to come: a clock was set back.`,
      nextStep: "Set this computer's clock right; if it is, read back again.",
    });
  }
  return blockers;
}
