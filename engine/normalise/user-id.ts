import { trimIdentifier } from "./trim.ts";

/** A user_id as merge-rules §2 reads it: exact and case-sensitive, never parsed as a number. */
export interface UserIdReading {
  /** Trimmed; null where the cell is missing or empty, which is no identifier and no conflict. */
  value: string | null;
  /** A dummy value that identifies nobody (`null`, `0`, `test`, …). */
  blocked: boolean;
}

const blockedWords = new Set([
  "null",
  "undefined",
  "nan",
  "none",
  "n/a",
  "unknown",
  "anonymous",
  "-1",
  "test",
  "string",
  "void",
]);

export function readUserId(cell: string | null): UserIdReading {
  const value = cell === null ? "" : trimIdentifier(cell);
  if (value === "") return { value: null, blocked: false };
  const blocked = value.length <= 9 && blockedWords.has(value.toLowerCase());
  return { value, blocked: blocked || /^[0-]+$/.test(value) };
}
