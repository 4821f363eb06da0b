import type { Plan } from "../../contract/delivery.ts";

/** How many persons something concerns; `name` is the attribute it is about, where it is about one. */
export interface Count {
  code: string;
  name: string | null;
  persons: number;
}

const reasons: Record<string, string> = {
  ambiguous_lead:
    "The address belongs to several user_ids, so nobody knows whose profile this is. Name the owner of the address.",
  forgotten: "They asked to be forgotten.",
  long_id: "The user_id is longer than the 150 bytes that Customer.io takes.",
  lead_by_choice: "Suppressed addresses without a person stay on the suppression list alone, by your choice.",
  destination_conflict:
    "They meet somebody who is in the workspace already. Look at the destination and decide.",
  large_profile:
    "The profile is larger than the 31,000 bytes that are safe to send. Leave out or shorten some attributes.",
};

export const attributeWords: Record<string, string> = {
  reserved: "Customer.io reserves the name",
  unreadable_time: "it is no time since 1970 in unix seconds, in milliseconds or as ISO 8601",
  long_name: "the name is longer than 150 bytes",
  long_value: "the value is longer than 1,000 bytes",
  identifier_there: "the workspace identifies people by it",
  same_name: "another attribute goes under that name",
  too_many: "a profile takes 300 attributes",
};

/** Names shown in one warning. */
const mostNames = 10;

/** What the operator should know about a plan, in words. */
export const planWords = {
  heldBack: (counts: readonly Count[]): Plan["profiles"]["heldBack"] =>
    counts
      .filter(({ persons }) => persons > 0)
      .map(({ code, persons }) => ({ reason: reasons[code]!, persons })),

  warnings(counts: readonly Count[], topics: Plan["topics"]): string[] {
    const found: string[] = [];
    const unmapped = topics.filter(({ destination }) => destination === null);
    if (unmapped.length > 0) {
      const optOuts = unmapped.reduce((sum, { persons }) => sum + persons, 0);
      found.push(
        `${counted(optOuts, "opt-out")} from ${counted(unmapped.length, "topic")} ${optOuts === 1 ? "goes" : "go"} nowhere, because no Customer.io topic is named for ${unmapped.length === 1 ? "it" : "them"}: ${shorten(unmapped.map(({ source, topic }) => `${source} ${topic}`))}.`,
      );
    }
    for (const { code, persons } of counts) {
      if (persons > 0 && code === "without_email") {
        found.push(
          `${persons === 1 ? "1 profile goes" : `${persons} profiles go`} without an address, because the address is held back: it belongs to several user_ids or is suppressed through somebody else.`,
        );
      }
      if (persons > 0 && code === "long_suppressed_id") {
        found.push(
          `${persons === 1 ? "1 suppressed person has" : `${persons} suppressed persons have`} a user_id that Customer.io cannot hold; their addresses are suppressed one by one.`,
        );
      }
    }
    for (const [code, words] of Object.entries(attributeWords)) {
      const concerned = counts.filter((count) => count.code === code);
      if (concerned.length === 0) continue;
      const values = concerned.reduce((sum, { persons }) => sum + persons, 0);
      found.push(
        `${values === 1 ? "1 attribute value stays" : `${values} attribute values stay`} here, because ${words}: ${shorten(concerned.map(({ name }) => name ?? ""))}.`,
      );
    }
    return found;
  },
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  return names.length > mostNames
    ? `${shown.join(", ")} and ${names.length - mostNames} more`
    : shown.join(", ");
}
