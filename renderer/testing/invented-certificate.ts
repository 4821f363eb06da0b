import type { Certificate, ProofCount, ProofRow } from "../../contract/certificate.ts";
import type { Workspace } from "../../contract/project.ts";

/** A certificate of an invented migration; only its numbers hang together. */
export function inventedCertificate(people: number, planHash: string, workspace: Workspace): Certificate {
  const { id, name, region, role } = workspace;
  const counts = (subject: ProofCount["subject"], share: number): ProofCount => {
    const count = Math.round(people * share);
    return { subject, exported: count, planned: count, uploaded: count, readBack: count };
  };
  const row = (
    subject: ProofCount["subject"],
    source: ProofRow["source"],
    reason: ProofRow["reason"],
    share: number,
  ): ProofRow => ({ source, reason, ...counts(subject, share) });
  const [addresses, persons] = [counts("address", 0.17), counts("person", 0.15)];
  return {
    format: "sendgate-certificate-1",
    exportHash: "e1".repeat(32),
    mergeHash: "3c".repeat(32),
    planHash,
    workspace: { id, name, region, role },
    suppressedAddresses: addresses.exported,
    suppressedPersons: persons.exported,
    totals: [addresses, persons],
    bySource: [
      row("address", "iterable", "complaint", 0.002),
      row("address", "iterable", "unsubscribed_all", 0.06),
      row("address", "klaviyo", "unsubscribed_all", 0.05),
      row("address", "mailchimp", "hard_bounce", 0.03),
      row("address", "mailchimp", "unsubscribed_all", 0.07),
      row("person", "iterable", "complaint", 0.002),
      row("person", "iterable", "unsubscribed_all", 0.06),
      row("person", "klaviyo", "unsubscribed_all", 0.04),
      row("person", "mailchimp", "unsubscribed_all", 0.06),
    ],
    verifiedAt: "2026-11-23T11:20:00Z",
    validUntil: "2026-11-24T11:20:00Z",
    seals: [],
    journal: { line: 40, hash: "7a".repeat(32) },
    publicKey: "b4".repeat(32),
    signature: "c9".repeat(64),
  };
}
