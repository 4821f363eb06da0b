import type { KlaviyoProfile } from "../world/klaviyo-profiles.ts";
import { hash32 } from "../world/random.ts";

export interface Suppression {
  /** One of Klaviyo's five words, or one that nobody knows yet. */
  reason: string;
  /** As all times here: milliseconds since 1970, fractions down to microseconds. */
  timestamp: number;
}

export interface ListSuppression extends Suppression {
  listId: string;
}

/** A profile as the simulator keeps it. */
export interface Profile {
  id: string;
  email: string | null;
  externalId: string | null;
  phoneNumber: string | null;
  firstName: string | null;
  lastName: string | null;
  organization: string | null;
  created: number | null;
  updated: number | null;
  location: Record<string, string | number | null> | null;
  properties: Record<string, unknown>;
  consent: string;
  consentTimestamp: number | null;
  suppressions: Suppression[];
  listSuppressions: ListSuppression[];
  /** Where it is not what the suppressions say. */
  canReceive?: boolean;
  /** `subscriptions.email` is null, whatever stands above. */
  withoutEmailChannel?: true;
}

/** The world's view of a person, with what the API shows beyond it. */
export function profileOf(view: KlaviyoProfile): Profile {
  const { profile } = view;
  const habit = hash32("klaviyo", view.id);
  const text = (value: string) => (value === "" ? null : value);
  // Coordinates come as text or as a number, as the program that set them liked.
  const latitude = (habit % 18_000) / 100 - 90;
  return {
    id: view.id,
    email: view.email,
    externalId: view.externalId,
    phoneNumber: text(profile.phone),
    firstName: text(profile.firstName),
    lastName: text(profile.lastName),
    organization: text(profile.company),
    // Klaviyo's own clock counts microseconds.
    created: view.created + (habit % 1_000_000) / 1000,
    updated: view.lastActive,
    location: {
      city: text(profile.city),
      region: text(profile.region),
      country: text(profile.country),
      latitude: habit % 2 === 0 ? latitude : String(latitude),
    },
    properties: profile.plan === "" ? {} : { Plan: profile.plan },
    consent: view.consent,
    consentTimestamp: view.consentTimestamp,
    suppressions: view.suppressions,
    listSuppressions: [],
    ...(view.email === null ? { withoutEmailChannel: true } : {}),
  };
}
