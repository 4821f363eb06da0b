import { consentOf, latest, type Person, type Profile, standingUnsubscribe } from "./person.ts";
import { hash32 } from "./random.ts";

type KlaviyoConsent = "SUBSCRIBED" | "UNSUBSCRIBED" | "NEVER_SUBSCRIBED";
type KlaviyoSuppressionReason =
  | "HARD_BOUNCE"
  | "INVALID_EMAIL"
  | "SPAM_COMPLAINT"
  | "UNSUBSCRIBE"
  | "USER_SUPPRESSED";

/** One Klaviyo profile. Times in milliseconds since 1970. */
export interface KlaviyoProfile {
  /** 26 characters, like a ULID. */
  id: string;
  /** Null for people known by telephone alone. */
  email: string | null;
  externalId: string | null;
  profile: Profile;
  created: number;
  lastActive: number;
  consent: KlaviyoConsent;
  /** Null where nobody ever asked. */
  consentTimestamp: number | null;
  suppressions: { reason: KlaviyoSuppressionReason; timestamp: number }[];
}

/** Since then Klaviyo shows an unsubscribe as consent alone and no longer as a suppression as well. */
const unsubscribesLeftSuppressionsAt = Date.UTC(2024, 0, 1);

const reasons = {
  hard_bounced: "HARD_BOUNCE",
  invalid_address: "INVALID_EMAIL",
  complained: "SPAM_COMPLAINT",
  suppressed_by_team: "USER_SUPPRESSED",
} as const;

/** How Klaviyo sees the person: one profile per address that it keeps. */
export function klaviyoProfiles(person: Person): KlaviyoProfile[] {
  return person.memberships.flatMap((membership) => {
    if (membership.system !== "klaviyo") return [];
    const events = consentOf(person, membership);
    const optIn = latest(events, "subscribed");
    const unsubscribe = standingUnsubscribe(events) ?? latest(events, "complained");
    const suppressions: KlaviyoProfile["suppressions"] = events.flatMap(({ kind, at }) =>
      kind in reasons ? [{ reason: reasons[kind as keyof typeof reasons], timestamp: at }] : [],
    );
    const unsubscribedAt = standingUnsubscribe(events)?.at;
    if (unsubscribedAt !== undefined && unsubscribedAt < unsubscribesLeftSuppressionsAt) {
      suppressions.push({ reason: "UNSUBSCRIBE", timestamp: unsubscribedAt });
    }
    return {
      id: ulid(membership.joinedAt, person.index),
      email: membership.email,
      externalId: membership.userId,
      profile: membership.profile,
      created: membership.joinedAt,
      lastActive: membership.changedAt,
      consent: unsubscribe ? "UNSUBSCRIBED" : optIn ? "SUBSCRIBED" : "NEVER_SUBSCRIBED",
      consentTimestamp: unsubscribe?.at ?? optIn?.at ?? null,
      suppressions,
    } satisfies KlaviyoProfile;
  });
}

/** Ten characters of time, sixteen that no other profile has: Crockford's base 32. */
function ulid(time: number, index: number): string {
  const inBase32 = (value: number, length: number): string =>
    value
      .toString(32)
      .replace(/[i-v]/g, (digit) => "JKMNPQRSTVWXYZ"["ijklmnopqrstuv".indexOf(digit)]!)
      .toUpperCase()
      .padStart(length, "0");
  return `${inBase32(time, 10)}${inBase32(hash32("ulid", index), 8)}${inBase32(index, 8)}`;
}
