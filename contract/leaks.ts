import * as z from "zod";

/** The operator's word, kept on record. */
const WordSchema = z.object({ at: z.string(), by: z.string(), reason: z.string() });

export const leakKinds = ["campaign", "newsletter", "broadcast"] as const;

/** Something in the workspace that sends, or will, without asking the gate. */
export const LeakSchema = z.object({
  /** `campaign:5`. */
  id: z.string(),
  kind: z.enum(leakKinds),
  number: z.number().int(),
  name: z.string(),
  /** What triggers a campaign, or a newsletter's channel; null where Customer.io does not say. */
  type: z.string().nullable(),
  /** In Customer.io's words; `unknown` where it says nothing. */
  state: z.string(),
  /** Since or from when; null where Customer.io does not say. */
  when: z.string().nullable(),
  /** One sentence: what it does. */
  what: z.string(),
  /** Null until the operator accepts it as it is now; a change takes the acceptance away. */
  accepted: WordSchema.nullable(),
});
export type Leak = z.infer<typeof LeakSchema>;

/** A broadcast or newsletter sent from here, and whether it reached anybody who is suppressed. */
export const SentSchema = z.object({
  /** `send:broadcast:1`. */
  id: z.string(),
  kind: z.enum(["broadcast", "newsletter"]),
  number: z.number().int(),
  /** `unclear`: nobody knows yet whether it was sent. */
  state: z.enum(["sent", "unclear"]),
  at: z.string(),
  /** When its deliveries were last compared with the suppressions; null before. */
  comparedAt: z.string().nullable(),
  deliveries: z.number().int(),
  /** Deliveries to suppressed people of which nobody knows yet whether they went out. */
  pending: z.number().int(),
  /** Deliveries that reached suppressed people; `open` are those that nobody has acknowledged. */
  reached: z.number().int(),
  open: z.number().int(),
  /** The first 100. */
  reachedItems: z.array(z.object({ subject: z.string(), foundAt: z.string() })),
  acknowledged: WordSchema.nullable(),
  /** It reached somebody suppressed or nobody knows yet, and the operator has not acknowledged that. */
  keepsGateShut: z.boolean(),
});
export type Sent = z.infer<typeof SentSchema>;

/** What was found when the workspace was last looked at: stored facts. */
export const LeaksSchema = z.object({
  /** Null before the first look. */
  lookedAt: z.string().nullable(),
  /** Why the last look came to nothing; null where it was complete. */
  failure: z.string().nullable(),
  leaks: z.array(LeakSchema),
  sent: z.array(SentSchema),
});
export type Leaks = z.infer<typeof LeaksSchema>;

export const AcceptLeakSchema = z.object({
  /** Of a leak, or of something sent: then it acknowledges whom that has reached. */
  id: z.string().min(1),
  reason: z.string().trim().min(1),
});
