import * as z from "zod";
import { SourceNameSchema } from "./project.ts";
import { PullReportSchema } from "./pulls.ts";

const Added = z.object({
  source: z.string(),
  /** The level behind the suppression: `unsubscribed_all`, `hard_bounce`, … */
  level: z.string(),
  addresses: z.number().int(),
});

/** Minutes between two runs of a schedule. */
export const shortestSchedule = 5;
export const longestSchedule = 1440;

/** `sync --json`. */
export const SyncReportSchema = z.object({
  started_at: z.string(),
  /** When a run had been due before this one that did not happen; null where none was missed. */
  missed_at: z.string().nullable(),
  sources: z.array(PullReportSchema),
  /** Sources that did not answer, and why: the others were carried over all the same, and the gate is locked. */
  unanswered: z.array(
    z.object({ source: SourceNameSchema, code: z.string(), message: z.string(), next_step: z.string() }),
  ),
  /** Suppressed addresses that were not proven before, each once. */
  added: z.number().int(),
  /** The same by source and level; an address that two sources name counts for both. */
  added_by: z.array(Added),
  /** Proven before and no longer in the set. What stands at the destination is never taken back. */
  removed: z.number().int(),
  /** Suppressed before at their source and now opted in again: for review, never lifted. */
  opted_in_again: z.number().int(),
  /** Writes of this run. */
  uploaded: z.number().int(),
  /** Suppressed addresses and persons found safe at the destination, and those that were not. */
  verified: z.object({ covered: z.number().int(), missing: z.number().int() }),
  /** People whose profile is new or changed since profiles were uploaded: a sync writes opt-outs alone. */
  profiles_open: z.number().int(),
  gate_open: z.boolean(),
  /** What happened, in sentences. */
  words: z.array(z.string()),
  seconds: z.number(),
});
export type SyncReport = z.infer<typeof SyncReportSchema>;

export const SyncRequestSchema = z.object({
  /**
   * A shrink of the suppression set beyond the limit goes on only with the operator's reason, which is kept on record.
   */
  allowShrink: z.string().min(1).optional(),
  /** Everything again, instead of what changed. */
  full: z.boolean().optional(),
});
export type SyncRequest = z.infer<typeof SyncRequestSchema>;

/** One run as the chart and the list show it. */
export const SyncRunSchema = z.object({
  startedAt: z.string(),
  /** Null where the run was cut off. */
  endedAt: z.string().nullable(),
  /** When it, or one before it, had been due and did not happen; null where none was missed. */
  missedAt: z.string().nullable(),
  scheduled: z.boolean(),
  /** What it carried over and proved. A run that proved nothing leaves it to the next one. */
  added: z.array(Added),
  removed: z.number().int(),
  optedInAgain: z.number().int(),
  /** Why it stopped, or which sources did not answer, in words; null where all went well. */
  trouble: z.string().nullable(),
  /** Null where it did not come to its end. */
  gateOpen: z.boolean().nullable(),
});
export type SyncRun = z.infer<typeof SyncRunSchema>;

export const SyncStateSchema = z.object({
  /** Why a sync cannot run yet, in words; null where it can. */
  notReady: z.string().nullable(),
  /** Minutes between runs while the window is open; null where it runs by hand alone. */
  everyMinutes: z.number().int().nullable(),
  nextRunAt: z.string().nullable(),
  /** When a run was due that did not happen; null where none was missed. */
  missedAt: z.string().nullable(),
  /** Newest first, at most 200. */
  runs: z.array(SyncRunSchema),
});
export type SyncState = z.infer<typeof SyncStateSchema>;
