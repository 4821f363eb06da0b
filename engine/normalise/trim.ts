/**
 * Trimming as identifiers need it: Unicode white space and invisible format characters.
 * `String.prototype.trim` leaves U+200B and its kin in place.
 * Source: design/merge-rules.md §2.
 */

const formatCharacters = "\\u00AD\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2064\\u2066-\\u2069\\uFEFF";
const whiteSpace = "\\p{White_Space}";

const leading = new RegExp(`^[${whiteSpace}${formatCharacters}]+`, "u");
const trailing = new RegExp(`[${whiteSpace}${formatCharacters}]+$`, "u");
const hidden = new RegExp(`[${formatCharacters}]`, "gu");
const anyWhiteSpace = new RegExp(`[${whiteSpace}]`, "u");

/** Only printable ASCII and no space at either end: nothing to trim. It holds for nearly every cell. */
const plain = /^[!-~](?:[ -~]*[!-~])?$/;

export function trimIdentifier(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(leading, "").replace(trailing, "");
}

/** Removes invisible format characters anywhere. */
export function removeHidden(text: string): string {
  return text.replace(hidden, "");
}

export function hasWhiteSpace(text: string): boolean {
  return anyWhiteSpace.test(text);
}
