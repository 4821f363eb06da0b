import fc from "fast-check";
import type { MailchimpSimulatorOptions } from "../../simulators/mailchimp/simulator.ts";
import { startMailchimpSimulator } from "../../simulators/mailchimp/simulator.ts";
import {
  lostOf,
  type Outcome,
  pullInAChain,
  type Step,
  SteppedClock,
  stepsOf,
} from "../importers/chain-of-pulls.ts";
import type { Landing } from "../importers/landing.ts";
import { connect } from "./harness.ts";

const hour = 3_600_000;
/** How far clocks are set back, and how late changes show, at most: less than a day together. */
const longestStepBack = 12 * hour;
const longestDelay = 10 * hour;

/** `who` is a position among the members of all audiences at that moment. */
interface WorldStep {
  what:
    | "unsubscribe"
    | "unsubscribeSilently"
    | "unsubscribeByAdmin"
    | "resubscribe"
    | "hardBounce"
    | "complain"
    | "archive"
    | "setUnknownStatus"
    | "edit"
    | "add"
    | "addAudience"
    | "remove";
  who: number;
  /** Milliseconds after it happened that Mailchimp shows it. */
  late: number;
}

export interface History {
  people: number;
  pageSize: number;
  dateHeader: NonNullable<MailchimpSimulatorOptions["dateHeader"]>;
  unconfirmed: NonNullable<MailchimpSimulatorOptions["unconfirmed"]>;
  steps: Step<WorldStep>[];
}

const worldStep: fc.Arbitrary<WorldStep> = fc.record({
  what: fc.oneof(
    {
      weight: 12,
      arbitrary: fc.constantFrom<WorldStep["what"]>(
        "unsubscribe",
        "unsubscribeSilently",
        "unsubscribeByAdmin",
        "resubscribe",
        "hardBounce",
        "complain",
        "archive",
        "setUnknownStatus",
        "edit",
      ),
    },
    { weight: 3, arbitrary: fc.constant("add" as const) },
    { weight: 1, arbitrary: fc.constantFrom("remove" as const, "addAudience" as const) },
  ),
  who: fc.nat({ max: 1000 }),
  late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: longestDelay })),
});

/** What happens in an account and to those who pull from it. */
export const histories: fc.Arbitrary<History> = fc.record({
  people: fc.integer({ min: 0, max: 20 }),
  pageSize: fc.integer({ min: 2, max: 8 }),
  dateHeader: fc.constantFrom("account" as const, "machine" as const, "none" as const),
  unconfirmed: fc.record({
    since: fc.constantFrom("inclusive" as const, "exclusive" as const),
    before: fc.constantFrom("inclusive" as const, "exclusive" as const),
    statuslessIncludesArchived: fc.boolean(),
    tieOrder: fc.constantFrom("stable" as const, "shuffled" as const),
  }),
  steps: stepsOf(worldStep, longestStepBack),
});

/** Lives the history with a chain of pulls, the first a full one, and compares it with one full pull at the end. */
export async function liveHistory(history: History): Promise<Outcome> {
  const clock = new SteppedClock(longestStepBack);
  const simulator = await startMailchimpSimulator({
    dateHeader: history.dateHeader,
    unconfirmed: history.unconfirmed,
    now: () => clock.now,
  });
  const { account } = simulator;
  account.addAudience("a000000001", "News");
  account.addAudience("a000000002", "Offers");
  let added = 0;
  /** Of a permanent deletion no delta can know. */
  const removed = new Set<string>();
  /** Who once was in a state in which the times of opt-outs do not count. */
  const moved = new Set<string>();

  const add = (who: number, at: number) => {
    added += 1;
    account.addPerson({
      email: `person${added}@example.com`,
      userId: `id-${added}`,
      audience: account.audiences[who % account.audiences.length]!.id,
      at,
    });
  };
  for (let person = 0; person < history.people; person += 1) add(person, clock.now - person * 40 * hour);

  const live = ({ what, who, late }: WorldStep) => {
    const at = clock.now - late;
    if (what === "add") return add(who, at);
    if (what === "addAudience") {
      const { id } = account.addAudience(`b${String(account.audiences.length).padStart(9, "0")}`, "New");
      // Somebody who was there for years before we saw the audience.
      return account.addPerson({ email: `old${who}@example.com`, audience: id, at: at - 9000 * hour });
    }
    const everybody = account.audiences.flatMap((audience) =>
      [...audience.members()].map(({ id, email }) => ({ audience: audience.id, id, email })),
    );
    const member = everybody[who % Math.max(1, everybody.length)];
    if (!member) return;
    const options = { audience: member.audience, at };
    if (!["unsubscribe", "unsubscribeSilently", "unsubscribeByAdmin", "edit"].includes(what))
      moved.add(member.id);
    switch (what) {
      case "unsubscribeSilently":
        return account.unsubscribe(member.email, { ...options, silent: true });
      case "unsubscribeByAdmin":
        return account.unsubscribe(member.email, { ...options, byAdmin: true });
      case "setUnknownStatus":
        return account.setStatus(member.email, "quarantined", options);
      case "edit":
        return account.edit(member.email, { PLAN: `plan ${who}` }, options);
      case "remove":
        removed.add(`member/${member.audience}/${member.id}`);
        return account.remove(member.email, options);
      default:
        return account[what](member.email, options);
    }
  };

  // A report is history: whether its times still count depends on what its member is when it is read.
  const isTimeOfMoved = (key: string) => key.startsWith("unsubscribe/") && moved.has(key.split("/")[2]!);
  const textOf = ({ records }: Landing, key: string) => {
    const record = records.get(key);
    return record && !isTimeOfMoved(key) ? JSON.stringify({ ...record, line: 0 }) : undefined;
  };
  try {
    const pulled = await pullInAChain({
      steps: history.steps,
      clock,
      connect: () => connect(simulator, { pageSize: history.pageSize }),
      live,
      // Without the account's clock a mark rests on the newest change, which a clock set back does not move.
      ...(history.dateHeader === "account" ? { planned: () => clock.forgive() } : {}),
    });
    return {
      lost: lostOf(pulled, textOf),
      duplicated: [...pulled.chain.records.keys()].filter(
        (key) => !pulled.whole.records.has(key) && !removed.has(key) && !isTimeOfMoved(key),
      ),
    };
  } finally {
    await simulator.close();
  }
}
