import { consentOf, latest, type Person, type Profile, standingUnsubscribe } from "./person.ts";
import { hash32, hashHex } from "./random.ts";

/** Mailchimp's own words; archived and pending people are not part of this world. */
export type MailchimpStatus = "subscribed" | "unsubscribed" | "cleaned" | "transactional";

/** One person in Mailchimp's one audience. Times in milliseconds since 1970. */
export interface MailchimpMember {
  email: string;
  /** Merge field USER_ID. */
  userId: string | null;
  profile: Profile;
  status: MailchimpStatus;
  /** Null for people who never opted in. */
  optedInAt: number | null;
  /** When the member became unsubscribed or cleaned; null in the other states. */
  endedAt: number | null;
  unsubscribeReason: string;
  /** Mailchimp shows complainers as unsubscribed and lists the complaint apart, in abuse reports. */
  complainedAt: number | null;
  lastChanged: number;
  tags: string[];
  note: string;
  /** `web_id` in the API, LEID in files. */
  leid: number;
  /** `unique_email_id` in the API, EUID in files. */
  euid: string;
}

/** How Mailchimp sees the person: one member per address that it keeps. */
export function mailchimpMembers(person: Person): MailchimpMember[] {
  return person.memberships.flatMap((membership) => {
    const { system, email } = membership;
    if (system !== "mailchimp" || email === null) return [];
    const events = consentOf(person, membership);
    const optIn = latest(events, "subscribed");
    const bounce = latest(events, "hard_bounced") ?? latest(events, "invalid_address");
    const complaint = latest(events, "complained");
    const removal = latest(events, "suppressed_by_team");
    const end = bounce ?? complaint ?? removal ?? standingUnsubscribe(events);
    const fingerprint = hash32("mailchimp", email);
    return {
      email,
      userId: membership.userId,
      profile: membership.profile,
      status: bounce ? "cleaned" : end ? "unsubscribed" : optIn ? "subscribed" : "transactional",
      optedInAt: optIn?.at ?? null,
      endedAt: end?.at ?? null,
      unsubscribeReason: unsubscribeReason(end?.kind),
      complainedAt: complaint?.at ?? null,
      lastChanged: membership.changedAt,
      tags: ["VIP", "Blog", "Spring fair"].filter((_, bit) => (fingerprint >> bit) % 8 === 0),
      note: fingerprint % 97 === 0 ? "Met at the fair.\nWants the print catalogue." : "",
      leid: 100_000_000 + person.index,
      euid: hashHex(10, "euid", email.toLowerCase()),
    } satisfies MailchimpMember;
  });
}

function unsubscribeReason(kind: string | undefined): string {
  if (kind === "unsubscribed_by_link") return "I no longer want to receive these emails";
  if (kind === "suppressed_by_team") return "N/A (Unsubscribed by an admin)";
  return "";
}
