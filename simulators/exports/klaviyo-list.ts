import { join } from "node:path";
import { type KlaviyoProfile, klaviyoProfiles } from "../world/klaviyo-profiles.ts";
import type { World } from "../world/world.ts";
import { csvText, fileTime, type RowCounter, writeText } from "./text-rows.ts";

/** The known headers of a list export (reference/klaviyo.md §8), then custom properties by name. */
const columns: Record<string, (profile: KlaviyoProfile) => string> = {
  Email: ({ email }) => email ?? "",
  "Klaviyo ID": ({ id }) => id,
  "External ID": ({ externalId }) => externalId ?? "",
  "First Name": ({ profile }) => profile.firstName,
  "Last Name": ({ profile }) => profile.lastName,
  Organization: ({ profile }) => profile.company,
  Title: () => "",
  "Phone Number": ({ profile }) => profile.phone,
  Address: () => "",
  "Address 2": () => "",
  City: ({ profile }) => profile.city,
  "State / Region": ({ profile }) => profile.region,
  Country: ({ profile }) => profile.country,
  "Zip Code": () => "",
  Latitude: () => "",
  Longitude: () => "",
  Source: () => "Import",
  "IP Address": () => "",
  "Email Marketing Consent": ({ consent }) => consent,
  "Email Marketing Consent Timestamp": ({ consentTimestamp }) => fileTime(consentTimestamp),
  "SMS Marketing Consent": () => "NEVER_SUBSCRIBED",
  "SMS Marketing Consent Timestamp": () => "",
  "Historic Customer Lifetime Value": () => "",
  "Predicted Customer Lifetime Value": () => "",
  "Total Customer Lifetime Value": () => "",
  "Average Order Value": () => "",
  "Historic Number Of Orders": () => "",
  "Average Days Between Orders": () => "",
  "First Active": ({ created }) => fileTime(created),
  "Last Active": ({ lastActive }) => fileTime(lastActive),
  "Profile Created On": ({ created }) => fileTime(created),
  "Date Added": ({ created }) => fileTime(created),
  "Last Open": () => "",
  "Last Click": () => "",
  "Email Suppressions": ({ suppressions }) => suppressions.map(({ reason }) => reason).join(", "),
  Plan: ({ profile }) => profile.plan,
};

/** Writes the CSV that Klaviyo's "Export list" gives, all columns chosen, and returns its path. */
export async function writeKlaviyoList(folder: string, world: World, counter: RowCounter): Promise<string> {
  const file = join(folder, "klaviyo_newsletter_list.csv");
  const rows = counter.count(rowsOf(world));
  await writeText(file, csvText(Object.keys(columns), rows, { newline: "\n", byteOrderMark: false }));
  return file;
}

function* rowsOf(world: World): Generator<string[]> {
  const cells = Object.values(columns);
  for (const person of world) {
    for (const profile of klaviyoProfiles(person)) yield cells.map((cell) => cell(profile));
  }
}
