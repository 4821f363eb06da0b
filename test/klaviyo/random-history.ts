import fc from "fast-check";
import type { ApiExport, Checkpoint } from "../../importers/api-importer.ts";
import type { KlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";
import { connect, pull, Store, startFastSimulator } from "./pull.ts";

const second = 1000;
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
type Step =
  | { kind: "world"; step: WorldStep }
  /** Milliseconds, also backwards. */
  | { kind: "clock"; by: number }
  /** What happens after each page; and after how many pages the process is killed and goes on, if it is. */
  | { kind: "pull"; meanwhile: WorldStep[]; killedAfter: number | null };

export interface History {
  people: number;
  longestPage: number;
  consentMovesUpdated: boolean;
  repeatedProfiles: number;
  /** Everything happens in the same second unless the clock is moved. */
  steps: Step[];
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
  steps: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant("world" as const), step: worldStep }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("clock" as const),
          by: fc.oneof(
            fc.integer({ min: 0, max: 2 * second }),
            fc.integer({ min: -longestStepBack / 2, max: 72 * hour }),
          ),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("pull" as const),
          meanwhile: fc.array(worldStep, { maxLength: 4 }),
          killedAfter: fc.option(fc.integer({ min: 1, max: 6 })),
        }),
      },
    ),
    { minLength: 1, maxLength: 25 },
  ),
});

export interface Outcome {
  /** Records that a full pull has and the chain has not, or has otherwise. */
  lost: string[];
  /** Records that the chain has beside them, of people who were never deleted. */
  duplicated: string[];
}

/** Lives the history with a chain of pulls, the first a full one, and compares it with one full pull at the end. */
export async function liveHistory(history: History): Promise<Outcome> {
  let now = Date.UTC(2026, 5, 1, 12);
  const account = await startFastSimulator({
    now: () => now,
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
  let steppedBack = 0;
  let mark: Checkpoint | null = null;
  const chain = new Store();

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
    const details = { at: now - happening.late };
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
    for (const step of history.steps) {
      if (step.kind === "world") live(step.step);
      else if (step.kind === "clock") {
        const by = Math.max(step.by, steppedBack - longestStepBack);
        if (by < 0) steppedBack -= by;
        now += by;
      } else {
        mark = await pullWhile(account, chain, mark, step, live);
        steppedBack = 0;
      }
    }
    await pull(connect(account), chain, mark);
    const full = new Store();
    await pull(connect(account), full);
    const expected = full.contents();
    const got = chain.contents();
    return {
      lost: Object.keys(expected).filter((key) => JSON.stringify(got[key]) !== JSON.stringify(expected[key])),
      duplicated: Object.keys(got).filter((key) => !(key in expected) && !removed.has(key)),
    };
  } finally {
    await account.close();
  }
}

/** A pull during which people go on living, killed and taken up again if the step says so. */
async function pullWhile(
  account: KlaviyoSimulator,
  store: Store,
  since: Checkpoint | null,
  { meanwhile, killedAfter }: Extract<Step, { kind: "pull" }>,
  live: (step: WorldStep) => void,
): Promise<Checkpoint> {
  let source: ApiExport = connect(account);
  const plan = await source.plan(since);
  const waiting = [...meanwhile];
  let left = killedAfter ?? Number.POSITIVE_INFINITY;
  for (const stream of plan.streams) {
    let checkpoint: Checkpoint | null = null;
    for (let last = false; !last; ) {
      for await (const page of source.read(stream, checkpoint)) {
        store.take(page);
        ({ checkpoint, last } = page);
        const next = waiting.shift();
        if (next) live(next);
        left -= 1;
        if (left === 0) break;
      }
      if (!last) source = connect(account);
    }
  }
  return plan.mark;
}
