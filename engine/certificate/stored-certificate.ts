import type { Certificate } from "../../contract/certificate.ts";
import { storedVerification } from "../delivery/verification.ts";
import type { Project } from "../project/project.ts";
import { readCertificate } from "./certificate-file.ts";

/**
 * The certificate of the last reading back of a workspace, its form and signature checked anew.
 * @returns null where nothing was read back, or it proved nothing
 */
export async function storedCertificate(
  project: Project,
  workspaceId: number,
): Promise<{ certificate: Certificate } | { trouble: string } | null> {
  const verification = await storedVerification(project, workspaceId);
  if (!verification || verification.certificate === null) return null;
  return readCertificate(Buffer.from(verification.certificate));
}
