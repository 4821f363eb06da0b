/** A Retry-After header, seconds or an HTTP date, as milliseconds from now; null where missing or unreadable. */
export function retryAfterMs(header: string | null | undefined): number | null {
  if (header === null || header === undefined || header.trim() === "") return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
