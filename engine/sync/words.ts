import type { SyncReport } from "../../contract/sync.ts";
import type { Blocker } from "../gate/blocker.ts";

const levels: Record<string, string> = {
  forgotten: "asked to be forgotten",
  complaint: "complained",
  hard_bounce: "bounced for good",
  manual: "suppressed by hand",
  unsubscribed_all: "unsubscribed",
};

/** What a sync found and did, in sentences. */
export function syncWords(
  report: Omit<SyncReport, "started_at" | "words" | "seconds">,
  blockers: readonly Blocker[],
): string[] {
  const {
    missed_at,
    sources,
    unanswered,
    added,
    added_by,
    removed,
    opted_in_again,
    verified,
    profiles_open,
  } = report;
  const asked = sources.map(
    ({ source, kind }) => `${source} (${kind === "full" ? "everything" : "changes"})`,
  );
  return [
    ...(missed_at === null ? [] : [`A run was due at ${missed_at} and did not happen; this one catches up.`]),
    ...(asked.length > 0 ? [`Asked ${asked.join(", ")}.`] : []),
    ...unanswered.map(
      ({ source, message, next_step }) => `${source} did not answer as it should. ${message} ${next_step}`,
    ),
    added === 0
      ? "Nobody is newly suppressed."
      : `${addresses(added)} newly suppressed: ${added_by.map((each) => `${addresses(each.addresses)} ${levels[each.level] ?? each.level} (${each.source})`).join(", ")}.`,
    ...(removed > 0
      ? [
          `${addresses(removed)} no longer in the suppression set; what stands at Customer.io was not taken back.`,
        ]
      : []),
    ...(opted_in_again > 0
      ? [`${opted_in_again} had opted out and opted in again: they stay suppressed, for you to review.`]
      : []),
    `Read back from Customer.io: ${verified.covered} safe, ${verified.missing} missing.`,
    ...(profiles_open > 0
      ? [
          `${profiles_open} ${profiles_open === 1 ? "profile is" : "profiles are"} new or changed since profiles were uploaded; upload the profiles again to bring that over.`,
        ]
      : []),
    report.gate_open
      ? "The gate is open."
      : `The gate is locked: ${blockers
          .slice(0, 3)
          .map(({ message }) => message)
          .join(" ")}`,
  ];
}

function addresses(count: number): string {
  return count === 1 ? "1 address" : `${count} addresses`;
}
