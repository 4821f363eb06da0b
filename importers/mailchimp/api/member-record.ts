import { createHash } from "node:crypto";
import type { ConsentLevel } from "../../../contract/consent.ts";
import type { AttributeValue, RejectedRow } from "../../../contract/source.ts";
import type { ApiRecord } from "../../api-importer.ts";
import { isEmpty } from "../../columns.ts";
import { type Entry, isEntry, textOf, timeOf } from "./answer-shape.ts";

/** The six statuses of a member. Each is asked for by itself: it is not confirmed what a call without one brings. */
export const memberStatuses = [
  "subscribed",
  "unsubscribed",
  "cleaned",
  "pending",
  "transactional",
  "archived",
] as const;
export type MemberStatus = (typeof memberStatuses)[number];

/** merge-rules §5. What somebody was before archiving is not shown, so archived counts as an opt-out. */
const levels: Record<MemberStatus, ConsentLevel> = {
  subscribed: "implied",
  unsubscribed: "unsubscribed_all",
  cleaned: "hard_bounce",
  pending: "unknown",
  transactional: "unknown",
  archived: "unsubscribed_all",
};

export function isMemberStatus(word: string): word is MemberStatus {
  return Object.hasOwn(levels, word);
}

/** True if somebody with this status must not be mailed. */
export function isSuppressed(status: MemberStatus): boolean {
  return !["subscribed", "pending", "transactional"].includes(status);
}

/** What of a member becomes what: the names are those of the columns in an export file (interfaces §4). */
const bookkeeping: [column: string, path: string[]][] = [
  ["MEMBER_RATING", ["member_rating"]],
  ["OPTIN_TIME", ["timestamp_signup"]],
  ["OPTIN_IP", ["ip_signup"]],
  ["CONFIRM_TIME", ["timestamp_opt"]],
  ["CONFIRM_IP", ["ip_opt"]],
  ["TIMEZONE", ["location", "timezone"]],
  ["CC", ["location", "country_code"]],
  ["REGION", ["location", "region"]],
  ["LAST_CHANGED", ["last_changed"]],
  ["UNSUB_REASON", ["unsubscribe_reason"]],
  ["LEID", ["web_id"]],
  ["EUID", ["unique_email_id"]],
  ["NOTES", ["last_note", "note"]],
  ["SOURCE", ["source"]],
  ["SMS_PHONE_NUMBER", ["sms_phone_number"]],
  ["SMS_MARKETING_STATUS", ["sms_subscription_status"]],
];
/** Mailchimp writes a place that it does not know as zeros. */
const placeColumns: [column: string, field: string][] = [
  ["LATITUDE", "latitude"],
  ["LONGITUDE", "longitude"],
  ["GMTOFF", "gmtoff"],
  ["DSTOFF", "dstoff"],
];
/** The parts of an address merge field and their standard attributes. */
const addressParts: [part: string, attribute: string][] = [
  ["addr1", "address"],
  ["addr2", "address2"],
  ["city", "city"],
  ["state", "region"],
  ["zip", "zip"],
  ["country", "country"],
];

export interface MemberReading {
  listId: string;
  /** The status that was asked for; null where none was. */
  asked: MemberStatus | null;
  /** The merge field that holds the user_id; null where there is none. */
  userIdTag: string | null;
  /** The attribute of each merge field, by tag. */
  attributeNames: ReadonlyMap<string, string>;
}

/** What tells the members of one audience apart: the hash of the address, or what stands in where there is none. */
export function memberKey(row: unknown): string {
  const ids = isEntry(row) ? [row.id, row.contact_id, row.unique_email_id, row.web_id] : [];
  const id = ids.map(textOf).find((text) => text !== "");
  return id ?? createHash("sha256").update(JSON.stringify(row)).digest("hex").slice(0, 32);
}

/** The record of a member, or why it cannot be read. @param line the member's number on its page, from 1 */
export function readMember(row: unknown, line: number, reading: MemberReading): ApiRecord | RejectedRow {
  if (!isEntry(row)) return rejected(row, line, "The entry is no object.");
  const email = row.email_address;
  if (typeof email === "string" && email.includes("\ufffd"))
    return rejected(
      row,
      line,
      "The e-mail address holds bytes that are no valid text. Mend it in Mailchimp.",
    );
  const mergeFields = isEntry(row.merge_fields) ? row.merge_fields : {};
  // Its own word counts: a member may have changed since the question was put.
  const status = typeof row.status === "string" ? row.status : (reading.asked ?? "");
  return {
    key: `member/${reading.listId}/${memberKey(row)}`,
    record: {
      line,
      recordId: textOf(row.web_id) || memberKey(row),
      kind: "profile",
      userId: userIdOf(mergeFields, reading.userIdTag),
      email: typeof email === "string" ? email : null,
      updatedAt: timeOf(row.last_changed) ?? timeOf(row.timestamp_opt) ?? timeOf(row.timestamp_signup),
      // When somebody left stands nowhere in a member: last_changed moves with every edit.
      states: [{ level: isMemberStatus(status) ? levels[status] : "manual", at: null }],
      attributes: attributesOf(row, mergeFields, reading),
    },
  };
}

/** The merge field's value as it stands; null where there is none. */
export function userIdOf(mergeFields: unknown, tag: string | null): string | null {
  const value = tag !== null && isEntry(mergeFields) ? mergeFields[tag] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

export function rejected(row: unknown, line: number, reason: string): RejectedRow {
  return { line, reason, row: (JSON.stringify(row) ?? "").slice(0, 65_536) };
}

function attributesOf(
  row: Entry,
  mergeFields: Entry,
  { userIdTag, attributeNames }: MemberReading,
): Record<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  const put = (name: string, value: unknown) => {
    if (!isEmpty(value) && !attributes.has(name)) attributes.set(name, value as AttributeValue);
  };
  const addresses: Entry[] = [];
  for (const [tag, value] of Object.entries(mergeFields)) {
    if (tag === userIdTag) continue;
    const name = attributeNames.get(tag) ?? tag;
    if (!isEntry(value)) put(name, value);
    else if (name === "address") addresses.push(value);
    else if (Object.values(value).some((part) => !isEmpty(part))) put(name, value);
  }
  // After all other fields: one that is called City is meant before the city of an address.
  for (const address of addresses) for (const [part, name] of addressParts) put(name, address[part]);
  put("locale", row.language);

  for (const [column, path] of bookkeeping)
    put(
      `mailchimp.${column}`,
      path.reduce<unknown>((value, key) => (isEntry(value) ? value[key] : undefined), row),
    );
  const place = isEntry(row.location) ? row.location : {};
  if (place.latitude || place.longitude)
    for (const [column, field] of placeColumns) put(`mailchimp.${column}`, place[field]);
  if (row.vip === true) put("mailchimp.VIP", true);
  const tags = (Array.isArray(row.tags) ? row.tags : []).map((tag) => textOf(isEntry(tag) ? tag.name : tag));
  put("mailchimp.TAGS", tags);
  if (typeof row.tags_count === "number" && row.tags_count > tags.length)
    put("mailchimp.TAGS_COUNT", row.tags_count);
  put(
    "mailchimp.INTERESTS",
    Object.entries(isEntry(row.interests) ? row.interests : {}).flatMap(([id, on]) =>
      on === true ? [id] : [],
    ),
  );
  put(
    "mailchimp.MARKETING_PERMISSIONS",
    (Array.isArray(row.marketing_permissions) ? row.marketing_permissions : []).flatMap((permission) =>
      isEntry(permission) && permission.enabled === true ? [textOf(permission.text)] : [],
    ),
  );
  return Object.fromEntries(attributes);
}
