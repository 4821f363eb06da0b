const isoForm =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d\d:?\d\d))?)?$/i;
const mailForm =
  /^(?:[a-z]{3}, )?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?(?: (GMT|UTC?|Z|[+-]\d{4}))?$/i;
const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** What one unit of an epoch integer is in microseconds, by its number of digits. */
const epochUnits = new Map([
  [10, 1_000_000],
  [13, 1_000],
  [16, 1],
]);

/**
 * Reads a time as the vendors write it: `YYYY-MM-DD[ T]HH:MM[:SS[.fraction]]` with or without a zone, a bare
 * date (00:00Z), an epoch integer of 10 (s), 13 (ms) or 16 (µs) digits, or an RFC 2822 date. No zone means UTC
 * (merge-rules §5). Never `Date.parse`: it takes a zone-less time for the machine's local time.
 *
 * @returns microseconds since 1970-01-01T00:00:00Z; null where the time is missing, unreadable or impossible.
 */
export function parseTime(value: string | number): number | null {
  const text = String(value).trim();
  if (/^\d+$/.test(text)) return epochMicroseconds(text);
  const iso = isoForm.exec(text);
  if (iso) {
    const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = iso;
    return microseconds(+year!, +month!, +day!, +hour, +minute, +second, fraction, zone);
  }
  const mail = mailForm.exec(text);
  if (mail) {
    const [, day, monthName, year, hour, minute, second = "0", zone] = mail;
    const month = monthNames.indexOf(monthName!.toLowerCase()) + 1;
    return microseconds(+year!, month, +day!, +hour!, +minute!, +second, "", zone);
  }
  return null;
}

function epochMicroseconds(digits: string): number | null {
  const unit = epochUnits.get(digits.length);
  const time = unit === undefined ? Number.NaN : Number(digits) * unit;
  return Number.isSafeInteger(time) ? time : null;
}

function microseconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  fraction: string,
  zone: string | undefined,
): number | null {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null;
  const offset = offsetMinutes(zone);
  if (offset === null) return null;
  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day) return null;
  const seconds = date.getTime() / 1000 + hour * 3600 + (minute - offset) * 60 + second;
  return seconds * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}

/** Minutes east of UTC; null for an impossible zone. */
function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || /^[a-z]/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
