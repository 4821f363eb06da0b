import { isDeepStrictEqual } from "node:util";
import type { DestinationProfile } from "../../customerio/client.ts";
import type { IdentifyItem, ProfileAttributeValue } from "../../customerio/identify-item.ts";
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
const comparedApart = /^(?:email|unsubscribed|sendgate_source)$|^cio_/;

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
  const differing = Object.entries(attributes)
    .filter(([name, value]) => !comparedApart.test(name) && !isSame(value!, profile.attributes[name]))
    .map(([name]) => name);
  return { trouble: null, differing };
}

/** Every value is read back as text (reference/customerio.md §2.3); how nested ones are written there is not said. */
function isSame(written: ProfileAttributeValue, read: string | undefined): boolean {
  if (read === undefined) return written === null || written === "";
  if (written === null) return read === "" || read === "null";
  if (typeof written === "string") return read === written;
  if (read === String(written)) return true;
  try {
    return isDeepStrictEqual(JSON.parse(read), written);
  } catch {
    return false;
  }
}
