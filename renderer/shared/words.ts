import type { ConsentLevel } from "../../contract/consent.ts";
import type { Mechanism } from "../../contract/delivery.ts";
import type { ConflictCode } from "../../contract/merge.ts";
import type { SourceName } from "../../contract/source.ts";

/** The contract's codes in the words of the screens. */

export const sourceTitles: Record<SourceName, string> = {
  iterable: "Iterable",
  klaviyo: "Klaviyo",
  mailchimp: "Mailchimp",
  csv: "Other CSV",
};

/** The sources that can be exported over an API, in the order in which screens show them. */
export const apiSources = ["mailchimp", "klaviyo", "iterable"] as const satisfies SourceName[];
export type ApiSourceName = (typeof apiSources)[number];

export const levelWords: Record<ConsentLevel, string> = {
  forgotten: "Erased on request",
  complaint: "Spam complaint",
  hard_bounce: "Hard bounce",
  manual: "Suppressed by hand",
  unsubscribed_all: "Unsubscribed from everything",
  unsubscribed_topic: "Unsubscribed from a topic",
  unknown: "Not known",
  implied: "Subscribed, without a recorded opt-in",
  explicit_opt_in: "Opted in",
};

export const conflictWords: Record<ConflictCode, string> = {
  ID_MANY_EMAILS: "One user ID, several addresses",
  EMAIL_MANY_IDS: "One address, several user IDs",
  AMBIGUOUS_EMAIL: "Records without a user ID on a shared address",
  CONSENT_CONFLICT: "Opted out and subscribed",
  ATTR_CONFLICT: "Different values for one attribute",
  ID_CASE_TWIN: "User IDs that differ by letter case",
  EMAIL_CASE_TWIN: "One address in several spellings",
  ID_BLOCKED: "User ID that cannot be used",
  BAD_EMAIL: "Address that cannot be used",
  NO_IDENTIFIER: "Record without user ID and address",
};

export const mechanismWords: Record<Mechanism, { title: string; explanation: string }> = {
  unsubscribe_person: {
    title: "People set to unsubscribed",
    explanation: "The person’s profile is marked as unsubscribed from everything.",
  },
  unsubscribe_address: {
    title: "Addresses without a person set to unsubscribed",
    explanation: "Makes a profile that holds the address and the opt-out.",
  },
  topic_preference: {
    title: "Topics switched off",
    explanation: "One topic is set to false on the person; other mail goes on.",
  },
  esp_spam_reports: {
    title: "Addresses on the spam complaint list",
    explanation: "Goes on the list of the mail service; makes no profile.",
  },
  esp_bounces: {
    title: "Addresses on the bounce list",
    explanation: "Goes on the list of the mail service; makes no profile.",
  },
  esp_invalid_emails: {
    title: "Addresses on the invalid address list",
    explanation: "Goes on the list of the mail service; makes no profile.",
  },
};

/**
 * A decision on a conflict, as a person says it. The forms are those of merge-rules §6:
 * `primary=`, `owner=`, `none`, `value=`, `accept`.
 */
export function decisionWords(decision: string): string {
  if (decision === "accept") return "Keep the default";
  if (decision === "none") return "Belongs to nobody";
  const forms = { "primary=": "Main address: ", "owner=": "Belongs to ", "value=": "Value: " };
  for (const [form, words] of Object.entries(forms)) {
    if (decision.startsWith(form)) return words + decision.slice(form.length);
  }
  return decision;
}

/** Whom the engine means, without the kind of identifier: `id:u-7` → `u-7`, `email:ada@example.com` → the address. */
export function subjectWords(subject: string): string {
  return subject.replace(/^(id|email):/, "");
}

/** A topic as its source calls it: `message_type:52003` → `Message type 52003`, `list:Weekly news` → `List Weekly news`. */
export function topicWords(topic: string): string {
  return topic.replace(/^(message_type|channel|list):/, (_, kind: string) => `${topicKinds[kind]} `);
}

const topicKinds: Record<string, string> = { message_type: "Message type", channel: "Channel", list: "List" };

/** Words for a code that may be newer than this window: the code itself, readable. */
export function wordsFor<Code extends string>(words: Record<Code, string>, code: string): string {
  return Object.hasOwn(words, code) ? words[code as Code] : code.replaceAll("_", " ");
}
