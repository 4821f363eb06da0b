import { describe, expect, test } from "vitest";
import { encodeItem, type IdentifyItem } from "./identify-item.ts";

function itemWith(attributes: Record<string, unknown>): IdentifyItem {
  return { type: "person", action: "identify", identifiers: { id: "7" }, attributes } as IdentifyItem;
}

describe("encoding an item", () => {
  test.each([false, "true", "false", 1, 0, null, ""])("never lets out unsubscribed: %j", (unsubscribed) => {
    expect(() => encodeItem(itemWith({ unsubscribed }))).toThrow(/subscribe somebody/);
  });

  test.each([
    { "cio_subscription_preferences.topics.topic_4": true },
    { cio_subscription_preferences: { topics: { topic_4: false } } },
    { "cio_subscription_preferences.topics": { topic_4: false } },
  ])("never lets out a topic preference that could subscribe: %j", (attributes) => {
    expect(() => encodeItem(itemWith(attributes))).toThrow(/single topics/);
  });

  test("writes opt-outs as JSON", () => {
    const item = itemWith({ unsubscribed: true, "cio_subscription_preferences.topics.topic_4": false });
    expect(JSON.parse(encodeItem(item))).toEqual(item);
  });
});
