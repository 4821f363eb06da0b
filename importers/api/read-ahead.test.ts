import { expect, test } from "vitest";
import { readAhead } from "./read-ahead.ts";

test("keeps one item ahead of the one that is used, never more", async () => {
  let made = 0;
  const items = readAhead(
    (async function* () {
      for (;;) yield ++made;
    })(),
  );
  for (const item of [1, 2, 3]) {
    expect((await items.next()).value).toBe(item);
    await Promise.resolve();
    expect(made).toBe(item + 1);
  }
});

test("hands over everything that came before a failure, and then the failure", async () => {
  const read: number[] = [];
  const reading = async () => {
    const items = (async function* () {
      yield 1;
      yield 2;
      throw new Error("the line is dead");
    })();
    for await (const item of readAhead(items)) read.push(item);
  };
  await expect(reading()).rejects.toThrow("the line is dead");
  expect(read).toEqual([1, 2]);
});

test("stops at once where the reader does, although the next item never comes", async () => {
  const items = (async function* () {
    yield 1;
    await new Promise(() => {});
  })();
  for await (const item of readAhead(items)) {
    expect(item).toBe(1);
    break;
  }
});
