import { expect, test } from "vitest";
import { userIdWords, windowWords } from "./window-words.ts";

test("says what the engine asks of the command line as fields of the window", () => {
  expect(windowWords('If that person is meant too, name it as well: --user-id "u-7"')).toBe(
    'If that person is meant too, name it as well: the user ID "u-7"',
  );
  expect(windowWords("Name people with --user-id or --email.")).toBe(
    "Name people with the user ID or the address.",
  );
  expect(windowWords('To go on, give exactly: --confirm "erase 2 people in Acme"')).toBe(
    'To go on, give exactly: "erase 2 people in Acme"',
  );
});

test("says what the engine asks of the command line as buttons and places of the window", () => {
  expect(
    windowWords(
      "Pull klaviyo again and say which field it is, or that there is none (pull --user-id FIELD, or --user-id none).",
    ),
  ).toBe("Pull Klaviyo again and say which field it is, or that there is none.");
  expect(windowWords("Look again: `sendgate leaks`, or read back.")).toBe("Look again, or read back.");
  expect(windowWords("Stop it in Customer.io and look again, or accept campaign:3 with a reason.")).toBe(
    "Stop it in Customer.io and look again, or accept it with a reason.",
  );
  expect(
    windowWords(
      "Put on record what you saw: send --broadcast 12 --was-sent yes or no. It is not sent again.",
    ),
  ).toBe("Put on record what you saw: “It was sent” or “It was not sent”. It is not sent again.");
});

test("says user ID and the vendors' names, and leaves what only looks like them as it is", () => {
  expect(windowWords("It belongs to 2 user_ids (iterable, mailchimp).")).toBe(
    "It belongs to 2 user IDs (Iterable, Mailchimp).",
  );
  for (const same of [
    "user_id=17",
    "--map user_id=COLUMN",
    "ada@klaviyo.com",
    "klaviyo_export.csv",
    "/tmp/iterable/1",
  ]) {
    expect(windowWords(same)).toBe(same);
  }
});

test("changes nothing of what a record holds", () => {
  expect(userIdWords("The value of source is klaviyo for user_id u-7 since 2026-11-23T10:00:00Z.")).toBe(
    "The value of source is klaviyo for user ID u-7 since 2026-11-23T10:00:00Z.",
  );
});
