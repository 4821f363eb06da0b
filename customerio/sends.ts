import { badInput, Failure } from "../contract/failure.ts";
import { createPace } from "../pacing/pace.ts";
import { errorSentence, readErrors } from "./answer-errors.ts";
import { type ApiAnswer, type ApiCall, type CallSettings, callOnce, sendUnclear } from "./calls.ts";
import { isObject } from "./json.ts";

/** Whom an API-triggered broadcast goes to and what it carries (reference/customerio.md §2.9). */
export interface BroadcastTrigger {
  /** An audience filter; without any audience the one set in Customer.io counts. */
  recipients?: Record<string, unknown>;
  ids?: string[];
  emails?: string[];
  data?: Record<string, unknown>;
  id_ignore_missing?: boolean;
  email_ignore_missing?: boolean;
  email_add_duplicates?: boolean;
}

/**
 * Calls that send mail. None is repeated after an unclear answer.
 * @throws Failure `failed` with code `SEND_UNCLEAR` where it may have been sent; with any other code it was not
 */
export interface Sends {
  /** Triggers an API-triggered broadcast, at most one in 10 seconds. */
  triggerBroadcast(broadcastId: number, trigger: BroadcastTrigger): Promise<{ triggerId: number }>;
  /** Sends a newsletter that is a draft, to the recipients that it was made for, at once. */
  sendNewsletter(newsletterId: number): Promise<void>;
}

interface Sending {
  settings: CallSettings;
  prepare(template: string, values: Record<string, string>, body: unknown): Promise<ApiCall>;
  /** Milliseconds between two broadcast triggers. */
  intervalMs: number;
}

const triggerAttempts = 3;

export function createSends({ settings, prepare, intervalMs }: Sending): Sends {
  const triggerPace = createPace({
    limits: [{ calls: 1, perMs: intervalMs }],
    concurrency: 1,
    signal: settings.signal,
  });
  return {
    async triggerBroadcast(broadcastId, trigger) {
      const template = "/v1/campaigns/{broadcast_id}/triggers";
      const call = await prepare(template, { broadcast_id: String(broadcastId) }, trigger);
      for (let attempt = 1; ; attempt += 1) {
        let answer: ApiAnswer;
        try {
          answer = await triggerPace.run(() => callOnce(call, settings));
        } catch (error) {
          // A 429 says clearly that nothing was sent, so the next turn may try again.
          const limited = error instanceof Failure && error.code === "CUSTOMER_IO_RATE_LIMITED";
          if (limited && attempt < triggerAttempts) continue;
          throw error;
        }
        if (answer.status >= 400) throw refusal("broadcast", broadcastId, answer);
        const id = isObject(answer.body) ? answer.body.id : undefined;
        if (answer.status !== 200) throw sendUnclear(`the answer was HTTP ${answer.status}`);
        if (!Number.isInteger(id)) throw sendUnclear("the answer names no trigger");
        return { triggerId: id as number };
      }
    },

    async sendNewsletter(newsletterId) {
      const template = "/v1/newsletters/{newsletter_id}/send";
      const call = await prepare(template, { newsletter_id: String(newsletterId) }, {});
      const answer = await callOnce(call, settings);
      if (answer.status >= 400) throw refusal("newsletter", newsletterId, answer);
      const sent = isObject(answer.body) ? answer.body.newsletter : undefined;
      if (answer.status !== 200) throw sendUnclear(`the answer was HTTP ${answer.status}`);
      if (!isObject(sent) || Number(sent.id) !== newsletterId) {
        throw sendUnclear("the answer does not name the newsletter");
      }
    },
  };
}

function refusal(what: "broadcast" | "newsletter", id: number, { status, body }: ApiAnswer): Failure {
  const code = what.toUpperCase();
  if (status === 404) {
    return badInput(
      `${code}_UNKNOWN`,
      `Customer.io has no ${what === "broadcast" ? "API-triggered broadcast" : "newsletter"} ${id} in this workspace.`,
      `Take the number from the ${what}'s address in Customer.io.`,
    );
  }
  return badInput(
    `${code}_REFUSED`,
    `Customer.io refused to send ${what} ${id} (HTTP ${status}): ${errorSentence(readErrors(body))}. Nothing was sent.`,
    what === "broadcast"
      ? "Mend the broadcast's audience or data, then send again."
      : "Look at the newsletter in Customer.io: only a draft with recipients can be sent, and only once.",
  );
}
