import fc from "fast-check";
import { expect, test } from "vitest";
import { histories, liveHistory } from "./random-history.ts";

test("a chain of deltas equals one full pull, whatever happens to people, clocks and the process", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      expect(await liveHistory(history)).toEqual({ lost: [], duplicated: [] });
    }),
    { numRuns: 60 },
  );
});
