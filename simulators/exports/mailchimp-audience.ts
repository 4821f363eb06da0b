import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import yazl from "yazl";
import { type MailchimpMember, type MailchimpStatus, mailchimpMembers } from "../world/mailchimp-members.ts";
import { hashHex } from "../world/random.ts";
import type { World } from "../world/world.ts";
import { csvText, fileTime, type RowCounter } from "./text-rows.ts";

/** The status stands only in the name of the file (reference/mailchimp.md §9). */
const filePrefixes: Record<MailchimpStatus, string> = {
  subscribed: "subscribed",
  unsubscribed: "unsubscribed",
  cleaned: "cleaned",
  transactional: "nonsubscribed",
};

/** Merge fields by display name, then the fixed columns that all states share. */
const sharedHeader = [
  ...["Email Address", "First Name", "Last Name", "Company", "City", "Phone Number", "Plan", "USER_ID"],
  ...["MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP"],
  ...["GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION"],
];
const middleHeaders: Record<MailchimpStatus, string[]> = {
  subscribed: ["LAST_CHANGED"],
  transactional: ["LAST_CHANGED"],
  unsubscribed: [
    "UNSUB_TIME",
    "UNSUB_CAMPAIGN_TITLE",
    "UNSUB_CAMPAIGN_ID",
    "UNSUB_REASON",
    "UNSUB_REASON_OTHER",
  ],
  cleaned: ["CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID"],
};
const lastHeader = ["LEID", "EUID", "NOTES", "TAGS"];

/** Writes the ZIP of Mailchimp's "Export audience" and returns its path. */
export async function writeMailchimpAudience(
  folder: string,
  world: World,
  counter: RowCounter,
): Promise<string> {
  const hash = hashHex(10, "mailchimp audience", world.seed);
  const file = join(folder, `audience_export_${hash}.zip`);
  const zip = new yazl.ZipFile();
  for (const [status, prefix] of Object.entries(filePrefixes) as [MailchimpStatus, string][]) {
    const header = [...sharedHeader, ...middleHeaders[status], ...lastHeader];
    // ZIP entries keep local time: local parts give the same bytes in every time zone.
    const options = { mtime: new Date(2026, 10, 2, 9), forceDosTimestamp: true };
    zip.addReadStreamLazy(`${prefix}_email_audience_export_${hash}.csv`, options, (give) => {
      const rows = counter.count(rowsOf(world, status));
      give(null, Readable.from(csvText(header, rows, { newline: "\n", byteOrderMark: false })));
    });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

function* rowsOf(world: World, status: MailchimpStatus): Generator<string[]> {
  for (const person of world) {
    for (const member of mailchimpMembers(person)) if (member.status === status) yield rowOf(member);
  }
}

function rowOf(member: MailchimpMember): string[] {
  const { profile, status } = member;
  const optIn = fileTime(member.optedInAt);
  // 192.0.2.0/24 is kept for documentation (RFC 5737).
  const address = optIn && `192.0.2.${member.leid % 256}`;
  const campaign = status !== "cleaned" && member.complainedAt === null ? "Newsletter" : "Autumn offers";
  const middle =
    status === "unsubscribed"
      ? [fileTime(member.endedAt), campaign, "4f2a90c1d7", member.unsubscribeReason, ""]
      : status === "cleaned"
        ? [fileTime(member.endedAt), campaign, "4f2a90c1d7"]
        : [fileTime(member.lastChanged)];
  return [
    ...[member.email, profile.firstName, profile.lastName, profile.company, profile.city],
    // Mailchimp's own guard against spreadsheets that would calculate with the number.
    profile.phone && `'${profile.phone}`,
    ...[profile.plan, member.userId ?? "", "2", optIn, address, optIn, address],
    ...["", "", "", "", profile.region],
    ...middle,
    ...[String(member.leid), member.euid, member.note, member.tags.map((tag) => `"${tag}"`).join(",")],
  ];
}
