import type { Place, SortField } from "./profile-book.ts";

/**
 * Opaque to callers. Sorted by id it has the form seen in the wild, base64 of `next::id::<last id>`; the others
 * are base64 of a JSON array. An epoch other than 0 goes in as well, so that older cursors can be refused.
 */
export function writeCursor(sort: SortField, place: Place, epoch: number): string {
  const suffix = epoch === 0 ? "" : `::${epoch}`;
  const text =
    sort === "id"
      ? `next::id::${place.id}${suffix}`
      : JSON.stringify(["next", sort, place.value, place.id, epoch]);
  return Buffer.from(text).toString("base64");
}

/** Null where the cursor is none, is of another epoch or was made for another sequence. */
export function readCursor(cursor: string, sort: SortField, epoch: number): Place | null {
  const text = Buffer.from(cursor, "base64").toString("utf8");
  const [word, field, id, itsEpoch = "0"] = text.split("::");
  if (word === "next" && field === "id" && id !== undefined) {
    return sort === "id" && Number(itsEpoch) === epoch ? { value: id, id } : null;
  }
  try {
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts) || parts[0] !== "next" || parts[1] !== sort || parts[4] !== epoch) return null;
    return { value: parts[2], id: parts[3] };
  } catch {
    return null;
  }
}
