import type { Person } from "../../simulators/customerio/people.ts";
import { meansUnsubscribed } from "../../simulators/customerio/people.ts";
import type { CustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { type Said, state } from "../delivery/test-migration.ts";

/** Somebody of the fault matrix, with what must be true of him in the workspace in the end. */
export interface Expected {
  kind: "complained" | "bounced" | "invalid" | "unsubscribed" | "lead" | "subscriber";
  userId: string | null;
  email: string;
}

/** `small` fits one batch and one group of list entries, `large` takes three of each. */
export type Size = "small" | "large";

const counts: Record<Size, Record<Expected["kind"], number>> = {
  small: { complained: 3, bounced: 3, invalid: 2, unsubscribed: 4, lead: 3, subscriber: 4 },
  large: { complained: 35, bounced: 35, invalid: 3, unsubscribed: 2_200, lead: 100, subscriber: 4 },
};

export function expectedOf(size: Size): Expected[] {
  return (Object.entries(counts[size]) as [Expected["kind"], number][]).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, number) => ({
      kind,
      userId: kind === "invalid" || kind === "lead" ? null : `${kind}-${number}`,
      email: `${kind}.${number}@x.com`,
    })),
  );
}

const states: Record<Expected["kind"], Said["states"]> = {
  complained: [state("complaint")],
  bounced: [state("hard_bounce")],
  invalid: [state("hard_bounce", { invalidAddress: true })],
  unsubscribed: [state("unsubscribed_all")],
  lead: [state("manual")],
  subscriber: [],
};

export function recordsOf(size: Size): Said[] {
  return expectedOf(size).map(({ kind, userId, email }) => ({ userId, email, states: states[kind]! }));
}

/** Whether the workspace itself keeps mail from him, whatever Sendgate believes. */
export function isSafe(simulator: CustomerIoSimulator, { kind, userId, email }: Expected): boolean {
  const lists = simulator.lists();
  if (kind === "bounced") return lists.has("bounces", email);
  if (kind === "invalid") return lists.has("invalid_emails", email);
  const holders = simulator.peopleByEmail(email);
  const unsubscribed =
    holders.length > 0 &&
    holders.every(isUnsubscribed) &&
    (userId === null || isUnsubscribed(simulator.personById(userId)));
  return unsubscribed && (kind !== "complained" || lists.has("spam_reports", email));
}

function isUnsubscribed(person: Person | null): boolean {
  return meansUnsubscribed(person?.attributes.unsubscribed);
}
