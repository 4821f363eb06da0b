import { expect, test } from "vitest";
import { windowWords } from "./window-words.ts";

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
