import * as z from "zod";

export const activityKinds = [
  "import",
  "pull",
  "sync",
  "merge",
  "plan",
  "look_up",
  "upload_suppressions",
  "verify",
  "leaks",
  "send",
  "upload_profiles",
  "verify_profiles",
  "undo",
  "erase",
] as const;

/** The one long task that is running, as the window shows it. */
export const ActivitySchema = z.object({
  kind: z.enum(activityKinds),
  /** What it does right now, in words: `Reading unsubscribed_….csv`. */
  step: z.string(),
  done: z.number(),
  /** Null while unknown. */
  total: z.number().nullable(),
  /** What `done` counts: `rows`, `bytes`, `writes`, `addresses`, `steps`. */
  unit: z.string(),
  /** Units a second over the last seconds, pauses left out; null while too young to tell. */
  rate: z.number().nullable(),
  /** Null while too young to tell or the total is unknown. */
  secondsLeft: z.number().nullable(),
  paused: z.boolean(),
  cancelling: z.boolean(),
});
export type Activity = z.infer<typeof ActivitySchema>;
