import * as z from "zod";
import { ConfirmedSchema } from "./workspaces.ts";

const MailingNumber = z.number().int().positive();

/** Exactly one of them, by its number in Customer.io. */
const Mailing = z.object({ broadcastId: MailingNumber.optional(), newsletterId: MailingNumber.optional() });
const oneOfThem = ({ broadcastId, newsletterId }: z.infer<typeof Mailing>) =>
  (broadcastId === undefined) !== (newsletterId === undefined);
const message = "Name a broadcast or a newsletter.";

/** Its audience is the one set in Customer.io. `dryRun` asks everything, the workspace too, and sends nothing. */
export const SendRequestSchema = Mailing.extend({
  ...ConfirmedSchema.shape,
  dryRun: z.boolean().optional(),
}).refine(oneOfThem, message);

/** What the operator saw in Customer.io, after a send whose outcome was unclear. */
export const SettleSendSchema = Mailing.extend({ wasSent: z.boolean() }).refine(oneOfThem, message);

export const SendReportSchema = z.object({
  broadcastId: z.number().int().nullable(),
  newsletterId: z.number().int().nullable(),
  dryRun: z.boolean(),
  triggerId: z.number().int().nullable(),
  /** Its deliveries so far against the suppressions; null where nothing was sent or they could not be read. */
  deliveries: z
    .object({ compared: z.number().int(), pending: z.number().int(), reached: z.number().int() })
    .nullable(),
});
export type SendReport = z.infer<typeof SendReportSchema>;
