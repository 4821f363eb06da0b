import { describe, expect, test } from "vitest";
import type { DestinationProfile } from "../../customerio/client.ts";
import type { IdentifyItem, ProfileAttributes } from "../../customerio/identify-item.ts";
import { compareProfile } from "./written-profile.ts";

function written(attributes: ProfileAttributes): IdentifyItem {
  return {
    type: "person",
    action: "identify",
    identifiers: { id: "1" },
    attributes: { sendgate_source: "csv", ...attributes },
  };
}

function read(
  attributes: Record<string, string>,
  more: Partial<DestinationProfile> = {},
): DestinationProfile {
  return {
    id: "1",
    email: null,
    cioId: "a1",
    unsubscribed: false,
    attributes: { sendgate_source: "csv", ...attributes },
    ...more,
  };
}

const differing = (attributes: ProfileAttributes, there: Record<string, string>) =>
  compareProfile(written(attributes), [read(there)]).differing;

describe("a written profile and what was read back", () => {
  test.each([
    [41, "41"],
    [41, "41.0"],
    [1_700_000_000, "1.7e+09"],
    [true, "True"],
    [false, "false"],
    [null, ""],
    ["", undefined],
    [["a", "b"], '["a", "b"]'],
    [{ zip: "3011", city: { name: "Bern" } }, '{"city":{"name":"Bern"},"zip":"3011"}'],
  ])("are the same where %j is shown as %j", (value, shown) => {
    expect(differing({ it: value as never }, shown === undefined ? {} : { it: shown })).toEqual([]);
  });

  test.each([
    ["41", "41.0"],
    [41, "42"],
    [true, "yes"],
    [{ zip: "3011" }, "[object Object]"],
    ["Bern", undefined],
  ])("differ where %j is shown as %j", (value, shown) => {
    expect(differing({ it: value as never }, shown === undefined ? {} : { it: shown })).toEqual(["it"]);
  });

  test("an address in other letters is the same address", () => {
    const there = read({}, { email: "Jo@X.com" });
    expect(compareProfile(written({ email: "jo@x.com" }), [there]).trouble).toBeNull();
  });

  test("a suppressed person's write did not arrive where only the mark of the suppression is there", () => {
    const item = written({ unsubscribed: true, sendgate_level: "complaint", city: "Bern", note: "" });
    const there = read({ sendgate_level: "complaint" }, { unsubscribed: true });
    expect(compareProfile(item, [there]).trouble).toBe("not_written");
  });

  test("a suppressed person counts as subscribed where one of several profiles is", () => {
    const safe = read({}, { unsubscribed: true });
    expect(compareProfile(written({ unsubscribed: true }), [safe, read({})]).trouble).toBe("subscribed");
  });
});
