import { toASCII } from "tr46";
import { hasWhiteSpace, removeHidden, trimIdentifier } from "./trim.ts";

/** What a cell that should hold an address turned out to be. */
export type EmailReading =
  /** An empty cell, or a vendor's placeholder for "no address". */
  | { kind: "none" }
  /** `spelling` is the cell after trimming and unwrapping; `reason` says in words why it is no address. */
  | { kind: "bad"; spelling: string; reason: string }
  | {
      kind: "good";
      /** The normalised address, for matching only. */
      key: string;
      /** The spelling for the destination: as the source has it, with the ASCII domain. */
      send: string;
      /** After trimming and unwrapping, before anything else. */
      spelling: string;
      /** Invisible characters stood inside the address. */
      hiddenCharacters: boolean;
    };

/** Addresses at this domain stand for "no address" in Iterable (reference/iterable.md §9). */
const placeholderDomain = "placeholder.email";

/** Most cells: one plain lower-case address. The slow path gives the same answer; this one is for speed alone. */
const plainAddress =
  /^[a-z0-9._+-]{1,64}@(?=[a-z0-9.-]{1,180}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads a cell as an e-mail address.
 * The steps and their order are design/merge-rules.md §2, which names its sources.
 */
export function readEmail(cell: string): EmailReading {
  if (plainAddress.test(cell) && !cell.includes("xn--") && !cell.endsWith(`@${placeholderDomain}`)) {
    return { kind: "good", key: cell, send: cell, spelling: cell, hiddenCharacters: false };
  }
  const unwrapped = unwrap(trimIdentifier(cell));
  if (typeof unwrapped !== "string")
    return { kind: "bad", spelling: trimIdentifier(cell), reason: unwrapped.reason };
  if (unwrapped === "") return { kind: "none" };

  const visible = removeHidden(unwrapped);
  const composed = visible.normalize("NFC");
  const bad = (reason: string): EmailReading => ({ kind: "bad", spelling: unwrapped, reason });

  const at = composed.lastIndexOf("@");
  if (unquotedAts(composed) !== 1) {
    return bad(at < 0 ? "it has no @" : "it has not exactly one @; one cell takes one address");
  }
  const local = composed.slice(0, at);
  if (local === "") return bad("nothing stands before the @");
  if (at === composed.length - 1) return bad("nothing stands after the @");
  if (hasWhiteSpace(composed)) return bad("there is white space inside");

  const domain = readDomain(composed.slice(at + 1));
  if ("reason" in domain) return bad(domain.reason);

  const key = `${lowerAscii(local)}@${domain.ascii}`;
  if (Buffer.byteLength(local) > 64) return bad("the part before the @ is longer than 64 octets");
  if (Buffer.byteLength(key) > 254) return bad("it is longer than 254 octets");
  if (domain.ascii === placeholderDomain) return { kind: "none" };

  const spelledLocal = unwrapped.slice(0, unwrapped.lastIndexOf("@"));
  return {
    kind: "good",
    key,
    send: `${removeHidden(spelledLocal)}@${domain.ascii}`,
    spelling: unwrapped,
    hiddenCharacters: visible !== unwrapped,
  };
}

/** `Name <a@b>`, then `mailto:`, trimming again after each. */
function unwrap(trimmed: string): string | { reason: string } {
  let text = trimmed;
  const named = /^([^<>]*)<([^<>]*)>$/su.exec(text);
  if (named) {
    if (unquotedAts(named[1]!) > 0) return { reason: "it holds more than one address" };
    text = trimIdentifier(named[2]!);
  }
  if (/^mailto:/i.test(text)) text = trimIdentifier(text.slice("mailto:".length));
  return text;
}

function unquotedAts(text: string): number {
  let count = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === "\\") index++;
    else if (character === '"') quoted = !quoted;
    else if (character === "@" && !quoted) count++;
  }
  return count;
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * The domain in ASCII, lower-case, without a trailing dot.
 * UTS-46 by the same rules as WHATWG URLs (non-transitional), so that Node 20 and the older Node inside Electron agree;
 * see docs/decisions/0003-uts46-by-tr46.md.
 */
function readDomain(spelled: string): { ascii: string } | { reason: string } {
  if (spelled.startsWith("[")) return { reason: "its domain is an IP address" };
  // Before IDNA, which maps look-alikes of these characters onto them: what is foreign here is foreign for good.
  if (/[^a-z0-9.\-\u0080-\u{10FFFF}]/iu.test(spelled)) {
    return { reason: "its domain holds a character that no domain may hold" };
  }
  const ascii = toASCII(spelled.endsWith(".") ? spelled.slice(0, -1) : spelled, {
    checkBidi: true,
    checkHyphens: false,
    checkJoiners: true,
    transitionalProcessing: false,
    useSTD3ASCIIRules: false,
    verifyDNSLength: false,
  })?.toLowerCase();
  if (!ascii) return { reason: "its domain is no valid international domain name" };
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(ascii)) return { reason: "its domain is an IP address" };
  const labels = ascii.split(".");
  if (labels.length < 2) return { reason: "its domain has no dot" };
  for (const label of labels) {
    if (label === "") return { reason: "its domain has an empty part" };
    if (label.length > 63) return { reason: "a part of its domain is longer than 63 octets" };
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label)) {
      return { reason: "a part of its domain has something else than letters, digits and inner hyphens" };
    }
  }
  return { ascii };
}
