import { Problem } from "./http.ts";

export interface Paging {
  count: number;
  offset: number;
}

/** @param oversized what happens to a `count` above 1,000: which of both is not confirmed */
export function readPaging(query: URLSearchParams, oversized: "refuse" | "cap"): Paging {
  const count = wholeNumber(query, "count", 10);
  if (count > 1000 && oversized === "refuse") throw invalid("count", "This value should be 1000 or less.");
  return { count: Math.min(count, 1000), offset: wholeNumber(query, "offset", 0) };
}

function wholeNumber(query: URLSearchParams, name: string, byDefault: number): number {
  const text = query.get(name);
  if (text === null) return byDefault;
  if (!/^\d{1,9}$/.test(text)) throw invalid(name, "This value should be a positive integer.");
  return Number(text);
}

/** Milliseconds since 1970; null where it is not given, or written in a form that Mailchimp ignores in silence. */
export function readTime(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

export function readChoice(query: URLSearchParams, name: string, choices: readonly string[]): string | null {
  const text = query.get(name);
  if (text !== null && !choices.includes(text))
    throw invalid(name, `Expected argument to be one of: ${choices.join(", ")}.`);
  return text;
}

export function invalid(field: string, message: string): Problem {
  return new Problem(
    400,
    "Invalid Resource",
    "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
    [{ field, message }],
  );
}

/** What `fields` or `exclude_fields` leave of an answer: names with dots, which reach through lists. */
export function prune(body: unknown, query: URLSearchParams): unknown {
  const fields = paths(query.get("fields"));
  const excluded = paths(query.get("exclude_fields"));
  if (fields && excluded) throw new Problem(422, "Requested Fields Invalid", "Use fields or exclude_fields.");
  if (fields) return keep(body, fields);
  return excluded ? drop(body, excluded) : body;
}

function paths(text: string | null): string[][] | null {
  return text === null || text === "" ? null : text.split(",").map((path) => path.trim().split("."));
}

function keep(value: unknown, wanted: string[][]): unknown {
  return eachObject(value, (name, inner) => {
    const here = wanted.filter(([first]) => first === name);
    if (here.length === 0) return undefined;
    const deeper = here.map((path) => path.slice(1));
    return deeper.some((path) => path.length === 0) ? inner : keep(inner, deeper);
  });
}

function drop(value: unknown, unwanted: string[][]): unknown {
  return eachObject(value, (name, inner) => {
    const here = unwanted.filter(([first]) => first === name);
    if (here.length === 0) return inner;
    const deeper = here.map((path) => path.slice(1));
    return deeper.some((path) => path.length === 0) ? undefined : drop(inner, deeper);
  });
}

function eachObject(value: unknown, take: (name: string, inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => eachObject(item, take));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const taken = take(name, inner);
      return taken === undefined ? [] : [[name, taken]];
    }),
  );
}
