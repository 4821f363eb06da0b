import type { Person } from "./person.ts";
import { exportedAt, PersonDraft } from "./person-draft.ts";
import { blockSize, castBlock, tellStory } from "./stories.ts";

/** One seeded crowd of invented people, behind all simulated vendors. */
export interface World {
  readonly people: number;
  readonly seed: number;
  /** The world's present, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
  /** Every person in order. Each is invented when reached and not kept, so a large world needs little memory. */
  [Symbol.iterator](): Iterator<Person>;
}

/**
 * The same `people` and `seed` give the same world on every machine, and a larger world begins with the
 * smaller one. From 200 people on it holds something of every kind that merge-rules §6 knows.
 */
export function createWorld({ people, seed }: { people: number; seed: number }): World {
  return {
    people,
    seed,
    now: exportedAt,
    *[Symbol.iterator]() {
      for (let start = 0; start < people; start += blockSize) {
        const casting = castBlock(seed, start / blockSize);
        for (let index = start; index < Math.min(start + blockSize, people); index += 1) {
          const draft = new PersonDraft(seed, index);
          tellStory(draft, casting);
          yield draft.finish();
        }
      }
    },
  };
}
