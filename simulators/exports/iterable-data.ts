import { join } from "node:path";
import {
  type IterableEvent,
  type IterableUser,
  iterableEvents,
  iterableUsers,
} from "../world/iterable-users.ts";
import type { World } from "../world/world.ts";
import { fileTime, ndjsonText, type RowCounter, writeText } from "./text-rows.ts";

/** Which unsubscribe event the broken download tore apart, counted from 0. */
const tornEvent = 4;

/** Writes one NDJSON file for each data type, as Iterable exports them, and returns their paths. */
export async function writeIterableData(
  folder: string,
  world: World,
  counter: RowCounter,
): Promise<string[]> {
  const lines: Record<string, Iterable<string>> = {
    user: userLines(world),
    emailBounce: eventLines(world, "emailBounce"),
    emailComplaint: eventLines(world, "emailComplaint"),
    emailUnSubscribe: resumedDownload(eventLines(world, "emailUnSubscribe")),
  };
  const files: string[] = [];
  for (const [dataType, rows] of Object.entries(lines)) {
    const file = join(folder, `iterable_${dataType}.ndjson`);
    const rowsBefore = counter.rows;
    await writeText(file, ndjsonText(counter.count(rows)));
    // Iterable answers with nothing where there is nothing; such a file cannot be recognised or imported.
    if (counter.rows > rowsBefore) files.push(file);
  }
  return files;
}

function* userLines(world: World): Generator<string> {
  for (const person of world) {
    for (const user of iterableUsers(person)) yield JSON.stringify(userRow(user));
  }
}

/** reference/iterable.md §6.1: custom fields at the top level, absent ones left out, one flat dotted key. */
function userRow({ email, userId, profile, ...user }: IterableUser): Record<string, unknown> {
  const optional = {
    userId,
    firstName: profile.firstName,
    lastName: profile.lastName,
    phoneNumber: profile.phone,
    company: profile.company,
    city: profile.city,
    region: profile.region,
    country: profile.country,
    Plan: profile.plan,
  };
  return {
    email,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value)),
    signupDate: `${fileTime(user.signupDate)} +00:00`,
    signupSource: "Import",
    profileUpdatedAt: `${fileTime(user.profileUpdatedAt)} +00:00`,
    emailListIds: user.emailListIds,
    unsubscribedChannelIds: user.unsubscribedChannelIds,
    unsubscribedMessageTypeIds: user.unsubscribedMessageTypeIds,
    "itblInternal.emailDomain": email.slice(email.lastIndexOf("@") + 1),
  };
}

function* eventLines(world: World, type: IterableEvent["type"]): Generator<string> {
  for (const person of world) {
    for (const event of iterableEvents(person)) {
      if (event.type !== type) continue;
      yield JSON.stringify({ ...event.fields, createdAt: `${fileTime(event.at)} +00:00` });
    }
  }
}

/**
 * Iterable drops long downloads and cannot resume them (reference/iterable.md §3). Somebody joined the two
 * halves by hand: the torn row stands there, and the second download begins with the same row whole.
 */
function* resumedDownload(lines: Iterable<string>): Generator<string> {
  let position = 0;
  for (const line of lines) {
    if (position === tornEvent) yield line.slice(0, line.length / 2);
    yield line;
    position += 1;
  }
}
