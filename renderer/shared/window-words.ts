import { formatTimesIn } from "./format.ts";
import { type ApiSourceName, apiSources, sourceTitles } from "./words.ts";

/**
 * The engine speaks to the command line too, and so names options and commands that nobody has at the window.
 * In order: whole hints before the single names in them.
 */
const hints: [said: RegExp, shown: string][] = [
  [/ \(pull --user-id FIELD, or --user-id none\)/g, ""],
  [/ \(--allow-shrink\)/g, ""],
  [/: send --\w+ \d+ --was-sent yes or no/g, ": “It was sent” or “It was not sent”"],
  // The window has a button beside each.
  [/\b(accept|acknowledge) (?:campaign|newsletter|broadcast|send):\S+ with/g, "$1 it with"],
  [/--confirm /g, ""],
  [/--user-id/g, "the user ID"],
  [/--email/g, "the address"],
  [/: `sendgate leaks`/g, ""],
  [/`sendgate leaks`/g, "“Sending without the gate”"],
  [/`sendgate rejects`/g, "the rejected rows under Sources"],
  [/\bmessage_type:(?=\d)/g, "message type "],
  [/\bchannel:(?=\d)/g, "channel "],
];

/** The column in prose; not in `user_id=…`, nor as a part of another name. */
const userId = /(?<![\w.-])user_id(s?)(?![\w=-])/g;

/** A vendor as the engine's codes have it; not as a part of an address, a path or another name. */
const vendor = new RegExp(`(?<![\\w.@/:-])(${apiSources.join("|")})(?![\\w@/:-]|\\.\\w)`, "g");

/** A sentence of the engine as the window says it: times as `formatTime` shows them, names by the window's own. */
export function windowWords(sentence: string): string {
  const plain = hints.reduce((text, [said, shown]) => text.replace(said, shown), formatTimesIn(sentence));
  return userIdWords(plain).replace(vendor, (name) => sourceTitles[name as ApiSourceName]);
}

/** The same for a sentence that quotes what stands in people's records, of which nothing may be changed. */
export function userIdWords(sentence: string): string {
  return sentence.replace(userId, "user ID$1");
}
