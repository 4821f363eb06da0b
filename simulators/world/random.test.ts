import { describe, expect, test } from "vitest";
import { createRandom, hashHex } from "./random.ts";

describe("the generator of invented numbers", () => {
  test("gives the same sequence for the same keys on every machine", () => {
    // Worked out by a second implementation in another language.
    const random = createRandom(7, "person", 3);
    expect([random.integer(0, 999), random.integer(0, 999), random.integer(0, 999)]).toEqual([395, 940, 679]);
    expect(hashHex(10, "audience", 7)).toBe("e7d861d681");
  });

  test("gives unrelated sequences for neighbouring keys", () => {
    const firsts = Array.from({ length: 1000 }, (_, index) => createRandom(1, index).fraction());
    expect(new Set(firsts).size).toBe(1000);
    const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });

  test("reaches both ends of a range and nothing outside", () => {
    const random = createRandom("range");
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });

  test("shuffles without losing or doubling anything", () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const shuffled = createRandom("cards").shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((one, other) => one - other)).toEqual(items);
  });
});
