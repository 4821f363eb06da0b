import fc from "fast-check";
import type { ProjectMode } from "../../simulators/iterable/project.ts";
import type { TimeForm } from "../../simulators/iterable/row-text.ts";
import {
  lostOf,
  type Outcome,
  pullInAChain,
  type Step,
  SteppedClock,
  stepsOf,
} from "../importers/chain-of-pulls.ts";
import type { Landing } from "../importers/landing.ts";
import { connect, startFastSimulator } from "./pull.ts";

const hour = 3_600_000;
/** How far clocks are set back, and how late events come to light, at most: less than two days together. */
const longestStepBack = 24 * hour;
const longestDelay = 20 * hour;

/** `who` is a position among the people who are there at that moment. */
export interface WorldStep {
  what:
    | "unsubscribe"
    | "leaveOneChannel"
    | "leaveTopics"
    | "unsubscribeSilently"
    | "resubscribe"
    | "hardBounce"
    | "softBounce"
    | "complain"
    | "removeFromList"
    | "optOutOfTexts"
    | "edit"
    | "suppressGlobally"
    | "add"
    | "remove"
    | "forget";
  who: number;
  /** Milliseconds after it happened that it comes to light. */
  late: number;
}

export interface History {
  mode: ProjectMode;
  people: number;
  rowsPerFile: number;
  optOutMovesProfile: boolean;
  complaintLeaves: "channel" | "all";
  times: TimeForm;
  fileTimes: TimeForm;
  jobsFallBack: boolean;
  windowsHoldUndated: boolean;
  steps: Step<WorldStep>[];
}

const times = fc.constantFrom<TimeForm>("spaced", "iso", "iso_milliseconds", "iso_offset", "epoch", "mixed");
const worldStep: fc.Arbitrary<WorldStep> = fc.record({
  what: fc.constantFrom<WorldStep["what"]>(
    "unsubscribe",
    "leaveOneChannel",
    "leaveTopics",
    "unsubscribeSilently",
    "resubscribe",
    "hardBounce",
    "softBounce",
    "complain",
    "removeFromList",
    "optOutOfTexts",
    "edit",
    "suppressGlobally",
    "add",
    "add",
    "remove",
    "forget",
  ),
  who: fc.nat({ max: 1000 }),
  late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: longestDelay })),
});

/** What happens in a project and to those who pull from it. */
export const histories: fc.Arbitrary<History> = fc.record({
  mode: fc.constantFrom<ProjectMode>("email", "userID", "hybrid"),
  people: fc.integer({ min: 0, max: 20 }),
  rowsPerFile: fc.integer({ min: 1, max: 10 }),
  optOutMovesProfile: fc.boolean(),
  complaintLeaves: fc.constantFrom<"channel" | "all">("channel", "all"),
  times,
  fileTimes: times,
  jobsFallBack: fc.boolean(),
  windowsHoldUndated: fc.boolean(),
  steps: stepsOf(worldStep, longestStepBack),
});

/** Lives the history with a chain of pulls, the first a full one, and compares it with one full pull at the end. */
export async function liveHistory(history: History): Promise<Outcome> {
  const clock = new SteppedClock(longestStepBack);
  let added = 0;
  const gone = new Set<string>();
  const project = await startFastSimulator({
    ...history,
    people: [],
    now: () => clock.now,
    filesPerPage: 3,
    pollsWhileRunning: 1,
    minuteMs: 1,
  });
  const add = () => {
    added += 1;
    const userId = `id-${added}`;
    const email = `person${added}@example.com`;
    // Hybrid projects hold people with both, and with either.
    if (history.mode === "hybrid" && added % 3 === 1) project.events.addPerson({ email });
    else if (history.mode !== "email" && added % 3 === 2) project.events.addPerson({ userId });
    else project.events.addPerson({ email, userId });
  };
  for (let person = 0; person < history.people; person += 1) add();

  const live = ({ what, who, late }: WorldStep) => {
    if (what === "add") return add();
    const users = [...project.project.users];
    const user = users[who % Math.max(1, users.length)];
    const whom = user?.email ?? user?.userId;
    if (!user || !whom) return;
    const how = { at: clock.now - late };
    switch (what) {
      case "remove":
      case "forget":
        for (const identifier of [user.email, user.userId]) if (identifier) gone.add(identifier);
        return project.events[what](whom);
      case "leaveOneChannel":
        return project.events.unsubscribe(whom, { ...how, channelIds: [39583] });
      case "leaveTopics":
        return project.events.leaveTopics(whom, [52003], how);
      case "edit":
        return project.events.edit(whom, { Plan: `plan ${who}` });
      case "unsubscribeSilently":
      case "resubscribe":
      case "suppressGlobally":
        return project.events[what](whom);
      default:
        return project.events[what](whom, how);
    }
  };

  // Where opt-outs do not move the update time, attributes that mirror them are seen by full pulls only.
  const textOf = ({ records }: Landing, key: string) => {
    const record = records.get(key);
    if (!record) return undefined;
    const { line: _line, attributes: all, updatedAt, ...rest } = record;
    // Written in another form by files than by streams; updatedAt is the same time as read.
    const { "iterable.signupDate": _signUp, "iterable.profileUpdatedAt": _update, ...attributes } = all;
    return JSON.stringify(history.optOutMovesProfile ? { ...rest, updatedAt, attributes } : rest);
  };
  try {
    const pulled = await pullInAChain({
      steps: history.steps,
      clock,
      connect: () => connect(project, {}, { minuteMs: 1 }),
      live,
      planned: () => clock.forgive(),
    });
    return {
      lost: lostOf(pulled, textOf),
      // What stands in a list for somebody who was deleted stays there.
      duplicated: [...pulled.chain.records].flatMap(([key, { email, userId }]) =>
        pulled.whole.records.has(key) || gone.has(email ?? "") || gone.has(userId ?? "") ? [] : key,
      ),
    };
  } finally {
    await project.close();
  }
}
