import type { PersonEvents } from "../world/person-events.ts";
import { hash32 } from "../world/random.ts";
import type { Profile, Suppression } from "./profile.ts";
import type { ProfileBook } from "./profile-book.ts";

/** Somebody whom the world does not know. Times in milliseconds since 1970. */
export interface NewPerson {
  email: string | null;
  externalId?: string | null;
  properties?: Record<string, unknown>;
  /** Default `NEVER_SUBSCRIBED`. */
  consent?: string;
  suppressions?: Suppression[];
  /** Default: a number of its own. */
  id?: string;
  /** When it happened, where that is not now. */
  at?: number;
}

/** When an event happened, where that is not now: Klaviyo's jobs may bring it to light hours later. */
export interface EventTime {
  at?: number;
}

/**
 * What happens in the account while the simulator runs. None of it moves a profile's `updated`, except what says
 * so (reference/klaviyo.md §6: unsubscribing does not).
 */
export interface WorldEvents extends PersonEvents {
  /** Klaviyo shows an unsubscribe as consent alone; `suppression` adds the entry of earlier years. */
  unsubscribe(email: string, details?: EventTime & { suppression?: boolean }): void;
  hardBounce(email: string, details?: EventTime): void;
  complain(email: string, details?: EventTime): void;
  /** Somebody of the company suppresses the address. */
  suppress(email: string, details?: EventTime & { reason?: string }): void;
  unsubscribeFromList(email: string, listId: string, details?: EventTime): void;
  /** The person opts in again, which takes an unsubscribe back and nothing stronger. */
  resubscribe(email: string, details?: EventTime): void;
  /** Changes custom properties; moves `updated`. */
  change(email: string, properties: Record<string, unknown>, details?: EventTime): void;
  addPerson(person: NewPerson): Profile;
  /** Deletes the profile for ever. */
  remove(email: string): void;
}

interface Settings {
  now(): number;
  /** Makes consent events move `updated` all the same. */
  consentMovesUpdated: boolean;
}

/** @throws Error for an address that the account does not have */
export function worldEvents(book: ProfileBook, { now, consentMovesUpdated }: Settings): WorldEvents {
  let added = 0;
  const find = (email: string): Profile => {
    const profile = book.withEmail(email);
    if (!profile) throw new Error("No profile has this address.");
    return profile;
  };
  const consentEvent = (
    email: string,
    at: number | undefined,
    happen: (profile: Profile, at: number) => void,
  ) => {
    const profile = find(email);
    const time = at ?? now();
    happen(profile, time);
    if (consentMovesUpdated) profile.updated = time;
    book.changed();
  };
  const suppressFor = (email: string, reason: string, at: number | undefined) =>
    consentEvent(email, at, (profile, timestamp) => {
      profile.suppressions = [...profile.suppressions, { reason, timestamp }];
    });

  return {
    unsubscribe(email, { at, suppression = false } = {}) {
      consentEvent(email, at, (profile, time) => {
        profile.consent = "UNSUBSCRIBED";
        profile.consentTimestamp = time;
      });
      if (suppression) suppressFor(email, "UNSUBSCRIBE", at);
    },
    hardBounce: (email, { at } = {}) => suppressFor(email, "HARD_BOUNCE", at),
    complain(email, { at } = {}) {
      suppressFor(email, "SPAM_COMPLAINT", at);
    },
    suppress: (email, { at, reason = "USER_SUPPRESSED" } = {}) => suppressFor(email, reason, at),
    unsubscribeFromList(email, listId, { at } = {}) {
      consentEvent(email, at, (profile, timestamp) => {
        const entry = { listId, reason: "USER_SUPPRESSED", timestamp };
        profile.listSuppressions = [...profile.listSuppressions, entry];
      });
    },
    resubscribe(email, { at } = {}) {
      consentEvent(email, at, (profile, time) => {
        profile.consent = "SUBSCRIBED";
        profile.consentTimestamp = time;
        profile.suppressions = profile.suppressions.filter(({ reason }) => reason !== "UNSUBSCRIBE");
      });
    },
    change(email, properties, { at } = {}) {
      const profile = find(email);
      profile.properties = { ...profile.properties, ...properties };
      profile.updated = at ?? now();
      book.changed();
    },
    addPerson(person) {
      added += 1;
      const time = person.at ?? now();
      const consent = person.consent ?? "NEVER_SUBSCRIBED";
      const number = hash32("added", added).toString(32).toUpperCase().padStart(8, "0");
      const profile: Profile = {
        id: person.id ?? `01JADD${number}${String(added).padStart(12, "0")}`,
        email: person.email,
        externalId: person.externalId ?? null,
        phoneNumber: null,
        firstName: null,
        lastName: null,
        organization: null,
        created: time,
        updated: time,
        location: null,
        properties: person.properties ?? {},
        consent,
        consentTimestamp: consent === "NEVER_SUBSCRIBED" ? null : time,
        suppressions: person.suppressions ?? [],
        listSuppressions: [],
      };
      book.add(profile);
      return profile;
    },
    remove: (email) => book.remove(find(email)),
  };
}
