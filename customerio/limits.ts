import type { ProfileAttributeValue } from "./identify-item.ts";

/** The published limits of Track, in UTF-8 bytes (reference/customerio.md §1.1). */
export const limits = {
  idBytes: 150,
  attributeNameBytes: 150,
  attributeValueBytes: 1_000,
  attributes: 300,
} as const;

/** Unix seconds that Customer.io's own clients take; beyond are milliseconds. */
const earliestSeconds = 999_999_999;
const latestSeconds = 100_000_000_000;

/**
 * What Customer.io would refuse about a profile, in words that an operator can act on; empty where it fits.
 * Values are not repeated.
 */
export function checkProfile(profile: {
  id?: string;
  attributes: Readonly<Record<string, ProfileAttributeValue>>;
}): string[] {
  const problems: string[] = [];
  if (profile.id !== undefined && bytes(profile.id) > limits.idBytes) {
    problems.push(`The id takes ${bytes(profile.id)} bytes; Customer.io allows ${limits.idBytes}.`);
  }
  const attributes = Object.entries(profile.attributes);
  if (attributes.length > limits.attributes) {
    problems.push(
      `The profile has ${attributes.length} attributes; Customer.io allows ${limits.attributes}. Leave some out.`,
    );
  }
  for (const [name, value] of attributes) {
    const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
    if (bytes(name) > limits.attributeNameBytes) {
      problems.push(
        `The name of attribute "${shown}" takes ${bytes(name)} bytes; Customer.io allows ${limits.attributeNameBytes}.`,
      );
    }
    const size = bytes(typeof value === "string" ? value : JSON.stringify(value));
    if (size > limits.attributeValueBytes) {
      problems.push(
        `The value of attribute "${shown}" takes ${size} bytes; Customer.io allows ${limits.attributeValueBytes}. Shorten it or leave it out.`,
      );
    }
  }
  const createdAt = profile.attributes.created_at;
  if (typeof createdAt === "number" && !(createdAt > earliestSeconds && createdAt < latestSeconds)) {
    problems.push("created_at is not a time in unix seconds; milliseconds are a usual mistake.");
  }
  return problems;
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
