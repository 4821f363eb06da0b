import { expect, it } from "vitest";
import { decisionWords, levelWords, subjectWords, topicWords, wordsFor } from "./words.ts";

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

it("says topics and people without the engine’s prefixes", () => {
  expect(topicWords("message_type:52003")).toBe("Message type 52003");
  expect(topicWords("list:Weekly news")).toBe("List Weekly news");
  expect(topicWords("Group: Travel")).toBe("Group: Travel");
  expect(subjectWords("id:u-7")).toBe("u-7");
  expect(subjectWords("email:ada@example.com")).toBe("ada@example.com");
});
