import { expect, test } from "vitest";
import { type MemberReading, readMember } from "./member-record.ts";

const reading: MemberReading = {
  listId: "a000000001",
  asked: "subscribed",
  userIdTag: null,
  attributeNames: new Map(),
};

/** ISO 8601 for the times that a member's record has; null where it has none. */
function updatedAtOf(member: Record<string, unknown>): string | null {
  const read = readMember({ id: "1", email_address: "a@example.com", ...member }, 1, reading);
  if (!("key" in read)) throw new Error(read.reason);
  const { updatedAt } = read.record;
  return updatedAt === null ? null : new Date(updatedAt / 1000).toISOString();
}

test.each([
  ["2026-04-05T06:07:08+00:00", "2026-04-05T06:07:08.000Z"],
  ["2026-04-05T06:07:08Z", "2026-04-05T06:07:08.000Z"],
  ["2026-04-05T06:07:08.250-05:00", "2026-04-05T11:07:08.250Z"],
  ["2026-04-05 06:07:08", "2026-04-05T06:07:08.000Z"],
  ["2026-04-05", "2026-04-05T00:00:00.000Z"],
])("a change at %s is at %s", (written, time) => {
  expect(updatedAtOf({ last_changed: written })).toBe(time);
});

test.each(["", null, undefined, "soon", {}])("a change at %j was when the member opted in", (written) => {
  const member = { last_changed: written, timestamp_opt: "2024-01-02T03:04:05+00:00", timestamp_signup: "" };
  expect(updatedAtOf(member)).toBe("2024-01-02T03:04:05.000Z");
  expect(updatedAtOf({ last_changed: written, timestamp_opt: "" })).toBeNull();
});

test("a status that came otherwise than asked for counts as it came, an unknown one as a no", () => {
  const levelOf = (status: unknown) => {
    const read = readMember({ id: "1", email_address: "a@example.com", status }, 1, reading);
    return "key" in read ? read.record.states[0]!.level : read.reason;
  };
  expect(levelOf("unsubscribed")).toBe("unsubscribed_all");
  expect(levelOf("quarantined")).toBe("manual");
  expect(levelOf("constructor")).toBe("manual");
  // Left out of the answer, it is the one that was asked for.
  expect(levelOf(undefined)).toBe("implied");
});
