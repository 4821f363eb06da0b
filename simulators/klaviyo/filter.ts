import type { ListSuppression, Profile, Suppression } from "./profile.ts";

/** Says which profiles a filter wants. */
export type ProfilePredicate = (profile: Profile) => boolean;

/** A filter that Klaviyo would refuse. */
export class FilterError extends Error {}

interface Condition {
  operator: string;
  field: string;
  values: string[];
}

const suppressionPath = "subscriptions.email.marketing.suppression.";
const listSuppressionPath = "subscriptions.email.marketing.list_suppressions.";
const timeOperators = ["greater-or-equal", "greater-than", "less-or-equal", "less-than"];
const identifiers = ["any", "equals"];

/** SPEC `x-klaviyo-filters` of GET /api/profiles. */
const operatorsOf: Record<string, readonly string[]> = {
  id: identifiers,
  email: identifiers,
  phone_number: identifiers,
  external_id: identifiers,
  created: ["greater-than", "less-than"],
  updated: ["greater-than", "less-than"],
  [`${suppressionPath}reason`]: ["equals"],
  [`${suppressionPath}timestamp`]: timeOperators,
  [`${listSuppressionPath}reason`]: ["equals"],
  [`${listSuppressionPath}list_id`]: ["equals"],
  [`${listSuppressionPath}timestamp`]: timeOperators,
};

/**
 * Reads a filter of `GET /api/profiles` (reference/klaviyo.md §2).
 * @param reasonCase the letter case in which reasons are taken; which one Klaviyo takes is unconfirmed
 * @throws FilterError for what Klaviyo would refuse
 */
export function readFilter(text: string, reasonCase: "upper" | "lower" | "any"): ProfilePredicate {
  const conditions = readConditions(text);
  for (const { operator, field } of conditions) {
    const operators = operatorsOf[field];
    if (!operators) throw new FilterError(`'${field}' is not a valid filter field.`);
    if (!operators.includes(operator)) throw new FilterError(`'${operator}' is not allowed for '${field}'.`);
  }
  const global = conditions.filter(({ field }) => field.startsWith(suppressionPath));
  const perList = conditions.filter(({ field }) => field.startsWith(listSuppressionPath));
  const own = conditions.filter((condition) => !global.includes(condition) && !perList.includes(condition));
  if (global.length > 0 && perList.length > 0) {
    throw new FilterError("Global and list suppression filters cannot be combined.");
  }
  if ([...global, ...perList].filter(({ field }) => field.endsWith("timestamp")).length > 1) {
    throw new FilterError("Only one suppression date filter is allowed.");
  }
  if (perList.length > 0 && !perList.some(({ field }) => field.endsWith("list_id"))) {
    throw new FilterError("list_id is required with list suppression filters.");
  }
  const entryMatches = (entry: Suppression | ListSuppression, entryConditions: Condition[]) =>
    entryConditions.every(({ operator, field, values }) => {
      if (field.endsWith("timestamp")) return compares(entry.timestamp, operator, values[0]!);
      if (field.endsWith("list_id")) return "listId" in entry && entry.listId === values[0];
      const word = values[0]!;
      const wrongCase =
        (reasonCase === "upper" && word !== word.toUpperCase()) ||
        (reasonCase === "lower" && word !== word.toLowerCase());
      return !wrongCase && entry.reason.toUpperCase() === word.toUpperCase();
    });
  return (profile) =>
    own.every((condition) => matches(profile, condition)) &&
    (global.length === 0 || profile.suppressions.some((entry) => entryMatches(entry, global))) &&
    (perList.length === 0 || profile.listSuppressions.some((entry) => entryMatches(entry, perList)));
}

function matches(profile: Profile, { operator, field, values }: Condition): boolean {
  switch (field) {
    case "created":
    case "updated":
      return compares(profile[field], operator, values[0]!);
    case "id":
      return values.includes(profile.id);
    case "email":
      return values.some((value) => value.toLowerCase() === profile.email?.toLowerCase());
    case "phone_number":
      return profile.phoneNumber !== null && values.includes(profile.phoneNumber);
    default:
      return profile.externalId !== null && values.includes(profile.externalId);
  }
}

function compares(time: number | null, operator: string, value: string): boolean {
  const bound = Date.parse(value);
  if (Number.isNaN(bound)) throw new FilterError(`'${value}' is not a valid date.`);
  if (time === null) return false;
  if (operator === "greater-than") return time > bound;
  if (operator === "greater-or-equal") return time >= bound;
  if (operator === "less-than") return time < bound;
  return time <= bound;
}

/** `operator(field,value)`, several of them separated by commas or inside `and(…)`. */
function readConditions(text: string): Condition[] {
  let position = 0;
  const fail = () => new FilterError(`The filter is not valid at position ${position}.`);
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (!found) throw fail();
    position = pattern.lastIndex;
    return found[0];
  };
  const value = (): string => {
    const token = take(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,()[\]"']+/y);
    return /^["']/.test(token) ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token;
  };
  const list = (): string[] => {
    const values: string[] = [];
    take(/\[/y);
    while (text[position] !== "]") {
      values.push(value());
      if (text[position] === ",") position += 1;
    }
    position += 1;
    return values;
  };
  const conditions = (): Condition[] => {
    const found: Condition[] = [];
    for (;;) {
      const operator = take(/[a-z-]+/y);
      take(/\(/y);
      if (operator === "and") found.push(...conditions());
      else {
        const field = take(/[\w.]+/y);
        take(/,/y);
        found.push({ operator, field, values: text[position] === "[" ? list() : [value()] });
      }
      take(/\)/y);
      if (text[position] !== ",") return found;
      position += 1;
    }
  };
  const found = conditions();
  if (position !== text.length) throw fail();
  return found;
}
