import type { Proof } from "../../../contract/certificate.ts";
import { keyOnRecord } from "../../certificate/project-key.ts";
import { isProven } from "../../certificate/proof.ts";
import { isoTime } from "../../clock.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

/**
 * The certificate of the last reading back: there, signed by the project's key, unchanged, and of what stands now.
 * A reading back of something else, or one that missed something, is told by `verificationBlockers`.
 */
export async function certificateBlockers(
  _project: Project,
  { workspace, merge, plan, verification, certificate: read, journal }: GateMoment,
): Promise<Blocker[]> {
  if (!workspace || !verification) return [];
  const { report, mergeHash, readAt, proof } = verification;
  if (report.planHash !== plan?.hash || mergeHash !== merge?.hash) return [];

  if (read === null) {
    if (report.missing > 0) return [];
    return isProven(proof)
      ? [block("NOT_CERTIFIED", "The last reading back carries no certificate.")]
      : [unequal(proof)];
  }
  if ("trouble" in read) {
    return [
      block("CERTIFICATE_CHANGED", `The project's certificate was changed from outside. ${read.trouble}`),
    ];
  }
  const { certificate } = read;
  if (certificate.publicKey !== keyOnRecord(journal.lines)) {
    return [block("CERTIFICATE_FOREIGN", "The certificate is signed with another key than the project's.")];
  }
  const { id, region, role } = certificate.workspace;
  const speaksOfThis =
    certificate.planHash === plan.hash &&
    certificate.mergeHash === merge.hash &&
    certificate.verifiedAt === isoTime(readAt) &&
    report.missing === 0 &&
    id === workspace.id &&
    region === workspace.region &&
    role === workspace.role;
  if (speaksOfThis) return [];
  return [
    block(
      "CERTIFICATE_OTHER",
      "The certificate speaks of another plan, merge, workspace or reading back than the project's record does.",
    ),
  ];
}

function block(code: string, message: string): Blocker {
  return { code, message, nextStep: "Read back again: that makes a new certificate." };
}

function unequal({ different, totals }: Proof): Blocker {
  const counts = totals.map(
    ({ subject, exported, planned, uploaded, readBack }) =>
      `${subject === "address" ? "addresses" : "people"}: ${exported} exported, ${planned} planned, ${uploaded} uploaded, ${readBack} read back`,
  );
  return {
    code: "PROOF_UNEQUAL",
    message: `${different === 1 ? "1 suppressed address or person" : `${different} suppressed addresses or people`} did not get all the way when read back (${counts.join("; ")}).`,
    nextStep:
      "Merge and plan again if fewer are planned than exported, upload the suppressions, then read back.",
  };
}
