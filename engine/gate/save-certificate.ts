import { writeCertificate } from "../certificate/certificate-file.ts";
import { requireOpenGate } from "../delivery/upload.ts";
import type { Project } from "../project/project.ts";

/**
 * Writes the certificate that opens the gate at this moment.
 * @throws Failure `locked` while the gate is locked
 */
export async function saveCertificate(project: Project, file: string): Promise<{ file: string }> {
  const { certificate } = await requireOpenGate(project, "There is no certificate to write");
  return { file: await writeCertificate(certificate!, file) };
}
