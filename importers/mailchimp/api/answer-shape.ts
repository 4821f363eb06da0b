import { failed } from "../../../contract/failure.ts";
import { parseTime } from "../../time.ts";
import type { Answer } from "./client.ts";
import type { Stretch } from "./pages.ts";

export type Entry = Record<string, unknown>;

export function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The rows and the count of a list's answer. @throws Failure where it has neither as documented */
export function stretchOf({ body, raw }: Answer, list: string, what: string): Stretch {
  const rows = body[list];
  const total = body.total_items;
  if (Array.isArray(rows) && typeof total === "number" && Number.isSafeInteger(total) && total >= 0)
    return { rows, total, raw };
  throw failed(
    "MAILCHIMP_UNREADABLE",
    `Mailchimp's answer about ${what} is not as documented: it lacks ${Array.isArray(rows) ? "total_items" : list}.`,
    "Start the export again; if it stays so, the API has changed and Sendgate needs an update.",
  );
}

/** Text of a string or number, trimmed; empty where there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/** Microseconds since 1970; null where missing (Mailchimp writes `""`) or unreadable. */
export function timeOf(value: unknown): number | null {
  return typeof value === "string" || typeof value === "number" ? parseTime(value) : null;
}

/** A time as Mailchimp writes it, whole seconds. Any other form may make it ignore the filter in silence. */
export function timeText(microseconds: number): string {
  return `${new Date(Math.floor(microseconds / 1_000_000) * 1000).toISOString().slice(0, 19)}+00:00`;
}
