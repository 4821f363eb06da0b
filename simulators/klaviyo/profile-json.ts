import type { Profile } from "./profile.ts";

export type JsonObject = Record<string, unknown>;

/** `2023-07-28T13:26:48+00:00`, with six digits of the second where it is not a whole one. */
export function isoTime(time: number | null): string | null {
  if (time === null) return null;
  const microseconds = Math.round(time * 1000);
  const fraction = microseconds % 1_000_000;
  const seconds = new Date((microseconds - fraction) / 1000).toISOString().slice(0, 19);
  return `${seconds}${fraction === 0 ? "" : `.${String(fraction).padStart(6, "0")}`}+00:00`;
}

interface Shape {
  /** The simulator's own origin, for links. */
  origin: string;
  subscriptions: boolean;
  predictiveAnalytics: boolean;
  /** `fields[profile]`; null for all. Names may be dotted. */
  fields: readonly string[] | null;
}

/** The resource as `GET /api/profiles` gives it (reference/klaviyo.md §2). */
export function profileJson(profile: Profile, shape: Shape): JsonObject {
  const self = `${shape.origin}/api/profiles/${profile.id}`;
  const attributes: JsonObject = {
    email: profile.email,
    phone_number: profile.phoneNumber,
    external_id: profile.externalId,
    first_name: profile.firstName,
    last_name: profile.lastName,
    organization: profile.organization,
    locale: null,
    title: null,
    image: null,
    created: isoTime(profile.created),
    updated: isoTime(profile.updated),
    last_event_date: isoTime(profile.updated),
    location: profile.location === null ? null : { ...emptyLocation, ...profile.location },
    properties: profile.properties,
    ...(shape.subscriptions ? { subscriptions: subscriptionsOf(profile) } : {}),
    ...(shape.predictiveAnalytics ? { predictive_analytics: null } : {}),
  };
  const relationship = (name: string) => [
    name,
    { links: { self: `${self}/relationships/${name}/`, related: `${self}/${name}/` } },
  ];
  return {
    type: "profile",
    id: profile.id,
    attributes: shape.fields === null ? attributes : pick(attributes, shape.fields),
    relationships: Object.fromEntries(
      ["lists", "segments", "push-tokens", "conversations"].map(relationship),
    ),
    links: { self: `${self}/` },
  };
}

const emptyLocation = {
  address1: null,
  address2: null,
  city: null,
  country: null,
  latitude: null,
  longitude: null,
  region: null,
  zip: null,
  timezone: null,
  ip: null,
};

function subscriptionsOf(profile: Profile): JsonObject {
  const timestamp = isoTime(profile.consentTimestamp);
  return {
    email: profile.withoutEmailChannel
      ? null
      : {
          marketing: {
            // The vendor's text: true where there is no global suppression; nothing about consent.
            can_receive_email_marketing: profile.canReceive ?? profile.suppressions.length === 0,
            consent: profile.consent,
            consent_timestamp: timestamp,
            last_updated: timestamp,
            method: timestamp === null ? null : "API",
            method_detail: "",
            custom_method_detail: null,
            double_optin: timestamp === null ? null : false,
            suppression: profile.suppressions.map(({ reason, timestamp }) => ({
              reason,
              timestamp: isoTime(timestamp),
            })),
            list_suppressions: profile.listSuppressions.map(({ listId, reason, timestamp }) => ({
              list_id: listId,
              reason,
              timestamp: isoTime(timestamp),
            })),
          },
        },
    sms: {
      marketing: {
        can_receive_sms_marketing: false,
        consent: "NEVER_SUBSCRIBED",
        consent_timestamp: null,
        method: null,
        method_detail: null,
        last_updated: null,
      },
    },
    mobile_push: null,
    whatsapp: null,
  };
}

/** A sparse fieldset: whole fields, or parts of them by dotted names. */
function pick(source: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const [key, value] of Object.entries(source)) {
    if (names.includes(key)) {
      picked[key] = value;
      continue;
    }
    const inner = names
      .filter((name) => name.startsWith(`${key}.`))
      .map((name) => name.slice(key.length + 1));
    if (inner.length === 0) continue;
    picked[key] = value !== null && typeof value === "object" ? pick(value as JsonObject, inner) : value;
  }
  return picked;
}
