import type { PulledSource, PullReport, PullStream, SourceConnection } from "../../contract/pulls.ts";
import { formatCount, formatNumber, formatShare } from "../shared/format.ts";
import { type ApiSourceName, sourceTitles } from "../shared/words.ts";

/** What a source's exports amount to: the one thing that an operator must know of it first. */
export type PulledStanding = "unfinished" | "incomplete" | "unconfirmed" | "retired" | "complete";

/** A source that is no longer asked is retired, whatever else is true of it. */
export function standingOf({ retired, unfinished, last, unconfirmed }: PulledSource): PulledStanding {
  if (retired) return "retired";
  if (unfinished || !last) return "unfinished";
  if (!last.complete) return "incomplete";
  return unconfirmed === null ? "complete" : "unconfirmed";
}

/** Parts of an export that were read to their end, of all: `5 of 12 parts`. */
export function partsRead(streams: PullStream[]): string {
  const read = streams.filter(({ complete }) => complete).length;
  return `${formatNumber(read)} of ${formatCount(streams.length, "part")}`;
}

/** What an export brought, in numbers that prove it: `12,480 of 12,480 declared, 3 of them rejected.` */
export function proofWords({ source, declared, received, rejected }: PullReport): string {
  const refused = rejected > 0 ? `, ${formatNumber(rejected)} of them rejected` : "";
  if (declared === null) {
    return `${formatCount(received, "entry", "entries")} received up to the end of every part${refused}. ${sourceTitles[source]} does not declare how many there are.`;
  }
  return `${formatNumber(received)} received of ${formatNumber(declared)} declared${refused}.`;
}

/** What became of the records: `12 new records, 3 changed.`; empty where nothing moved. */
export function changeWords({ added, changed, gone }: PullReport): string {
  const parts = [
    added > 0 && formatCount(added, "new record"),
    changed > 0 && `${formatNumber(changed)} changed`,
    gone > 0 && `${formatNumber(gone)} no longer there; their opt-outs stay`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `${parts.join(", ")}.` : "";
}

/** What speaks against a field as the user ID, in words; null where nothing does. */
export function doubtAbout({
  sampled,
  filled,
  distinct,
}: SourceConnection["candidates"][number]): string | null {
  const doubts: string[] = [];
  if (distinct < filled) {
    doubts.push(
      `${formatCount(filled - distinct, "value")} of the sample ${filled - distinct === 1 ? "stands" : "stand"} on a second person; people with the same value become one.`,
    );
  }
  if (filled < sampled) {
    doubts.push(
      `${formatShare(sampled - filled, sampled)} of the sample have none; these people are known by their address.`,
    );
  }
  return doubts.length > 0 ? doubts.join(" ") : null;
}

/** Where the operator finds the key of a vendor's API. */
export const keyWords: Record<ApiSourceName, string> = {
  mailchimp:
    "In Mailchimp under Profile, Extras, API keys. It ends in your data centre’s name, such as -us6. Mailchimp has no keys that can only read; Sendgate never writes with it.",
  klaviyo:
    "In Klaviyo under Settings, API keys: a private key, which begins with pk_. It needs to read accounts, profiles, lists and segments, and nothing else.",
  iterable:
    "In Iterable under Integrations, API keys: a server-side key of the project. A key for mobile or JavaScript cannot export.",
};
