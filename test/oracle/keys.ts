/**
 * Email keys, user ids and times, read as merge-rules §2 and §5 say.
 * Written apart from the engine on purpose: the two are compared with each other.
 */
import { toASCII } from "tr46";

const HIDDEN = "\\u00AD\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2064\\u2066-\\u2069\\uFEFF";
const trimmable = new RegExp(`[\\p{White_Space}${HIDDEN}]`, "u");
const hiddenAnywhere = new RegExp(`[${HIDDEN}]`, "gu");
const whiteSpace = /\p{White_Space}/u;
/** ASCII that no domain holds. Looked for before IDNA, which would let some of it through. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among the foreign ones
const foreignAscii = /[\x00-\x2C\x2F\x3A-\x40\x5B-\x60\x7B-\x7F]/;

/** Removes white space and hidden characters at both ends. All of them lie in the basic plane. */
export function trimEnds(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && trimmable.test(text[start]!)) start += 1;
  while (end > start && trimmable.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

export type EmailReading =
  | { kind: "none" }
  | { kind: "bad"; why: string }
  /** `spelling`: after trimming and unwrapping, before anything else. */
  | { kind: "good"; key: string; spelling: string };

const octets = (text: string): number => Buffer.byteLength(text, "utf8");

/** `Name <a@b>`, then `mailto:`. A name with an `@` may be a second address, so it stays and fails later. */
function unwrap(text: string): string {
  const inAngles = /^[^<>@]*<([^<>]*)>$/.exec(text);
  const bare = inAngles ? trimEnds(inAngles[1]!) : text;
  return /^mailto:/i.test(bare) ? trimEnds(bare.slice("mailto:".length)) : bare;
}

function countUnquotedAts(text: string): number {
  let count = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    if (quoted && text[i] === "\\") i += 1;
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === "@" && !quoted) count += 1;
  }
  return count;
}

const asciiDomains = new Map<string, string | null>();

function toAsciiDomain(domain: string): string | null {
  let ascii = asciiDomains.get(domain);
  if (ascii === undefined) {
    ascii = toASCII(domain, {
      checkBidi: true,
      checkHyphens: false,
      checkJoiners: true,
      transitionalProcessing: false,
      useSTD3ASCIIRules: false,
      verifyDNSLength: false,
    });
    asciiDomains.set(domain, ascii);
  }
  return ascii;
}

/** The cell of an address as merge-rules §2 reads it. */
export function readEmail(cell: string | null): EmailReading {
  const bad = (why: string): EmailReading => ({ kind: "bad", why });
  const trimmed = trimEnds(cell ?? "");
  if (trimmed === "") return { kind: "none" };
  const spelling = unwrap(trimmed);
  const text = spelling.replace(hiddenAnywhere, "").normalize("NFC");
  if (whiteSpace.test(text)) return bad("white space inside");
  if (countUnquotedAts(text) !== 1) return bad("not exactly one @");
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const writtenDomain = text.slice(at + 1).replace(/\.$/, "");
  if (local === "" || writtenDomain === "") return bad("an empty side");
  if (octets(local) > 64) return bad("local part over 64 octets");
  if (foreignAscii.test(writtenDomain)) return bad("foreign character in the domain");
  const domain = toAsciiDomain(writtenDomain)?.toLowerCase();
  if (domain === undefined) return bad("IDNA refuses the domain");
  const labels = domain.split(".");
  if (labels.some((label) => label === "" || label.length > 63)) return bad("label empty or over 63 octets");
  if (labels.some((label) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label))) return bad("label");
  if (labels.length < 2) return bad("domain without a dot");
  if (labels.length === 4 && labels.every((label) => /^\d+$/.test(label))) return bad("IP address");
  const key = `${local}@${domain}`;
  if (octets(key) > 254) return bad("over 254 octets");
  return domain === "placeholder.email" ? { kind: "none" } : { kind: "good", key, spelling };
}

const blockedIds = new Set("null undefined nan none n/a unknown anonymous -1 test string void".split(" "));

export function isBlockedId(userId: string): boolean {
  return blockedIds.has(userId.toLowerCase()) || /^[0-]+$/.test(userId);
}

/**
 * Microseconds since 1970-01-01T00:00:00Z of `YYYY-MM-DD`, optionally with a time, a fraction and a zone,
 * or of epoch milliseconds (13 digits); null where it cannot be read. Zone-less is UTC.
 */
export function readTime(cell: string | null): number | null {
  const text = trimEnds(cell ?? "");
  if (/^\d{13}$/.test(text)) return Number(text) * 1000;
  const parts =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?(?: ?(Z|[+-]\d\d:?\d\d))?)?$/i.exec(
      text,
    );
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(parts[i] ?? 0));
  const utc = Date.UTC(year!, month! - 1, day!, hour, minute, second);
  // A date that the calendar does not have comes back as another one.
  const wanted = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4] ?? "00"}:${parts[5] ?? "00"}:${parts[6] ?? "00"}`;
  if (Number.isNaN(utc) || !new Date(utc).toISOString().startsWith(wanted)) return null;
  const zone = /([+-])(\d\d):?(\d\d)/.exec(parts[8] ?? "");
  const offsetMinutes = zone ? (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === "-" ? -1 : 1) : 0;
  return (utc - offsetMinutes * 60_000) * 1000 + Number((parts[7] ?? "").padEnd(6, "0"));
}

/** ISO 8601 UTC: whole seconds, 3 fraction digits for whole milliseconds, else 6. */
export function printTime(micros: number): string {
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date((micros - fraction) / 1000).toISOString().slice(0, 19);
  if (fraction === 0) return `${seconds}Z`;
  const digits = String(fraction).padStart(6, "0");
  return `${seconds}.${digits.endsWith("000") ? digits.slice(0, 3) : digits}Z`;
}

/** Code-point order, which JavaScript's own comparison (UTF-16 units) is not. For well-formed text. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    if (a[i] !== b[i]) return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}
