import fc from "fast-check";
import type { ApiExport, Checkpoint } from "../../importers/api-importer.ts";
import type { ProjectMode } from "../../simulators/iterable/project.ts";
import type { TimeForm } from "../../simulators/iterable/row-text.ts";
import { connect, Store, startFastSimulator } from "./pull.ts";

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

type Step =
  | { kind: "world"; step: WorldStep }
  /** Milliseconds, also backwards. */
  | { kind: "clock"; by: number }
  /** What happens after each page; and after how many pages the process is killed and goes on, if it is. */
  | { kind: "pull"; meanwhile: WorldStep[]; killedAfter: number | null };

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
  steps: Step[];
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
  steps: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant("world" as const), step: worldStep }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("clock" as const),
          by: fc.oneof(
            fc.integer({ min: 0, max: 2_000 }),
            fc.integer({ min: -longestStepBack / 2, max: 72 * hour }),
          ),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("pull" as const),
          meanwhile: fc.array(worldStep, { maxLength: 4 }),
          killedAfter: fc.option(fc.integer({ min: 1, max: 8 })),
        }),
      },
    ),
    { minLength: 1, maxLength: 20 },
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
  let steppedBack = 0;
  let added = 0;
  const gone = new Set<string>();
  const project = await startFastSimulator({
    ...history,
    people: [],
    now: () => now,
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
    const how = { at: now - late };
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

  const timing = { minuteMs: 1 };
  const chain = new Store();
  let mark: Checkpoint | null = null;
  try {
    for (const step of history.steps) {
      if (step.kind === "world") live(step.step);
      else if (step.kind === "clock") {
        const by = step.by < 0 ? Math.max(step.by, steppedBack - longestStepBack) : step.by;
        if (by < 0) steppedBack -= by;
        now += by;
      } else mark = await pullOnce(step, mark);
    }
    mark = await pullOnce({ meanwhile: [], killedAfter: null }, mark);
    const whole = new Store();
    await follow(connect(project, {}, timing), whole, null, [], null);
    return compare(chain, whole);
  } finally {
    await project.close();
  }

  function pullOnce(
    { meanwhile, killedAfter }: { meanwhile: WorldStep[]; killedAfter: number | null },
    since: Checkpoint | null,
  ): Promise<Checkpoint> {
    return follow(connect(project, {}, timing), chain, since, meanwhile, killedAfter);
  }

  /** Reads all streams; a killed process forgets everything but the plan and the last page's checkpoint. */
  async function follow(
    first: ApiExport,
    store: Store,
    since: Checkpoint | null,
    meanwhile: WorldStep[],
    killedAfter: number | null,
  ): Promise<Checkpoint> {
    const plan = await first.plan(since);
    const waiting = [...meanwhile];
    let source = first;
    let pages = 0;
    for (const stream of plan.streams) {
      let from: Checkpoint | null = null;
      let isRead = false;
      while (!isRead) {
        for await (const page of source.read(stream, from)) {
          store.take(page);
          from = page.checkpoint;
          isRead = page.last;
          pages += 1;
          const next = waiting.shift();
          if (next) live(next);
          if (pages === killedAfter && !isRead) {
            source = connect(project, {}, timing);
            break;
          }
        }
        if (!isRead && pages !== killedAfter) throw new Error(`${stream.id} ended without proof`);
      }
    }
    return plan.mark;
  }

  function compare(chain: Store, whole: Store): Outcome {
    // Where opt-outs do not move the update time, attributes that mirror them are seen by full pulls only.
    const text = (store: Store, key: string) => {
      const record = store.records.get(key);
      if (!record) return undefined;
      const { line: _line, attributes: all, updatedAt, ...rest } = record;
      // Written in another form by files than by streams; updatedAt is the same time as read.
      const { "iterable.signupDate": _signUp, "iterable.profileUpdatedAt": _update, ...attributes } = all;
      return JSON.stringify(history.optOutMovesProfile ? { ...rest, updatedAt, attributes } : rest);
    };
    // What stands in a list for somebody who was deleted stays there.
    const lost = [...whole.records.keys()].filter((key) => text(chain, key) !== text(whole, key));
    const duplicated = [...chain.records].flatMap(([key, { email, userId }]) =>
      whole.records.has(key) || gone.has(email ?? "") || gone.has(userId ?? "") ? [] : key,
    );
    return { lost, duplicated };
  }
}
