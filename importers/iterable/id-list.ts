import { isEmpty } from "../columns.ts";
import { parseJson } from "../reading/json.ts";

/** A list that is there but cannot be read: it may hold anything. */
export const unreadable = "unreadable";
export type IdList = string[] | typeof unreadable;

/**
 * Ids of channels, message types or lists: an array, its JSON in a CSV cell, `1,2`, `1|2`, or a single id.
 * How Iterable writes arrays into CSV is unconfirmed (reference/iterable.md §6.1), so several forms are taken.
 */
export function readIdList(value: unknown): IdList {
  if (isEmpty(value)) return [];
  if (typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return readArray(value);
  if (typeof value !== "string") return unreadable;
  const text = value.trim();
  if (text === "") return [];
  if (text.startsWith("[")) {
    try {
      return readArray(parseJson(text));
    } catch {
      return unreadable;
    }
  }
  return readArray(text.split(/[,|]/));
}

function readArray(items: unknown): IdList {
  if (!Array.isArray(items)) return unreadable;
  const ids = items.map((item) => String(item).trim());
  return ids.every((id) => /^\d+$/.test(id)) ? ids : unreadable;
}
