/** Microseconds since 1970-01-01T00:00:00Z, the unit of every time in the project's database. */
export function now(): number {
  return Date.now() * 1000;
}

/**
 * ISO 8601 UTC with `Z`, whole seconds, a fraction only where the time has one (interfaces §3).
 * @param microseconds since 1970-01-01T00:00:00Z
 */
export function isoTime(microseconds: number): string {
  const fraction = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date((microseconds - fraction) / 1000).toISOString().slice(0, 19);
  if (fraction === 0) return `${seconds}Z`;
  const digits = fraction.toString().padStart(6, "0");
  return `${seconds}.${digits.endsWith("000") ? digits.slice(0, 3) : digits}Z`;
}
