import type { UploadReport, VerifyReport } from "../../contract/delivery.ts";
import type { Project } from "../project/project.ts";
import { storedVerification } from "./verification.ts";

/** The latest reports of a project; null where there was none. Dry runs leave no report. */
export interface Reports {
  suppressions: UploadReport | null;
  verify: VerifyReport | null;
  profiles: UploadReport | null;
}

export async function latestReports(project: Project): Promise<Reports> {
  return {
    suppressions: await uploadReport(project, "suppressions"),
    verify: (await storedVerification(project))?.report ?? null,
    profiles: await uploadReport(project, "profiles"),
  };
}

export async function saveUploadReport(project: Project, report: UploadReport): Promise<void> {
  await project.store.changeSetting(`upload_${report.what}`, report);
}

async function uploadReport(project: Project, what: UploadReport["what"]): Promise<UploadReport | null> {
  return ((await project.store.setting(`upload_${what}`)) as UploadReport | undefined) ?? null;
}
