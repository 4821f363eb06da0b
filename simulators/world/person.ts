/**
 * Invented people as they are, before any vendor looks at them.
 * Times are milliseconds since 1970-01-01T00:00:00Z, in whole seconds.
 */

/** The marketing systems that the invented company uses side by side. */
export const systems = ["mailchimp", "klaviyo", "iterable"] as const;
export type System = (typeof systems)[number];

export interface Profile {
  firstName: string;
  lastName: string;
  company: string;
  plan: string;
  city: string;
  /** State or province; empty where the country has none in an address. */
  region: string;
  country: string;
  /** E.164, from ranges reserved for fiction; empty where unknown. */
  phone: string;
}

/** One record that one system keeps of a person. A person may have several, with different keys. */
export interface Membership {
  system: System;
  /** As the system spells it, valid or not; null where it knows the person by telephone alone. */
  email: string | null;
  /** As the system has it, which may be wrong; null where it was never told. */
  userId: string | null;
  joinedAt: number;
  changedAt: number;
  /** What the system knows, which may be old or have gaps (empty strings). */
  profile: Profile;
}

export type ConsentEventKind =
  | "subscribed"
  | "unsubscribed_by_link"
  | "opted_out_of_topic"
  | "removed_from_list"
  | "soft_bounced"
  | "hard_bounced"
  | "invalid_address"
  | "complained"
  | "suppressed_by_team";

/** Something that happened to one address in one place. */
export interface ConsentEvent {
  kind: ConsentEventKind;
  at: number;
  /** `office`: told to the company's own people, who keep a do-not-mail list. */
  where: System | "office";
  /** As that place spells it. */
  email: string;
}

export interface Person {
  /** Position in the world, from 0. */
  index: number;
  /** The key in the company's own database; null for people who never became customers. */
  userId: string | null;
  profile: Profile;
  memberships: Membership[];
  /** Oldest first. */
  consent: ConsentEvent[];
}

/** What happened to the membership's address in its system, oldest first. */
export function consentOf(person: Person, membership: Membership): ConsentEvent[] {
  return person.consent.filter(
    (event) => event.where === membership.system && event.email === membership.email,
  );
}

/** The newest event of this kind, or undefined. `events` are oldest first. */
export function latest(events: ConsentEvent[], kind: ConsentEventKind): ConsentEvent | undefined {
  return events.filter((event) => event.kind === kind).at(-1);
}

/** The unsubscribe that still stands: one that no later subscription took back. */
export function standingUnsubscribe(events: ConsentEvent[]): ConsentEvent | undefined {
  const unsubscribed = latest(events, "unsubscribed_by_link");
  const subscribed = latest(events, "subscribed");
  return unsubscribed && (!subscribed || subscribed.at < unsubscribed.at) ? unsubscribed : undefined;
}
