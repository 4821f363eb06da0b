/**
 * A Retry-After header, seconds or an HTTP date, as milliseconds from now; null where missing or unreadable.
 * @param date the answer's Date header: the vendor's own clock, so that a wrong one here changes nothing
 */
export function retryAfterMs(header: string | null | undefined, date?: string | null): number | null {
  if (header === null || header === undefined || header.trim() === "") return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : null;
  const vendorsNow = Date.parse(date ?? "");
  const ms = Date.parse(header) - (Number.isNaN(vendorsNow) ? Date.now() : vendorsNow);
  return ms >= 0 ? ms : null;
}
