import type { SyncReport } from "../../contract/sync.ts";
import type { Blocker } from "../gate/blocker.ts";

const levels: Record<string, string> = {
  forgotten: "asked to be forgotten",
  complaint: "complained",
  hard_bounce: "bounced for good",
  manual: "were suppressed by hand",
  unsubscribed_all: "unsubscribed",
};

/** What a sync found and did, in sentences. */
export function syncWords(
  report: Omit<SyncReport, "started_at" | "words" | "seconds">,
  blockers: readonly Blocker[],
): string[] {
  const { sources, added, added_by, removed, opted_in_again, verified, gate_open } = report;
  const asked = sources.map(
    ({ source, kind }) => `${source} (${kind === "full" ? "everything" : "changes"})`,
  );
  return [
    `Asked ${asked.join(", ")}.`,
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
    gate_open
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
