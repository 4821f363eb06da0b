import { type ConsentState, isSuppressing } from "../../../contract/consent.ts";
import { parseTime } from "../../time.ts";
import { consentState, suppressionState } from "../levels.ts";
import { isObject, type JsonObject, textOrNull } from "./json.ts";

/**
 * Everything that a profile's `subscriptions` say of e-mail marketing (merge-rules §5, Klaviyo): the union of
 * suppressions, list suppressions, consent, and the bare fact that it cannot receive, because Klaviyo shows an
 * opt-out in any one of these places. What stands there in a form that nobody knows is read restrictively.
 */
export function consentStates(subscriptions: unknown): ConsentState[] {
  const email = isObject(subscriptions) ? subscriptions.email : subscriptions;
  const marketing = isObject(email) ? email.marketing : email;
  if (marketing === null || marketing === undefined) return [{ level: "unknown", at: null }];
  if (!isObject(marketing)) return [{ level: "manual", at: null, assumed: true }];
  const states = [
    ...entriesOf(marketing.suppression).map((entry) =>
      suppressionState(textOf(entry.reason), timeOf(entry.timestamp)),
    ),
    ...entriesOf(marketing.list_suppressions).map(listSuppression),
    consentState(textOf(marketing.consent), timeOf(marketing.consent_timestamp)),
  ];
  // A list suppression does not keep a profile from receiving, so it does not explain why this one cannot.
  if (marketing.can_receive_email_marketing === false && !states.some(({ level }) => isSuppressing(level))) {
    states.push({ level: "manual", at: null });
  }
  return states;
}

/** Without a list's id it may be about any list, so it counts for all. */
function listSuppression(entry: JsonObject): ConsentState {
  const at = timeOf(entry.timestamp);
  const listId = (textOrNull(entry.list_id) ?? "").trim();
  return listId === ""
    ? { level: "unsubscribed_all", at, assumed: true }
    : { level: "unsubscribed_topic", at, topic: listTopic(listId) };
}

/** The topic of a list, as the states name it. */
export function listTopic(listId: string): string {
  return `list:${listId}`;
}

/** A list of objects; what is none of the kind stands for an entry of which nothing is known. */
function entriesOf(value: unknown): JsonObject[] {
  if (value === null || value === undefined) return [];
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) =>
    isObject(entry) ? entry : typeof entry === "string" ? { reason: entry } : {},
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Microseconds since 1970; null where missing or unreadable. */
function timeOf(value: unknown): number | null {
  return typeof value === "string" || typeof value === "number" ? parseTime(value) : null;
}
