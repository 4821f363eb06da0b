import type { ConsentState } from "../../contract/consent.ts";

type ReasonLevel = Pick<ConsentState, "level" | "invalidAddress">;

/** Reason words of other systems, from reference/identity-and-consent.md §8; the first that fits counts. */
const reasons: { pattern: RegExp; says: ReasonLevel | "nothing" }[] = [
  { pattern: /^(?:spam|complain|abuse|fbl)|complaint$/, says: { level: "complaint" } },
  { pattern: /^invalid/, says: { level: "hard_bounce", invalidAddress: true } },
  { pattern: /^hard.*bounce|^bounce.*hard|^cleaned/, says: { level: "hard_bounce" } },
  { pattern: /^(?:unsub|optout|optedout)|^manual.*recipient$/, says: { level: "unsubscribed_all" } },
  { pattern: /^(?:manual|usersuppressed|admin|blacklist|blocklist)/, says: { level: "manual" } },
  { pattern: /^(?:soft|block|blocked|blocks)$|^soft/, says: "nothing" },
];

/**
 * What a reason in words or an SMTP status says: a level, `nothing` for soft bounces and blocks, null for an empty
 * cell. An unknown word is `manual` (merge-rules §5).
 */
export function readReason(cell: string): ReasonLevel | "nothing" | null {
  const text = cell.trim().toLowerCase();
  if (text === "") return null;
  // 5.1.1, 550 5.1.1 …, 421 …
  const smtpClass = /(?:^|\s)([45])\.\d{1,3}\.\d{1,3}\b/.exec(text)?.[1] ?? /^([45])\d\d\b/.exec(text)?.[1];
  if (smtpClass) return smtpClass === "5" ? { level: "hard_bounce" } : "nothing";
  const word = text.replace(/[^\p{L}\p{N}]/gu, "");
  return reasons.find(({ pattern }) => pattern.test(word))?.says ?? { level: "manual" };
}
