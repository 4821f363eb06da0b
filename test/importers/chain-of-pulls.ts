import fc from "fast-check";
import type { ApiExport, ApiPage, Checkpoint } from "../../importers/api-importer.ts";
import { Landing, requireProof, throughJson } from "./landing.ts";

const hour = 3_600_000;

/** One step of a history; `WorldStep` is what may happen to the vendor's people. */
export type Step<WorldStep> =
  | { kind: "world"; step: WorldStep }
  /** Milliseconds, also backwards. Nothing else moves the clock, so that much happens in the same second. */
  | { kind: "clock"; by: number }
  | ({ kind: "pull" } & PullStep<WorldStep>);

interface PullStep<WorldStep> {
  /** What happens after each page. */
  meanwhile: WorldStep[];
  /** After how many pages the process is killed and another goes on, if it is. */
  killedAfter: number | null;
}

/** @param longestStepBack milliseconds that clocks are set back between two pulls, at most */
export function stepsOf<WorldStep>(
  worldStep: fc.Arbitrary<WorldStep>,
  longestStepBack: number,
): fc.Arbitrary<Step<WorldStep>[]> {
  return fc.array(
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
    { minLength: 1, maxLength: 22 },
  );
}

/** The vendor's clock of a history. Milliseconds since 1970. */
export class SteppedClock {
  now = Date.UTC(2026, 5, 1, 12);
  readonly #longestStepBack: number;
  #steppedBack = 0;

  constructor(longestStepBack: number) {
    this.#longestStepBack = longestStepBack;
  }

  move(by: number): void {
    const allowed = Math.max(by, this.#steppedBack - this.#longestStepBack);
    this.#steppedBack -= Math.min(0, allowed);
    this.now += allowed;
  }

  /** From here on it may be set back as far again. */
  forgive(): void {
    this.#steppedBack = 0;
  }
}

/** What came of a history; keys of records. */
export interface Outcome {
  /** Records that one full pull at the end has and the chain has not, or has otherwise. */
  lost: string[];
  /** Records that the chain has beside them, and that nothing in the history explains. */
  duplicated: string[];
}

interface Scene<WorldStep> {
  steps: readonly Step<WorldStep>[];
  clock: SteppedClock;
  /** What a new process does. */
  connect(): ApiExport;
  live(step: WorldStep): void;
  /** After the plan of each pull: its mark knows the clock of that moment. */
  planned?(): void;
}

/** Lives the history with a chain of pulls, the first a full one, and reads everything anew at the end. */
export async function pullInAChain<WorldStep>(
  scene: Scene<WorldStep>,
): Promise<{ chain: Landing; whole: Landing }> {
  const chain = new Landing();
  let mark: Checkpoint | null = null;
  for (const step of scene.steps) {
    if (step.kind === "world") scene.live(step.step);
    else if (step.kind === "clock") scene.clock.move(step.by);
    else mark = await pullOnce(scene, chain, mark, step);
  }
  const quiet = { meanwhile: [], killedAfter: null };
  await pullOnce(scene, chain, mark, quiet);
  const whole = new Landing();
  await pullOnce(scene, whole, null, quiet);
  return { chain, whole };
}

/** A killed process forgets everything but the plan and the last page's checkpoint. */
async function pullOnce<WorldStep>(
  { connect, live, planned }: Scene<WorldStep>,
  landing: Landing,
  since: Checkpoint | null,
  { meanwhile, killedAfter }: PullStep<WorldStep>,
): Promise<Checkpoint> {
  let source = connect();
  const plan = throughJson(await source.plan(since));
  planned?.();
  const waiting = [...meanwhile];
  let pages = 0;
  for (const stream of plan.streams) {
    let from: Checkpoint | null = null;
    const read: ApiPage[] = [];
    for (let isRead = false; !isRead; ) {
      let isKilled = false;
      for await (const page of source.read(stream, from)) {
        landing.take(page);
        read.push(page);
        from = throughJson(page.checkpoint);
        isRead = page.last;
        const next = waiting.shift();
        if (next) live(next);
        pages += 1;
        isKilled = pages === killedAfter;
        if (isKilled) break;
      }
      if (isKilled) source = connect();
      else requireProof(stream, read);
    }
    requireProof(stream, read);
  }
  return plan.mark;
}

/** Records of the whole that the chain has not, or has with another text. */
export function lostOf(
  { chain, whole }: { chain: Landing; whole: Landing },
  textOf: (landing: Landing, key: string) => string | undefined = textIn,
): string[] {
  return [...whole.records.keys()].filter((key) => textOf(chain, key) !== textOf(whole, key));
}

function textIn({ records }: Landing, key: string): string | undefined {
  const record = records.get(key);
  return record && JSON.stringify({ ...record, line: 0 });
}
