import { describe, expect, test } from "vitest";
import { checkProfile } from "./limits.ts";

describe("checking a profile against the published limits", () => {
  test("finds nothing at the limits", () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 299 }, (_, n) => [`a${n}`, "x".repeat(1_000)]),
    );
    expect(
      checkProfile({ id: "ü".repeat(75), attributes: { ...attributes, created_at: 1_700_000_000 } }),
    ).toEqual([]);
  });

  test.each([
    ["an id over 150 bytes", { id: "ü".repeat(76), attributes: {} }, /id takes 152 bytes/],
    ["an attribute name over 150 bytes", { attributes: { ["n".repeat(151)]: 1 } }, /name of attribute/],
    ["a value over 1,000 bytes", { attributes: { note: "語".repeat(334) } }, /"note" takes 1002 bytes/],
    ["a nested value over 1,000 bytes", { attributes: { list: ["x".repeat(999)] } }, /"list" takes/],
    ["milliseconds", { attributes: { created_at: 1_700_000_000_000 } }, /milliseconds/],
    [
      "more than 300 attributes",
      { attributes: Object.fromEntries(Array.from({ length: 301 }, (_, n) => [`a${n}`, n])) },
      /301 attributes/,
    ],
  ])("finds %s", (_, profile, problem) => {
    const problems = checkProfile(profile);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});
