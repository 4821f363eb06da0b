import { createHash } from "node:crypto";

/** One member of one audience. Times are milliseconds since 1970; null where Mailchimp has none. */
export interface Member {
  /** MD5 of the lower-cased address. */
  id: string;
  email: string;
  /** One of the six words, or one that nobody knows yet. */
  status: string;
  /** By tag. */
  mergeFields: Record<string, unknown>;
  signedUpAt: number | null;
  optedInAt: number | null;
  /** When the member opted out. */
  unsubscribedAt: number | null;
  unsubscribeReason: string;
  lastChanged: number | null;
  tags: string[];
  note: string;
  vip: boolean;
  language: string;
  webId: number;
  euid: string;
}

export function memberId(email: string): string {
  return createHash("md5").update(email.toLowerCase()).digest("hex");
}

/** `2022-02-23T16:25:57+00:00`; empty where there is none. */
export function isoTime(time: number | null): string {
  return time === null ? "" : `${new Date(time).toISOString().slice(0, 19)}+00:00`;
}

/** At most so many tags come with a member. */
const tagsShown = 50;

/** The member as the API shows it (reference/mailchimp.md §4). */
export function memberJson(member: Member, listId: string, apiUrl: string): Record<string, unknown> {
  const { mergeFields, optedInAt } = member;
  const tags = member.tags.map((name, index) => ({ id: 4000 + index, name }));
  return {
    id: member.id,
    email_address: member.email,
    unique_email_id: member.euid,
    contact_id: createHash("md5").update(`contact ${listId} ${member.webId}`).digest("hex"),
    full_name: `${mergeFields.FNAME ?? ""} ${mergeFields.LNAME ?? ""}`.trim(),
    web_id: member.webId,
    email_type: "html",
    status: member.status,
    ...(member.status === "unsubscribed" ? { unsubscribe_reason: member.unsubscribeReason } : {}),
    consents_to_one_to_one_messaging: true,
    merge_fields: mergeFields,
    stats: { avg_open_rate: 0, avg_click_rate: 0 },
    ip_signup: "",
    timestamp_signup: isoTime(member.signedUpAt),
    // 192.0.2.0/24 is kept for documentation (RFC 5737).
    ip_opt: optedInAt === null ? "" : `192.0.2.${member.webId % 256}`,
    timestamp_opt: isoTime(optedInAt),
    member_rating: 2,
    last_changed: isoTime(member.lastChanged),
    language: member.language,
    vip: member.vip,
    email_client: "",
    location: {
      latitude: 0,
      longitude: 0,
      gmtoff: 0,
      dstoff: 0,
      country_code: "",
      timezone: "",
      region: "",
    },
    ...(member.note === ""
      ? {}
      : {
          last_note: {
            note_id: member.webId,
            created_at: isoTime(member.lastChanged),
            created_by: "Practice",
            note: member.note,
          },
        }),
    source: "Import",
    tags_count: tags.length,
    tags: tags.slice(0, tagsShown),
    list_id: listId,
    _links: [
      {
        rel: "self",
        href: `${apiUrl}/lists/${listId}/members/${member.id}`,
        method: "GET",
        targetSchema: `${apiUrl}/schema/3.0/Definitions/Lists/Members/Response.json`,
      },
    ],
  };
}
