import * as z from "zod";
import { CertificateSchema, ProofSchema } from "./certificate.ts";
import { FailedActivitiesSchema } from "./destination.ts";
import { UndoOutlookSchema } from "./workspaces.ts";

/**
 * How one suppression reaches Customer.io (reference/customerio.md §3).
 * `unsubscribe_person`: identify by id with `unsubscribed: true`.
 * `unsubscribe_address`: identify by email with `unsubscribed: true`, for addresses without a person.
 * `topic_preference`: a topic set to false on the person.
 * `esp_*`: the address on that ESP suppression list; no profile.
 */
export const mechanisms = [
  "unsubscribe_person",
  "unsubscribe_address",
  "topic_preference",
  "esp_spam_reports",
  "esp_bounces",
  "esp_invalid_emails",
] as const;
export const MechanismSchema = z.enum(mechanisms);
export type Mechanism = z.infer<typeof MechanismSchema>;

/** For suppressed addresses with no person: a billed profile that remembers, or the ESP list alone. */
export const LeadSuppressionSchema = z.enum(["profile", "esp"]);
export type LeadSuppression = z.infer<typeof LeadSuppressionSchema>;

export const PlanSchema = z.object({
  /** SHA-256 over everything that would be written, in order. */
  hash: z.string(),
  plannedAt: z.string(),
  /** False where files, decisions or choices changed since: plan again. */
  current: z.boolean(),
  leadSuppression: LeadSuppressionSchema,
  suppressions: z.object({
    operations: z.number().int(),
    byMechanism: z.array(
      z.object({ mechanism: MechanismSchema, operations: z.number().int(), bytes: z.number().int() }),
    ),
    /** Addresses that need no write of their own: alternative or contested, covered through their persons. */
    coveredByPersons: z.number().int(),
    trackCalls: z.number().int(),
    appCalls: z.number().int(),
    bytes: z.number().int(),
    /** At the vendor's limits, reading back included. */
    seconds: z.number(),
  }),
  /** Billable profiles that the suppressions make under each choice for leads. */
  billableProfiles: z.object({ profile: z.number().int(), esp: z.number().int() }),
  profiles: z.object({
    operations: z.number().int(),
    bytes: z.number().int(),
    calls: z.number().int(),
    seconds: z.number(),
    /** Persons that stay home, with the reason in words. */
    heldBack: z.array(z.object({ reason: z.string(), persons: z.number().int() })),
  }),
  /** Topic opt-outs by source topic; `destination` is null where no Customer.io topic is mapped. */
  topics: z.array(
    z.object({
      source: z.string(),
      topic: z.string(),
      persons: z.number().int(),
      destination: z.string().nullable(),
    }),
  ),
  /** Things the operator should know before uploading, in words. */
  warnings: z.array(z.string()),
  /** What can be taken back once it is written, and what cannot. */
  undo: UndoOutlookSchema,
});
export type Plan = z.infer<typeof PlanSchema>;

export const DeliveryFailureSchema = z.object({
  subject: z.string(),
  mechanism: z.string(),
  reason: z.string(),
  nextStep: z.string(),
});

export const UploadReportSchema = z.object({
  what: z.enum(["suppressions", "profiles"]),
  dryRun: z.boolean(),
  planHash: z.string(),
  operations: z.number().int(),
  /** Done in this or an earlier run. */
  delivered: z.number().int(),
  /** Refused for good by the destination; the first 100 in `failures`. */
  failed: z.number().int(),
  failures: z.array(DeliveryFailureSchema),
  seconds: z.number(),
});
export type UploadReport = z.infer<typeof UploadReportSchema>;

export const VerifyReportSchema = z.object({
  planHash: z.string(),
  verifiedAt: z.string(),
  /** Suppressed addresses and persons looked up. */
  addresses: z.number().int(),
  persons: z.number().int(),
  covered: z.number().int(),
  missing: z.number().int(),
  /** The first 100. */
  missingItems: z.array(z.object({ subject: z.string(), reason: z.string(), nextStep: z.string() })),
  failedActivities: FailedActivitiesSchema,
});
export type VerifyReport = z.infer<typeof VerifyReportSchema>;

export const ProfilesVerifyReportSchema = z.object({
  planHash: z.string(),
  verifiedAt: z.string(),
  /** Profiles that were looked up: all that were sent, also what an earlier reading back found missing. */
  profiles: z.number().int(),
  /** There under their identifier, with what was written about consent, address and origin. */
  arrived: z.number().int(),
  missing: z.number().int(),
  /** The first 100. */
  missingItems: z.array(z.object({ subject: z.string(), reason: z.string(), nextStep: z.string() })),
  /** Suppressed people among the missing whose profile is subscribed, or gone: the gate is locked again. */
  subscribed: z.number().int(),
  /** Other attributes that are not what was written, and of how many profiles; nothing writes them again by itself. */
  differingAttributes: z.array(z.object({ name: z.string(), profiles: z.number().int() })),
  failedActivities: FailedActivitiesSchema,
});
export type ProfilesVerifyReport = z.infer<typeof ProfilesVerifyReportSchema>;

export const GateSchema = z.object({
  open: z.boolean(),
  blockers: z.array(
    z.object({
      code: z.string(),
      /** One sentence: what is wrong. */
      message: z.string(),
      /** One sentence: how to unlock it. */
      nextStep: z.string(),
    }),
  ),
  /** Null while the gate is locked. */
  certificate: CertificateSchema.nullable(),
  /** What the last reading back compared, proven or not; left out before the first one. */
  proof: ProofSchema.optional(),
});
export type Gate = z.infer<typeof GateSchema>;
