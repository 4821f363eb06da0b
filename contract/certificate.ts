import * as z from "zod";
import { consentLevels } from "./consent.ts";
import { SourceNameSchema, WorkspaceSchema } from "./project.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();

/** How many suppressed subjects got how far. Equal numbers are the proof. */
export const ProofCountSchema = z.object({
  subject: z.enum(["address", "person"]),
  /** Found suppressed in the records of the exports, whatever the merge made of them. */
  exported: Count,
  /** Of these, those with a write of the plan that covers them. */
  planned: Count,
  /** Of these, those whose writes the workspace has taken, all of them. */
  uploaded: Count,
  /** Of these, those that reading back found suppressed. */
  readBack: Count,
});
export type ProofCount = z.infer<typeof ProofCountSchema>;

/** A subject with several sources counts in the row of each, with the strongest level that this source gives it. */
export const ProofRowSchema = ProofCountSchema.extend({
  source: SourceNameSchema,
  reason: z.enum(consentLevels),
});
export type ProofRow = z.infer<typeof ProofRowSchema>;

/** Checked sums over what the proof rests on; any row changed later shows by them. */
export const SealSchema = z.object({ of: z.string(), rows: Count, digest: z.string() });
export type Seal = z.infer<typeof SealSchema>;

/**
 * What a complete reading back proves, signed with the project's key. Numbers are integers and the text is written
 * canonically (sorted keys, no spaces), so that one certificate has one form.
 */
export const CertificateSchema = z.strictObject({
  format: z.literal("sendgate-certificate-1"),
  /** SHA-256 over the sorted hashes of all files that count. */
  exportHash: Sha256,
  mergeHash: Sha256,
  planHash: Sha256,
  workspace: z.strictObject(WorkspaceSchema.pick({ id: true, name: true, region: true, role: true }).shape),
  /** Counted once, whatever number of sources says so. */
  suppressedAddresses: Count,
  suppressedPersons: Count,
  totals: z.array(z.strictObject(ProofCountSchema.shape)),
  bySource: z.array(z.strictObject(ProofRowSchema.shape)),
  /** Reading back began then: nothing that came later is proven. */
  verifiedAt: z.string(),
  validUntil: z.string(),
  seals: z.array(z.strictObject(SealSchema.shape)),
  /** The journal's last line when the certificate was made. */
  journal: z.strictObject({ line: Count, hash: Sha256 }),
  /** Ed25519, 32 bytes as hexadecimal digits. The private half never leaves the project's folder. */
  publicKey: Sha256,
  /** Ed25519 over everything above in canonical form, as hexadecimal digits. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});
export type Certificate = z.infer<typeof CertificateSchema>;

/** One suppressed subject that did not get all the way. */
export const ProofDifferenceSchema = z.object({
  subject: z.string(),
  exported: z.boolean(),
  planned: z.boolean(),
  uploaded: z.boolean(),
  readBack: z.boolean(),
});
export type ProofDifference = z.infer<typeof ProofDifferenceSchema>;

/** What the last reading back compared, proven or not. */
export const ProofSchema = z.object({
  totals: z.array(ProofCountSchema),
  bySource: z.array(ProofRowSchema),
  /** How many subjects differ; the first 100 in `differences`. */
  different: Count,
  differences: z.array(ProofDifferenceSchema),
});
export type Proof = z.infer<typeof ProofSchema>;

/** What can be said of a certificate's file without its project, or with it. */
export const CertificateCheckSchema = z.object({
  /** Whether the file is a certificate that nobody changed, and of the project that was asked about. */
  authentic: z.boolean(),
  /** Authentic, and its time is not over. */
  valid: z.boolean(),
  /** In words; null where it is valid. */
  trouble: z.string().nullable(),
  /** Null where the file cannot be trusted. */
  certificate: CertificateSchema.nullable(),
});
export type CertificateCheck = z.infer<typeof CertificateCheckSchema>;
