import fc from "fast-check";
import {
  lostOf,
  type Outcome,
  pullInAChain,
  type Step,
  SteppedClock,
  stepsOf,
} from "../importers/chain-of-pulls.ts";
import { connect, startFastSimulator } from "./pull.ts";

const hour = 3_600_000;
/** How far clocks are set back between two pulls, and how late events come to light, at most: less than a day together. */
const longestStepBack = 12 * hour;
const longestDelay = 10 * hour;

type Happening =
  | {
      what: "unsubscribe" | "resubscribe" | "hardBounce" | "complain" | "suppress" | "leaveList" | "change";
      late: number;
    }
  | { what: "add" }
  | { what: "remove" };

/** `who` is a position among the people who are there at that moment. */
type WorldStep = { happening: Happening; who: number };

export interface History {
  people: number;
  longestPage: number;
  consentMovesUpdated: boolean;
  repeatedProfiles: number;
  steps: Step<WorldStep>[];
}

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constantFrom(
        "unsubscribe" as const,
        "resubscribe" as const,
        "hardBounce" as const,
        "complain" as const,
        "suppress" as const,
        "leaveList" as const,
        "change" as const,
      ),
      late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: longestDelay })),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ what: "add" as const }) },
  { weight: 1, arbitrary: fc.constant({ what: "remove" as const }) },
);
const worldStep: fc.Arbitrary<WorldStep> = fc.record({ happening, who: fc.nat({ max: 1000 }) });

/** What happens in an account and to those who pull from it. */
export const histories: fc.Arbitrary<History> = fc.record({
  people: fc.integer({ min: 0, max: 25 }),
  longestPage: fc.integer({ min: 1, max: 10 }),
  consentMovesUpdated: fc.boolean(),
  repeatedProfiles: fc.constantFrom(0, 0, 1, 3),
  steps: stepsOf(worldStep, longestStepBack),
});

/** Lives the history with a chain of pulls, the first a full one, and compares it with one full pull at the end. */
export async function liveHistory(history: History): Promise<Outcome> {
  const clock = new SteppedClock(longestStepBack);
  const account = await startFastSimulator({
    now: () => clock.now,
    longestPage: history.longestPage,
    consentMovesUpdated: history.consentMovesUpdated,
    repeatedProfiles: history.repeatedProfiles,
    persons: Array.from({ length: history.people }, (_, index) => ({
      email: `person${index}@example.com`,
      externalId: `id-${index}`,
      consent: index % 2 === 0 ? "SUBSCRIBED" : "NEVER_SUBSCRIBED",
    })),
  });
  const removed = new Set<string>();
  let added = 0;

  const live = ({ happening, who }: WorldStep) => {
    const profiles = account.profiles();
    if (happening.what === "add") {
      added += 1;
      account.events.addPerson({
        email: `added${added}@example.com`,
        externalId: `added-${added}`,
        // Anywhere among the others, not only behind them.
        id: `01J${String((who * 7919) % 1000).padStart(3, "0")}${String(added).padStart(20, "0")}`,
      });
      return;
    }
    const profile = profiles[who % Math.max(1, profiles.length)];
    if (!profile?.email) return;
    if (happening.what === "remove") {
      removed.add(`profile/${profile.id}`);
      account.events.remove(profile.email);
      return;
    }
    const details = { at: clock.now - happening.late };
    switch (happening.what) {
      case "leaveList":
        return account.events.unsubscribeFromList(profile.email, "Y6nRLr", details);
      case "change":
        return account.events.change(profile.email, { Plan: `plan ${who}` }, details);
      default:
        return account.events[happening.what](profile.email, details);
    }
  };

  try {
    const pulled = await pullInAChain({
      steps: history.steps,
      clock,
      connect: () => connect(account),
      live,
      planned: () => clock.forgive(),
    });
    return {
      lost: lostOf(pulled),
      duplicated: [...pulled.chain.records.keys()].filter(
        (key) => !pulled.whole.records.has(key) && !removed.has(key),
      ),
    };
  } finally {
    await account.close();
  }
}
