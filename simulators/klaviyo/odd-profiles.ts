import type { Profile } from "./profile.ts";

const subscribedAt = Date.UTC(2024, 2, 1, 8, 30);
const leftAt = Date.UTC(2024, 8, 2, 17, 45, 12) + 852.051;

/** What a profile is where nothing odd is said of it. */
const plain: Omit<Profile, "id" | "email"> = {
  externalId: null,
  phoneNumber: null,
  firstName: null,
  lastName: null,
  organization: null,
  created: subscribedAt,
  updated: subscribedAt,
  location: null,
  properties: {},
  consent: "SUBSCRIBED",
  consentTimestamp: subscribedAt,
  suppressions: [],
  listSuppressions: [],
};

const oddities: Record<string, Partial<Profile>> = {
  "several-reasons": {
    suppressions: [
      { reason: "USER_SUPPRESSED", timestamp: subscribedAt + 60_000 },
      { reason: "HARD_BOUNCE", timestamp: leftAt },
      { reason: "SPAM_COMPLAINT", timestamp: leftAt + 1000 },
    ],
  },
  "subscribed-and-suppressed": { suppressions: [{ reason: "INVALID_EMAIL", timestamp: leftAt }] },
  "unsubscribed-without-suppression": { consent: "UNSUBSCRIBED", consentTimestamp: leftAt },
  "unsubscribed-and-suppressed": {
    consent: "UNSUBSCRIBED",
    consentTimestamp: leftAt,
    suppressions: [{ reason: "UNSUBSCRIBE", timestamp: leftAt + 5000 }],
  },
  "list-only": { listSuppressions: [{ listId: "Y6nRLr", reason: "USER_SUPPRESSED", timestamp: leftAt }] },
  "unknown-reason": { suppressions: [{ reason: "BAD_MOON", timestamp: leftAt }] },
  "unknown-consent": { consent: "PENDING_CONFIRMATION", consentTimestamp: leftAt },
  "cannot-receive": { canReceive: false },
  "never-subscribed": { consent: "NEVER_SUBSCRIBED", consentTimestamp: null },
  "no-email-channel": { withoutEmailChannel: true },
  "bare-dates": { created: null, updated: null },
  "nested-properties": {
    externalId: "odd-1",
    location: {
      latitude: 52.52,
      longitude: "13.405",
      timezone: "Europe/Berlin",
      zip: "10115",
      ip: "192.0.2.7",
    },
    properties: {
      loyalty: { tier: "gold", points: [1, 2, { season: "spring" }] },
      favourites: ["tea", "bread"],
      "Customer ID": 1234567,
      nothing: null,
      ["__proto__"]: "kept",
    },
  },
  "large-property": { properties: { essay: "word ".repeat(250_000) } },
};

/** Every case of reference/klaviyo.md §9 that the world has no people for. */
export function oddProfiles(): Profile[] {
  const named = Object.entries(oddities).map(
    ([name, oddity], index): Profile => ({
      ...plain,
      id: `01HODD${String(index).padStart(20, "0")}`,
      email: `${name}@example.com`,
      ...oddity,
    }),
  );
  const phoneOnly: Profile = {
    ...plain,
    id: "01HODD9PHN0N1Y000000000000",
    email: null,
    phoneNumber: "+15005550006",
    consent: "NEVER_SUBSCRIBED",
    consentTimestamp: null,
  };
  const externalIdOnly: Profile = {
    ...phoneOnly,
    id: "01HODD9EXT0N1Y000000000000",
    phoneNumber: null,
    externalId: "odd-2",
  };
  const nobody: Profile = { ...phoneOnly, id: "01HODD9N0B0DY0000000000000", phoneNumber: null };
  /** Profiles of the early years may still have six characters for an id (unconfirmed). */
  const shortId: Profile = { ...plain, id: "abC9dX", email: "short-id@example.com" };
  return [...named, phoneOnly, externalIdOnly, nobody, shortId];
}
