import type { ConsentState } from "./consent.ts";

/** Every source, in the default order of priority (merge-rules §3). */
export const sourceNames = ["iterable", "klaviyo", "mailchimp", "csv"] as const;
export type SourceName = (typeof sourceNames)[number];

/** What the operator says an unrecognised CSV means (`--means`). */
export const fileMeanings = ["profiles", "unsubscribed", "bounced", "complained", "manual"] as const;
export type FileMeaning = (typeof fileMeanings)[number];

/** The fields of a source record that a column can be mapped to by hand (`--map field=COLUMN`). */
export const mappableFields = ["user_id", "email", "updated_at", "record_id", "at", "reason"] as const;
export type MappableField = (typeof mappableFields)[number];
export type ColumnMapping = Partial<Record<MappableField, string>>;

/** An attribute's value as the source has it: text from CSV, any JSON from NDJSON or an API. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue };

/** One row of one export after mapping, before any normalising (merge-rules §1). */
export interface SourceRecord {
  /** Physical line on which the row starts, the header being line 1. */
  line: number;
  /** The vendor's own key of the row, trimmed; empty where the row has none. */
  recordId: string;
  /** An event brings states and times and nothing else: no `updatedAt`, no attributes. */
  kind: "profile" | "event";
  /** The cell as it stands; the engine trims and judges it. Null where the row has no such cell. */
  userId: string | null;
  /** The cell as it stands; the engine normalises it. Null where the row has no such cell. */
  email: string | null;
  /** Microseconds since 1970-01-01T00:00:00Z; null where missing or unreadable. */
  updatedAt: number | null;
  states: ConsentState[];
  /** By merged name (interfaces §4); empty values are left out. */
  attributes: Record<string, AttributeValue>;
}

/** A row that could not be read. It keeps everything needed to find and mend it. */
export interface RejectedRow {
  /** Physical line on which the row starts, the header being line 1. */
  line: number;
  /** In words, with what to do. */
  reason: string;
  /** The row as it stands in the file, at most 64 KiB of it. */
  row: string;
  /** It can never be asked for again, so that no later export makes up for it. Default false. */
  lasting?: boolean;
}
