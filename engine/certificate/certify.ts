import { createHash } from "node:crypto";
import type { Certificate, Proof, Seal } from "../../contract/certificate.ts";
import type { Workspace } from "../../contract/project.ts";
import { isoTime } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { certificateText, signCertificate } from "./certificate-file.ts";
import { changedOutside } from "./changed-outside.ts";
import { changedFacts, sealText } from "./facts.ts";
import { projectKey } from "./project-key.ts";
import { isProven } from "./proof.ts";
import { deliverySeals, factSeals, mergeSeals, planSeals } from "./seals.ts";

/** How long a reading back proves anything, in microseconds: 24 hours. */
const validity = 24 * 3_600_000_000;

/** What a reading back found, and of what. */
export interface ReadBack {
  workspace: Workspace;
  mergeHash: string;
  planHash: string;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readAt: number;
  proof: Proof;
}

/**
 * Makes and signs the certificate of a reading back, and puts it on record in the journal.
 * @returns null where it proves nothing: something differs, or the project's own record was changed from outside, which
 *   the gate then tells
 */
export async function certify(project: Project, readBack: ReadBack): Promise<Certificate | null> {
  if (!isProven(readBack.proof)) return null;
  const { store } = project;
  const { lines, trouble } = await project.journal.read();
  if (trouble !== null || changedOutside(lines) !== null) return null;
  const facts = await factSeals(store);
  if (changedFacts(lines, facts).length > 0) return null;
  const key = await projectKey(project);
  if ("trouble" in key) return null;

  const { workspace, mergeHash, planHash, readAt, proof } = readBack;
  const { id, name, region, role } = workspace;
  const seals: Seal[] = [
    ...facts,
    ...(await mergeSeals(store)),
    ...(await planSeals(store)),
    ...(await deliverySeals(store, id)),
  ];
  const total = (subject: "address" | "person") =>
    proof.totals.find((count) => count.subject === subject)!.readBack;
  const last = (await project.journal.read()).lines.at(-1)!;
  const certificate = signCertificate(
    {
      format: "sendgate-certificate-1",
      exportHash: await exportHash(project),
      mergeHash,
      planHash,
      workspace: { id, name, region, role },
      suppressedAddresses: total("address"),
      suppressedPersons: total("person"),
      totals: proof.totals,
      bySource: proof.bySource,
      verifiedAt: isoTime(readAt),
      validUntil: isoTime(readAt + validity),
      seals,
      journal: { line: last.number, hash: last.hash },
    },
    key,
  );
  await project.journal.append("certificate_issued", {
    workspace: id,
    plan: planHash,
    merge: mergeHash,
    certificate: createHash("sha256").update(certificateText(certificate)).digest("hex"),
    seals: facts.map(sealText),
  });
  return certificate;
}

/** SHA-256 over the sorted hashes of all files that count. */
async function exportHash({ store }: Project): Promise<string> {
  const files = await store.rows<{ sha256: string }>("SELECT sha256 FROM live_file ORDER BY sha256");
  return createHash("sha256")
    .update(files.map(({ sha256 }) => sha256).join("\n"))
    .digest("hex");
}
