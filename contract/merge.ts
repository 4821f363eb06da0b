import * as z from "zod";

/** merge-rules §6, in the order of that table. */
export const conflictCodes = [
  "ID_MANY_EMAILS",
  "EMAIL_MANY_IDS",
  "AMBIGUOUS_EMAIL",
  "CONSENT_CONFLICT",
  "ATTR_CONFLICT",
  "ID_CASE_TWIN",
  "EMAIL_CASE_TWIN",
  "ID_BLOCKED",
  "BAD_EMAIL",
  "NO_IDENTIFIER",
] as const;
export const ConflictCodeSchema = z.enum(conflictCodes);
export type ConflictCode = z.infer<typeof ConflictCodeSchema>;

/** interfaces §2, `merge --json`. */
export const MergeSummarySchema = z.object({
  records: z.number().int(),
  rejected: z.number().int(),
  persons: z.number().int(),
  leads: z.number().int(),
  addresses: z.number().int(),
  suppressed_persons: z.number().int(),
  suppressed_addresses: z.number().int(),
  conflicts: z.record(ConflictCodeSchema, z.number().int()),
});
export type MergeSummary = z.infer<typeof MergeSummarySchema>;

export const MergeStateSchema = z.object({
  /** Null before the first merge. */
  summary: MergeSummarySchema.nullable(),
  mergedAt: z.string().nullable(),
  /** True where files or decisions changed since the merge: merge again. */
  stale: z.boolean(),
  /** Suppressed addresses by their strongest level, for the summary. */
  suppressedByLevel: z.array(z.object({ level: z.string(), addresses: z.number().int() })),
  undecidedConflicts: z.number().int(),
  /** What was kept as it is and should be looked over, in words. */
  notes: z.array(z.string()),
});
export type MergeState = z.infer<typeof MergeStateSchema>;

export const ConflictSchema = z.object({
  conflictId: z.string(),
  code: ConflictCodeSchema,
  userIds: z.array(z.string()),
  emails: z.array(z.string()),
  sources: z.array(z.string()),
  /** In words a person reads. */
  detail: z.string(),
  /** In the same form as a decision; what happens until decided. */
  suggestion: z.string(),
  decision: z.string().nullable(),
});
export type Conflict = z.infer<typeof ConflictSchema>;

export const ConflictQuerySchema = z.object({
  codes: z.array(ConflictCodeSchema).optional(),
  /** Matches anywhere in id, user_ids, emails and detail; letter case does not matter. */
  text: z.string().optional(),
  decided: z.boolean().optional(),
  offset: z.number().int().nonnegative(),
  limit: z.number().int().positive().max(1000),
});
export type ConflictQuery = z.infer<typeof ConflictQuerySchema>;

export const ConflictPageSchema = z.object({
  total: z.number().int(),
  conflicts: z.array(ConflictSchema),
});

export type ConflictPage = z.infer<typeof ConflictPageSchema>;

/** One conflict with the source records behind it, side by side. */
export const ConflictDetailSchema = z.object({
  conflict: ConflictSchema,
  /** Decisions that this conflict takes, `accept` first. */
  choices: z.array(z.object({ decision: z.string(), label: z.string() })),
  /** At most 50; `moreRecords` counts the rest. */
  records: z.array(
    z.object({
      source: z.string(),
      file: z.string(),
      line: z.number().int(),
      recordId: z.string(),
      userId: z.string().nullable(),
      email: z.string().nullable(),
      updatedAt: z.string().nullable(),
      states: z.array(z.object({ level: z.string(), at: z.string().nullable(), counts: z.boolean() })),
      attributes: z.record(z.string(), z.string()),
    }),
  ),
  moreRecords: z.number().int(),
});
export type ConflictDetail = z.infer<typeof ConflictDetailSchema>;

/** interfaces §2, `decide --json`. All or nothing: where anything is refused nothing is applied. */
export const DecideReportSchema = z.object({
  applied: z.number().int(),
  unchanged: z.number().int(),
  refused: z.array(z.object({ line: z.number().int(), reason: z.string() })),
});
export type DecideReport = z.infer<typeof DecideReportSchema>;
