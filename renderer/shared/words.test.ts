import { expect, it } from "vitest";
import { decisionWords, levelWords, wordsFor } from "./words.ts";

it("says every form of decision in words", () => {
  expect(decisionWords("accept")).toBe("Keep the default");
  expect(decisionWords("none")).toBe("Belongs to nobody");
  expect(decisionWords("primary=ada@example.com")).toBe("Main address: ada@example.com");
  expect(decisionWords("owner=u-1")).toBe("Belongs to u-1");
  expect(decisionWords("value=a=b")).toBe("Value: a=b");
});

it("shows a code that it does not know readably, also one that is a property of every object", () => {
  expect(wordsFor(levelWords, "hard_bounce")).toBe("Hard bounce");
  expect(wordsFor(levelWords, "soft_bounce")).toBe("soft bounce");
  expect(wordsFor(levelWords, "constructor")).toBe("constructor");
});
