import { badInput } from "../../../contract/failure.ts";
import type { AttributeValue, RejectedRow } from "../../../contract/source.ts";
import type { ApiRecord } from "../../api-importer.ts";
import { isEmpty } from "../../columns.ts";
import { headerKey, standardAttributes } from "../../headers.ts";
import { parseTime } from "../../time.ts";
import { consentStates } from "./consent.ts";
import { isObject, type JsonObject, textOrNull } from "./json.ts";

/** Where a profile keeps its user_id; null where nowhere. */
export type UserIdPlace = { property: string } | "external_id" | null;

const propertyPrefix = "properties.";

/** The custom property of this name, as `ApiAccess.userIdField` takes it. */
export function propertyField(property: string): string {
  return propertyPrefix + property;
}

/** @throws Failure `bad_input` for a field that profiles do not have */
export function userIdPlace(field: string | null): UserIdPlace {
  if (field === null || field === "external_id") return field;
  if (field.startsWith(propertyPrefix)) return { property: field.slice(propertyPrefix.length) };
  throw badInput(
    "USER_ID_FIELD_UNKNOWN",
    `Klaviyo profiles have no field “${field}” for the user_id.`,
    "Choose external_id, or properties. and the exact name of a custom property.",
  );
}

/** A page's entries: together the two are all of them. */
export interface MappedEntries {
  records: ApiRecord[];
  rejections: RejectedRow[];
}

/**
 * Turns the entries of a page of profiles into records, in their order.
 * @param consentOnly the page was asked for without attributes
 */
export function mapProfiles(entries: unknown[], place: UserIdPlace, consentOnly: boolean): MappedEntries {
  const mapped: MappedEntries = { records: [], rejections: [] };
  for (const [index, entry] of entries.entries()) {
    const line = index + 1;
    const record = mapProfile(entry, line, place, consentOnly);
    if (typeof record !== "string") mapped.records.push(record);
    else mapped.rejections.push({ line, reason: record, row: excerpt(entry) });
  }
  return mapped;
}

/** The record, or why there is none. */
function mapProfile(
  entry: unknown,
  line: number,
  place: UserIdPlace,
  consentOnly: boolean,
): ApiRecord | string {
  const id = isObject(entry) ? textOrNull(entry.id) : null;
  if (!isObject(entry) || id === null || id.trim() === "") {
    return "The profile has no id, so later versions of it could not be told apart; look for it in Klaviyo by its other fields.";
  }
  const { attributes } = entry;
  if (!isObject(attributes)) return "The profile has no attributes; open it in Klaviyo and pull again.";
  // Null means that there is no subscription; nothing at all means that we were not told.
  if (attributes.subscriptions === undefined) {
    return "Klaviyo left out the profile's subscriptions, so its consent is not known; pull again.";
  }
  return {
    key: `profile/${id}`,
    ...(consentOnly ? { consentOnly } : {}),
    record: {
      line,
      recordId: id,
      kind: "profile",
      userId: userIdOf(attributes, place),
      email: textOrNull(attributes.email),
      updatedAt: timeOf(attributes.updated) ?? timeOf(attributes.created),
      states: consentStates(attributes.subscriptions),
      attributes: consentOnly ? {} : attributesOf(id, attributes, place),
    },
  };
}

/** The value as text; numbers as they were written. Null where it is no possible identifier. */
export function userIdOf(attributes: JsonObject, place: UserIdPlace): string | null {
  if (place === null) return null;
  if (place === "external_id") return textOrNull(attributes.external_id);
  const { properties } = attributes;
  return isObject(properties) && Object.hasOwn(properties, place.property)
    ? textOrNull(properties[place.property])
    : null;
}

/**
 * Attributes by merged name, empty ones left out. Klaviyo's own fields come first; custom properties keep their
 * exact names unless they are standard ones (interfaces §4). Bookkeeping has the names of Klaviyo's CSV export.
 * Consent for other channels is left out: a sync of e-mail consent would not keep it fresh.
 */
function attributesOf(
  id: string,
  attributes: JsonObject,
  place: UserIdPlace,
): Record<string, AttributeValue> {
  const location = isObject(attributes.location) ? attributes.location : {};
  const properties = isObject(attributes.properties) ? attributes.properties : {};
  const found = new Map<string, AttributeValue>();
  const add = (name: string, value: unknown) => {
    if (!isEmpty(value) && !found.has(name)) found.set(name, value as AttributeValue);
  };
  for (const [name, value] of [
    ...["first_name", "last_name", "organization", "title", "phone_number", "locale"].map(
      (field) => [field, attributes[field]] as const,
    ),
    ...["address1", "address2", "city", "region", "country", "zip", "timezone"].map(
      (field) => [field, location[field]] as const,
    ),
  ]) {
    add(standardAttributes.get(headerKey(name)) ?? name, value);
  }
  add("image", attributes.image);
  if (place !== "external_id") add("external_id", attributes.external_id);
  add("klaviyo.Klaviyo ID", id);
  add("klaviyo.Profile Created On", attributes.created);
  add("klaviyo.Last Active", attributes.last_event_date);
  add("klaviyo.IP Address", location.ip);
  add("klaviyo.Latitude", location.latitude);
  add("klaviyo.Longitude", location.longitude);
  const userIdProperty = place !== null && place !== "external_id" ? place.property : null;
  for (const [name, value] of Object.entries(properties)) {
    if (name !== userIdProperty) add(standardAttributes.get(headerKey(name)) ?? name, value);
  }
  // Defines each one: a property may be called `__proto__`.
  return Object.fromEntries(found);
}

/** Microseconds since 1970; null where missing or unreadable. */
function timeOf(value: unknown): number | null {
  return typeof value === "string" || typeof value === "number" ? parseTime(value) : null;
}

const longestExcerpt = 64 * 2 ** 10;

function excerpt(entry: unknown): string {
  return (JSON.stringify(entry) ?? "").slice(0, longestExcerpt);
}
