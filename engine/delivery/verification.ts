import type { Proof } from "../../contract/certificate.ts";
import type { VerifyReport } from "../../contract/delivery.ts";
import type { Project } from "../project/project.ts";

/** The last complete reading back of one workspace, with what it speaks of. */
export interface Verification {
  [key: string]: unknown;
  report: VerifyReport;
  mergeHash: string;
  workspaceId: number;
  /** Microseconds since 1970-01-01T00:00:00Z at which the reading began: nothing that came later is proven. */
  readAt: number;
  proof: Proof;
  /** The certificate as it would stand in its file; null where the reading back proves nothing. */
  certificate: string | null;
}

export async function storedVerification(
  project: Project,
  workspaceId: number,
): Promise<Verification | undefined> {
  return (await project.store.setting(`verification:${workspaceId}`)) as Verification | undefined;
}

export async function saveVerification(project: Project, verification: Verification): Promise<void> {
  await project.store.changeSetting(`verification:${verification.workspaceId}`, verification as never);
}
