import * as z from "zod";
import { SourceNameSchema } from "./project.ts";

/** Loopback only, for practice; without it the vendor's own hosts. */
const Endpoint = z.url().optional();

/** A field that may hold the user_id, with what speaks for and against it, counted over a sample of profiles. */
export const UserIdCandidateSchema = z.object({
  /** E.g. `merge_fields.USER_ID`, `external_id`, `userId`. */
  field: z.string(),
  /** Its name says that it is the user_id; of another field only the operator can say so. */
  named: z.boolean(),
  sampled: z.number().int(),
  filled: z.number().int(),
  distinct: z.number().int(),
  /** At most three. */
  examples: z.array(z.string()),
});

export const ConnectSourceSchema = z.object({ source: SourceNameSchema, endpoint: Endpoint });

/** What a key opens, and what the operator has to choose before the first pull. */
export const SourceConnectionSchema = z.object({
  source: SourceNameSchema,
  account: z.string(),
  capabilities: z.object({
    full: z.boolean(),
    delta: z.boolean(),
    declaredTotals: z.boolean(),
    topics: z.boolean(),
  }),
  /** Best first. */
  candidates: z.array(UserIdCandidateSchema),
  /** The field that stands by its name and is filled; null where there is none: the operator chooses. */
  suggestion: z.string().nullable(),
});
export type SourceConnection = z.infer<typeof SourceConnectionSchema>;

export const PullRequestSchema = z.object({
  source: SourceNameSchema,
  /** Left out: where the source was pulled from before. */
  endpoint: Endpoint,
  /** The operator's choice; null for none: people are known by their address alone. Left out: the choice that stands. */
  userIdField: z.string().min(1).nullable().optional(),
  /** Everything again, instead of what changed. */
  full: z.boolean().optional(),
});
export type PullRequest = z.infer<typeof PullRequestSchema>;

/** One thing read from beginning to end, in numbers. */
export const PullStreamSchema = z.object({
  id: z.string(),
  title: z.string(),
  carriesSuppressions: z.boolean(),
  /** What the vendor says there is; null where it does not say. */
  declared: z.number().int().nullable(),
  /** Different entries that were read, rejected ones included. */
  received: z.number().int(),
  rejected: z.number().int(),
  /** Read to the vendor's own end mark, or to the end of a closed chain of pages. */
  complete: z.boolean(),
});
export type PullStream = z.infer<typeof PullStreamSchema>;

/** `pull --json`. */
export const PullReportSchema = z.object({
  source: SourceNameSchema,
  account: z.string(),
  kind: z.enum(["full", "delta"]),
  /** Null where people are known by their address alone. */
  user_id_field: z.string().nullable(),
  /** What the vendor says there is in all streams of which it says so, and what came of those. Where it says nothing: null, and all that came. */
  declared: z.number().int().nullable(),
  received: z.number().int(),
  rejected: z.number().int(),
  complete: z.boolean(),
  streams: z.array(PullStreamSchema),
  /** Records that are new, that changed, and that a full pull no longer found; those stay as they were. */
  added: z.number().int(),
  changed: z.number().int(),
  gone: z.number().int(),
  /** Records that were suppressed before and now say otherwise: they stay suppressed, for review. */
  opted_in_again: z.number().int(),
  notes: z.array(z.string()),
  seconds: z.number(),
});
export type PullReport = z.infer<typeof PullReportSchema>;

/** A source that is pulled over its API, as screens show it. */
export const PulledSourceSchema = z.object({
  source: SourceNameSchema,
  account: z.string(),
  endpoint: z.string().nullable(),
  userIdField: z.string().nullable(),
  /** Fields that could hold the user_id, in words, while the operator has not said which does. */
  unconfirmed: z.string().nullable(),
  /** Times of the last pulls that were read to their end; null where there was none. */
  pulledAt: z.string().nullable(),
  fullPulledAt: z.string().nullable(),
  /** A pull that was begun and not read to its end: the next one goes on there. */
  unfinished: z
    .object({ kind: z.enum(["full", "delta"]), startedAt: z.string(), streams: z.array(PullStreamSchema) })
    .nullable(),
  last: PullReportSchema.nullable(),
  /** When and why the operator said that the old tool sends no more and is not asked any longer. */
  retired: z.object({ at: z.string(), reason: z.string() }).nullable(),
});
export type PulledSource = z.infer<typeof PulledSourceSchema>;

/** Somebody who had opted out and now reads as opted in. The opt-out stands. */
export const OptedInAgainSchema = z.object({
  source: SourceNameSchema,
  userId: z.string().nullable(),
  email: z.string().nullable(),
  /** What it said before, strongest first. */
  before: z.array(z.string()),
  /** What it says now. */
  now: z.array(z.string()),
  noticedAt: z.string(),
});
export type OptedInAgain = z.infer<typeof OptedInAgainSchema>;
