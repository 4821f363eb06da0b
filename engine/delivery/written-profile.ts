import { isDeepStrictEqual } from "node:util";
import type { DestinationProfile } from "../../customerio/client.ts";
import type { IdentifyItem, ProfileAttributeValue } from "../../customerio/identify-item.ts";
import { parseJson } from "../../customerio/json.ts";
import { readEmail } from "../normalise/email-key.ts";
import { holdsAddress } from "./read-back.ts";

/** Why a written profile is not what was written; each has its words in verify-profiles.ts. */
export type ProfileTrouble = "absent" | "subscribed" | "not_written" | "email_not_taken";

export interface Comparison {
  /** Null where the write arrived. */
  trouble: ProfileTrouble | null;
  /** Names of other attributes that are not what was written. */
  differing: string[];
}

/** What is compared by itself, or stands elsewhere over there. */
const comparedApart = /^(?:id|email|unsubscribed|sendgate_source|sendgate_level)$|^cio_/;

/** Compares what was written about one person with the profiles that were found under its identifier. */
export function compareProfile(
  { identifiers, attributes }: IdentifyItem,
  found: readonly DestinationProfile[],
): Comparison {
  const trouble = (kind: ProfileTrouble): Comparison => ({ trouble: kind, differing: [] });
  // Where addresses identify nobody, several profiles may share one.
  const profile = found.find((one) => one.attributes.sendgate_source === attributes.sendgate_source);
  if (found.length === 0) return trouble("absent");
  if (attributes.unsubscribed && !found.every(({ unsubscribed }) => unsubscribed))
    return trouble("subscribed");
  if (!profile) return trouble("not_written");
  const email = "email" in identifiers ? identifiers.email : attributes.email;
  if (typeof email === "string") {
    const address = readEmail(email);
    if (address.kind === "good" && !holdsAddress(profile, address.key)) return trouble("email_not_taken");
  }
  const others = Object.entries(attributes).filter(([name]) => !comparedApart.test(name));
  // A suppressed person's mark of origin came with the suppression already, and says nothing of this write.
  const told = others.filter(([, value]) => !isSame(value!, undefined));
  if (attributes.unsubscribed && told.length > 0 && told.every(([name]) => !(name in profile.attributes)))
    return trouble("not_written");
  const differing = others.filter(([name, value]) => !isSame(value!, profile.attributes[name]));
  return { trouble: null, differing: differing.map(([name]) => name) };
}

/**
 * Every value is read back as text (reference/customerio.md §2.3); how numbers, truth values and nested ones are written
 * there is not said: `1.0` is 1, and `True` is true.
 */
function isSame(written: ProfileAttributeValue, read: string | undefined): boolean {
  if (read === undefined) return written === null || written === "";
  if (written === null) return read === "" || read === "null";
  if (typeof written === "string") return read === written;
  if (typeof written === "boolean") return read.toLowerCase() === String(written);
  return isDeepStrictEqual(parseJson(read), written);
}
