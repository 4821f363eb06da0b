import { expect, test } from "vitest";
import { severalAtOnce } from "./several-at-once.ts";

async function* numbers(count: number, taken: number[]) {
  for (let number = 0; number < count; number += 1) {
    taken.push(number);
    yield number;
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("works on all, never on more than allowed at once", async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await severalAtOnce(numbers(20, []), 3, async (number) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turns = number % 4; turns >= 0; turns -= 1) await turn();
    underWay -= 1;
    done.push(number);
  });
  expect(most).toBe(3);
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, number) => number));
});

test("begins nothing more after a failure, waits for what is under way and throws the first one", async () => {
  const taken: number[] = [];
  const ended: number[] = [];
  const working = severalAtOnce(numbers(20, taken), 3, async (number) => {
    if (number === 4) throw new Error("first");
    for (let turns = 5; turns > 0; turns -= 1) await turn();
    ended.push(number);
    if (number === 3) throw new Error("second");
  });
  await expect(working).rejects.toThrow("first");
  expect(ended).toHaveLength(taken.length - 1);
  expect(taken.length).toBeLessThan(8);
});
