const whole = new Intl.NumberFormat("en");

/** `12,345` */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** `1 file`, `12,345 files`; the plural is the noun with an `s` unless given. */
export function formatCount(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(value)} ${value === 1 ? noun : plural}`;
}

/** Bytes in units of 1,000: `532 bytes`, `4.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCount(bytes, "byte");
  const units = ["KB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A span of seconds, rounded as a person would say it: `less than a minute`, `about 2 minutes`. */
export function formatSpan(seconds: number): string {
  if (seconds < 50) return "less than a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${formatCount(Math.max(1, minutes), "minute")}`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `about ${formatCount(hours, "hour")}`;
  return `about ${formatCount(Math.round(hours / 24), "day")}`;
}

/** How long something took: `4 seconds`, else as `formatSpan`. */
export function formatElapsed(seconds: number): string {
  return seconds < 50 ? formatCount(Math.max(1, Math.round(seconds)), "second") : formatSpan(seconds);
}

/** How long ago an ISO time was, rounded as a person would say it: `about 2 hours ago`. */
export function formatAge(iso: string, now = Date.now()): string {
  return `${formatSpan((now - Date.parse(iso)) / 1000)} ago`;
}

/** A part of a whole in percent. `100%` and `0%` mean all and none: nothing is rounded up or down to them. */
export function formatShare(part: number, whole: number): string {
  const percent = Math.round((part / whole) * 100);
  if (part < whole && percent === 100) return "over 99%";
  if (part > 0 && percent === 0) return "under 1%";
  return `${whole === 0 ? 0 : percent}%`;
}

/** An ISO time in the operator's own zone: `23 Nov 2026, 14:05`. Text that is no time is shown as it is. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(time);
}

/** A sentence of the engine with its ISO times as `formatTime` shows them. */
export function formatTimesIn(sentence: string): string {
  return sentence.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, formatTime);
}

/** The first characters of a hash, enough to compare by eye. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}

/** The last part of a path, for Windows and other systems. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}
