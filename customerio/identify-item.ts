/** Any JSON value that a profile attribute may hold. */
export type ProfileAttributeValue =
  | string
  | number
  | boolean
  | null
  | ProfileAttributeValue[]
  | { [key: string]: ProfileAttributeValue };

/**
 * Attributes of one identify. There is no way to say `unsubscribed: false`: leaving the key out keeps
 * what the destination has (reference/customerio.md §3).
 */
export interface ProfileAttributes {
  unsubscribed?: true;
  [name: string]: ProfileAttributeValue;
}

/** Exactly one identifier (reference/customerio.md §1.10); others go into the attributes. */
export type PersonIdentifier = { id: string } | { email: string };

/** One `identify` of a Track v2 batch (reference/customerio.md §1.10). */
export interface IdentifyItem {
  type: "person";
  action: "identify";
  identifiers: PersonIdentifier;
  attributes: ProfileAttributes;
  /** Unix seconds: when the change happened. */
  timestamp?: number;
}

const topicPreference = /^cio_subscription_preferences\.topics\.topic_\d+$/;

/**
 * The item as JSON text: the one place where items are encoded, and so the one that keeps consent safe.
 * @throws Error where the item would subscribe somebody: `unsubscribed` other than `true`, a topic other
 * than `false`, or all topic preferences replaced at once.
 */
export function encodeItem(item: IdentifyItem): string {
  for (const [name, value] of Object.entries<unknown>(item.attributes)) {
    if (name === "unsubscribed" && value !== true) {
      throw new Error(
        "An item with `unsubscribed` other than true would subscribe somebody; it is never sent.",
      );
    }
    if (name.startsWith("cio_subscription_preferences") && !(topicPreference.test(name) && value === false)) {
      throw new Error(
        "Only single topics may be written, as `cio_subscription_preferences.topics.topic_N: false`; anything else could subscribe somebody.",
      );
    }
  }
  return JSON.stringify(item);
}
