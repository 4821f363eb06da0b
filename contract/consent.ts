/**
 * The words of consent, shared by importers, merge, plan and screens.
 * Source: design/merge-rules.md §1 and §5.
 */

/** Consent levels, strongest first. The index is the strength: 0 is the strongest. */
export const consentLevels = [
  "forgotten",
  "complaint",
  "hard_bounce",
  "manual",
  "unsubscribed_all",
  "unsubscribed_topic",
  "unknown",
  "implied",
  "explicit_opt_in",
] as const;

export type ConsentLevel = (typeof consentLevels)[number];

/** 0 for the strongest level (`forgotten`), 8 for the weakest (`explicit_opt_in`). */
export function strengthRank(level: ConsentLevel): number {
  return consentLevels.indexOf(level);
}

/** True at `unsubscribed_all` or stronger: marketing mail must not reach the address. */
export function isSuppressing(level: ConsentLevel): boolean {
  return strengthRank(level) <= strengthRank("unsubscribed_all");
}

/** What one source record says about consent. */
export interface ConsentState {
  level: ConsentLevel;
  /** Microseconds since 1970-01-01T00:00:00Z; null where the source gives no readable time. */
  at: number | null;
  /** The topic of an `unsubscribed_topic`, unique within the source, e.g. `message_type:12`. */
  topic?: string;
  /** An unsubscribe event: it counts for nothing where the same source has a user row (merge-rules §5). */
  history?: true;
  /** The level is the restrictive reading of something the file leaves open. */
  assumed?: true;
  /** A hard bounce because the address itself is invalid. It goes to another list at the destination. */
  invalidAddress?: true;
}
