import * as z from "zod";

/**
 * Where a planned write meets somebody who is there already (reference/customerio.md §1.4).
 * `EMAIL_TAKEN`: another id holds the address. `EMAIL_STUB`: a profile without an id holds it.
 * `ID_CASE_DIFFERS`: the holder's id is ours in other letter case. `ID_IS_CIO_ID`: our user_id is the holder's cio_id.
 * `EMAIL_CHANGES`: our id has another address there. `UNSUBSCRIBED_THERE`: the person is unsubscribed there already.
 */
export const destinationCodes = [
  "EMAIL_TAKEN",
  "EMAIL_STUB",
  "ID_CASE_DIFFERS",
  "ID_IS_CIO_ID",
  "EMAIL_CHANGES",
  "UNSUBSCRIBED_THERE",
] as const;
export const DestinationCodeSchema = z.enum(destinationCodes);
export type DestinationCode = (typeof destinationCodes)[number];

/**
 * `hold`: the profile stays home; suppressions are written all the same, and leave everybody's address as it is.
 * `without_email`: the profile goes without its address. `write`: as planned. `accept`: the suggestion.
 */
export const destinationDecisions = ["hold", "without_email", "write", "accept"] as const;
export type DestinationDecision = (typeof destinationDecisions)[number];

export const DestinationConflictSchema = z.object({
  conflictId: z.string(),
  code: DestinationCodeSchema,
  userId: z.string().nullable(),
  /** As it would be written. */
  email: z.string().nullable(),
  suppressed: z.boolean(),
  /** Whom the look-up found. */
  there: z.object({
    cioId: z.string(),
    userId: z.string().nullable(),
    email: z.string().nullable(),
    unsubscribed: z.boolean(),
  }),
  /** What was found and what Customer.io would do, in words. */
  detail: z.string(),
  /** What happens until decided. */
  suggestion: z.string(),
  decision: z.string().nullable(),
  choices: z.array(z.object({ decision: z.enum(destinationDecisions), label: z.string() })),
});
export type DestinationConflict = z.infer<typeof DestinationConflictSchema>;

export const DestinationStateSchema = z.object({
  /** Planned ids and addresses, and how many of them were looked up in this workspace. */
  planned: z.object({ ids: z.number().int(), emails: z.number().int() }),
  lookedUp: z.object({ ids: z.number().int(), emails: z.number().int() }),
  /** Of the oldest and the newest look-up; null before the first. */
  oldest: z.string().nullable(),
  newest: z.string().nullable(),
  /** What looking up what is missing or too old takes at the vendor's limit; `seconds` is never less than it will be. */
  toDo: z.object({ calls: z.number().int(), seconds: z.number() }),
  /** Null before the first look-up. */
  emailIdentifies: z.boolean().nullable(),
  /** All codes, zeros too. */
  conflicts: z.array(
    z.object({
      code: DestinationCodeSchema,
      count: z.number().int(),
      undecided: z.number().int(),
      /** What it means, what Customer.io does and what happens until decided. */
      words: z.string(),
      /** The first three. */
      examples: z.array(DestinationConflictSchema),
    }),
  ),
  /** Persons whose profile stays home because of a conflict. */
  heldBack: z.number().int(),
  /** What else the operator should know of the workspace before writing, in words. */
  warnings: z.array(z.string()),
});
export type DestinationState = z.infer<typeof DestinationStateSchema>;

export const DestinationQuerySchema = z.object({
  codes: z.array(DestinationCodeSchema).optional(),
  /** Matches anywhere in ids and addresses on either side; letter case does not matter. */
  text: z.string().optional(),
  decided: z.boolean().optional(),
  offset: z.number().int().nonnegative(),
  limit: z.number().int().positive().max(1000),
});
export type DestinationQuery = z.infer<typeof DestinationQuerySchema>;

export const DestinationPageSchema = z.object({
  total: z.number().int(),
  conflicts: z.array(DestinationConflictSchema),
});
export type DestinationPage = z.infer<typeof DestinationPageSchema>;

/** One attribute as the plan treats it. */
export const AttributePreviewSchema = z.object({
  name: z.string(),
  /** Persons with a profile who have it. */
  persons: z.number().int(),
  /** Its name in Customer.io; null where it stays here. */
  destination: z.string().nullable(),
  /** True where the operator chose the name, or that it stays. */
  chosen: z.boolean(),
  /** Why all or some of its values stay here, in words; null where all go. */
  stays: z.string().nullable(),
  /** At most three values as the source has them, and as they are sent; null where that value stays here. */
  examples: z.array(z.object({ value: z.string(), sent: z.string().nullable() })),
});
export type AttributePreview = z.infer<typeof AttributePreviewSchema>;

export const AttributeMappingSchema = z.object({
  name: z.string().min(1),
  /** Null leaves it here. */
  destination: z.string().min(1).nullable(),
});
export type AttributeMapping = z.infer<typeof AttributeMappingSchema>;

/** What the workspace's activity log says went wrong with our people since the first write. */
export const FailedActivitiesSchema = z.object({
  /** From when on it was read; null where nothing was ever written. */
  since: z.string().nullable(),
  count: z.number().int(),
  /** The first 100, newest first. */
  items: z.array(
    z.object({
      subject: z.string(),
      suppressed: z.boolean(),
      type: z.string(),
      at: z.string(),
      reason: z.string(),
      nextStep: z.string(),
    }),
  ),
  /** Why the log may hold more than was read, in words; null where it was read whole. */
  trouble: z.string().nullable(),
});
export type FailedActivities = z.infer<typeof FailedActivitiesSchema>;
