import type { MessageSource, StoredTrigger } from "../../customerio/messaging.ts";

/** Why something counts as sending by itself. */
export interface Verdict {
  /** For the operator, in Customer.io's words; `unknown` where it names no state. */
  state: string;
  /** Since or from when, unix seconds; null where that is not said. */
  since: number | null;
  /** One sentence about the thing: "is running". */
  what: string;
}

/** Days for which a newsletter whose state is not told may still go out: rate limits and time zones spread it. */
const mayStillGoOutDays = 7;
const stillCampaign = new Set(["draft", "stopped"]);
const stillBroadcast = stillCampaign;
const stillNewsletter = new Set(["draft", "drafted", "sent"]);

/**
 * Whether a campaign, newsletter or broadcast sends or will send by itself; null where it is certain that it does not.
 * Only the states that Customer.io documents as still count as still: whatever is unknown counts as running.
 *
 * An API-triggered broadcast that waits for its trigger sends nothing; it does where somebody else triggered it and
 * its messages are not made yet.
 * @param now unix seconds
 * @param foreign triggers of the broadcast that are not ours
 */
export function judge(
  source: MessageSource,
  now: number,
  foreign: readonly StoredTrigger[] = [],
): Verdict | null {
  if (source.kind === "newsletter") return judgeNewsletter(source, now);
  const state = source.state?.toLowerCase() ?? "unknown";
  const since = source.firstStarted;
  const pending = foreign.filter(({ processedAt }) => processedAt === null);
  if (pending.length > 0) {
    return { state, since: pending[0]!.createdAt, what: "was triggered outside Sendgate and is going out" };
  }
  if (source.kind === "broadcast") {
    if (state === "running" || (stillBroadcast.has(state) && source.active !== true)) return null;
    return { state, since, what: unforeseen(state) };
  }
  if (stillCampaign.has(state) && source.active !== true) return null;
  if (state === "running") return { state, since, what: "is running" };
  if (stillCampaign.has(state))
    return { state, since, what: "can still send, though it is no longer running" };
  return { state, since, what: unforeseen(state) };
}

function judgeNewsletter({ state: told, sentAt, scheduledAt }: MessageSource, now: number): Verdict | null {
  const state = told?.toLowerCase() ?? "unknown";
  const ahead = [scheduledAt, sentAt].find((time) => typeof time === "number" && time > now) ?? null;
  if (ahead !== null) return { state: told ? state : "scheduled", since: ahead, what: "is scheduled" };
  if (told !== null) {
    if (stillNewsletter.has(state)) return null;
    if (state === "scheduled") return { state, since: scheduledAt ?? null, what: "is scheduled" };
    if (state === "sending" || state === "awaiting_winner") {
      return { state, since: sentAt, what: "is going out" };
    }
    return { state, since: sentAt, what: unforeseen(state) };
  }
  // Answers of before 2026 name no state: what is told of times has to do.
  if (sentAt !== null) {
    return now - sentAt > mayStillGoOutDays * 86_400
      ? null
      : { state, since: sentAt, what: "may still be going out: Customer.io does not say whether it is done" };
  }
  if (scheduledAt === null) return null;
  return scheduledAt === undefined
    ? { state, since: null, what: "may be scheduled: Customer.io does not say" }
    : { state, since: scheduledAt, what: "is due, and Customer.io does not say that it was sent" };
}

function unforeseen(state: string): string {
  return state === "unknown"
    ? "may be running: Customer.io names no state"
    : `is in the state “${state}”, which Sendgate does not know, so it counts as running`;
}
