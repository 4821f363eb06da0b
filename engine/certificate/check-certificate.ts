import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { CertificateCheck } from "../../contract/certificate.ts";
import { badInput } from "../../contract/failure.ts";
import { now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { readCertificate } from "./certificate-file.ts";
import { keyOnRecord } from "./project-key.ts";

/**
 * Checks a certificate's file: offline, with nothing else than the file.
 * @param project where given, whether the project's own key signed it too
 * @param clock microseconds since 1970-01-01T00:00:00Z
 * @throws Failure `bad_input` where there is no such file
 */
export async function checkCertificate(
  requested: string,
  project: Project | null,
  clock: () => number = now,
): Promise<CertificateCheck> {
  const read = readCertificate(await contentOf(resolve(requested)));
  if ("trouble" in read) return refused(read.trouble);
  const { certificate } = read;
  if (project && keyOnRecord((await project.journal.read()).lines) !== certificate.publicKey) {
    return refused("It is of another project: this one's key did not sign it.");
  }
  const at = clock();
  const outOfTime = (trouble: string) => ({ authentic: true, valid: false, trouble, certificate });
  if (at > Date.parse(certificate.validUntil) * 1000) return outOfTime("Its time is over.");
  if (at < Date.parse(certificate.verifiedAt) * 1000) {
    return outOfTime("It is of a time still to come: the clock of one of the computers is wrong.");
  }
  return { authentic: true, valid: true, trouble: null, certificate };
}

function refused(trouble: string): CertificateCheck {
  return { authentic: false, valid: false, trouble, certificate: null };
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw badInput(
      "FILE_UNREADABLE",
      `${file} cannot be read.`,
      "Check the path, and that the file may be read.",
      error,
    );
  }
}
