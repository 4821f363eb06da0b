import type { ConsentState } from "../../contract/consent.ts";

/**
 * What one of Klaviyo's suppression reasons means (merge-rules §5). `"hard bounce"` and `HARD_BOUNCE` are one
 * word; a word that nobody knows is a suppression by hand.
 * @param at microseconds since 1970; null where it has no time
 */
export function suppressionState(reason: string, at: number | null): ConsentState {
  switch (reasonWord(reason)) {
    case "UNSUBSCRIBE":
      return { level: "unsubscribed_all", at };
    case "HARD_BOUNCE":
      return { level: "hard_bounce", at };
    case "INVALID_EMAIL":
      return { level: "hard_bounce", at, invalidAddress: true };
    case "SPAM_COMPLAINT":
      return { level: "complaint", at };
    default:
      return { level: "manual", at };
  }
}

/** The form in which reasons are compared. */
export function reasonWord(text: string): string {
  return text
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}

/** What Klaviyo's consent for e-mail marketing means. @param at microseconds since 1970; null where it has no time */
export function consentState(consent: string, at: number | null): ConsentState {
  switch (consent.trim().toUpperCase()) {
    case "UNSUBSCRIBED":
      return { level: "unsubscribed_all", at };
    case "SUBSCRIBED":
      return { level: "explicit_opt_in", at };
    default:
      return { level: "unknown", at: null };
  }
}
