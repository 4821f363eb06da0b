import fc from "fast-check";
import type { Outcome } from "../importers/chain-of-pulls.ts";
import * as iterable from "../iterable/random-history.ts";
import * as klaviyo from "../klaviyo/random-history.ts";
import * as mailchimp from "../mailchimp/random-history.ts";

/** A history that can be told and lived. */
export interface SampledHistory {
  told: unknown;
  live(): Promise<Outcome>;
}

interface Source {
  /** The same seed gives the same histories. */
  sample(count: number, seed: number): SampledHistory[];
}

function sourceOf<History>({
  histories,
  liveHistory,
}: {
  histories: fc.Arbitrary<History>;
  liveHistory(history: History): Promise<Outcome>;
}): Source {
  return {
    sample: (count, seed) =>
      fc.sample(histories, { numRuns: count, seed }).map((told) => ({ told, live: () => liveHistory(told) })),
  };
}

/** Every source with an API importer. */
export const sources = {
  mailchimp: sourceOf(mailchimp),
  klaviyo: sourceOf(klaviyo),
  iterable: sourceOf(iterable),
};
export type SourceId = keyof typeof sources;
