import type { UserIdCandidate } from "../../api-importer.ts";
import { headerKey, standardAttributes, userIdHeaderKeys } from "../../headers.ts";
import { parseTime } from "../../time.ts";
import { isBookkeeping } from "../users.ts";
import type { Row } from "./records.ts";

/** How many users are looked at. */
export const sampleSize = 2_000;
/** Fields with more repetition than this identify nobody, whatever they are called. */
const leastDistinct = 0.8;
const mostCandidates = 10;
const examples = 3;

/**
 * The fields of users that may be the user_id: userId, and custom fields with text or whole numbers that hardly
 * repeat. The best first.
 */
export function userIdCandidates(rows: readonly Row[]): UserIdCandidate[] {
  const found = new Map<string, { filled: number; values: Set<string> }>();
  for (const row of rows) {
    for (const [field, value] of Object.entries(row)) {
      const text = identifierText(value);
      if (text === null || !mayIdentify(field, text)) continue;
      const entry = found.get(field) ?? { filled: 0, values: new Set<string>() };
      found.set(field, entry);
      entry.filled += 1;
      entry.values.add(text);
    }
  }
  return [...found]
    .filter(([field, { filled, values }]) => isNamedForIt(field) || values.size >= filled * leastDistinct)
    .map(([field, { filled, values }]) => ({
      field,
      named: headerKey(field) === "userid",
      sampled: rows.length,
      filled,
      distinct: values.size,
      examples: [...values].slice(0, examples),
    }))
    .sort((one, other) => score(other) - score(one) || nameRank(one.field) - nameRank(other.field))
    .slice(0, mostCandidates);
}

function identifierText(value: unknown): string | null {
  if (typeof value !== "string" && !Number.isSafeInteger(value)) return null;
  const text = String(value).trim();
  return text === "" || text.length > 100 ? null : text;
}

function mayIdentify(field: string, text: string): boolean {
  if (isNamedForIt(field)) return true;
  const key = headerKey(field);
  if (key === "email" || isBookkeeping(key) || standardAttributes.has(key)) return false;
  // Times and addresses hardly repeat either.
  return !text.includes("@") && !/\s/.test(text) && (/^\d+$/.test(text) || parseTime(text) === null);
}

function isNamedForIt(field: string): boolean {
  return userIdHeaderKeys.includes(headerKey(field));
}

/** Who can be told apart by it; a name that says so is worth a quarter of them. */
function score({ field, sampled, distinct }: UserIdCandidate): number {
  return distinct / sampled + (isNamedForIt(field) ? 0.25 : 0);
}

function nameRank(field: string): number {
  const rank = userIdHeaderKeys.indexOf(headerKey(field));
  return rank === -1 ? userIdHeaderKeys.length : rank;
}
