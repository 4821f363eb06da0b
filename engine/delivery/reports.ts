import type { ProfilesVerifyReport, UploadReport, VerifyReport } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import type { Project } from "../project/project.ts";
import { latestRun, recordRun } from "../rehearsal/delivery-runs.ts";
import { storedVerification } from "./verification.ts";

/** The latest reports about the active workspace; null where there was none. Dry runs leave no report. */
export interface Reports {
  suppressions: UploadReport | null;
  verify: VerifyReport | null;
  profiles: UploadReport | null;
  verifyProfiles: ProfilesVerifyReport | null;
}

export async function latestReports(project: Project): Promise<Reports> {
  const workspace = await project.workspace();
  if (!workspace) return { suppressions: null, verify: null, profiles: null, verifyProfiles: null };
  return {
    suppressions: await latestRun<UploadReport>(project.store, workspace.id, "suppressions"),
    verify: (await storedVerification(project, workspace.id))?.report ?? null,
    profiles: await latestRun<UploadReport>(project.store, workspace.id, "profiles"),
    verifyProfiles: await latestRun<ProfilesVerifyReport>(project.store, workspace.id, "verify_profiles"),
  };
}

export async function saveUploadReport(
  project: Project,
  workspace: Workspace,
  report: UploadReport,
): Promise<void> {
  await recordRun(project.store, workspace, report.what, report, report.seconds);
}
