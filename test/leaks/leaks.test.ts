import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { now } from "../../engine/clock.ts";
import { lookForLeaks } from "../../engine/leaks/look.ts";
import { acceptLeak, leaksState } from "../../engine/leaks/stored-leaks.ts";
import type {
  Messaging,
  MessagingState,
  SimulatedNewsletter,
} from "../../simulators/customerio/messaging.ts";
import { quietProgress, TestMigration } from "../delivery/test-migration.ts";
import { sharedMigration } from "./proven-workspace.ts";

const shared = sharedMigration();
let migration: TestMigration;
beforeEach(() => {
  migration = shared();
});

const seconds = () => Math.floor(Date.now() / 1000);

/** The workspace as described, looked at. */
async function proven(said: Partial<Messaging["options"]> & Partial<MessagingState> = {}): Promise<void> {
  const { campaigns, broadcasts, newsletters, ...options } = said;
  const { messaging } = migration.simulator;
  Object.assign(messaging, JSON.parse(JSON.stringify({ campaigns, broadcasts, newsletters })));
  Object.assign(messaging.options, options);
  await look();
}

function look(): Promise<boolean> {
  return lookForLeaks(migration.project, migration.client, migration.simulator.workspace.id, quietProgress);
}

/** Codes and ids of what keeps the gate shut, after another look. */
async function leaks(): Promise<string[]> {
  await look();
  const { leaks } = await leaksState(migration.project);
  return leaks.map(({ id }) => id);
}

describe("a workspace in which nothing sends by itself", () => {
  test("opens with nothing else to do than to read back", async () => {
    await proven();
    expect(await migration.gate()).toMatchObject({ open: true, blockers: [] });
  });

  test.each(["email+id" as const, "email" as const])(
    "opens too where empty lists are null and broadcasts stand among the campaigns (%s)",
    async (identifiers) => {
      const other = await TestMigration.start({
        identifiers,
        emptyListAsNull: true,
        broadcastsAmongCampaigns: true,
      });
      migration = other;
      onTestFinished(() => other.end());
      expect(await look()).toBe(true);
      expect(await leaks()).toEqual([]);
    },
  );

  test("is not taken for one in which nobody has looked", async () => {
    await proven();
    await migration.project.store.run("DELETE FROM leak_look");
    expect(await migration.blockers()).toEqual(["LEAKS_UNREAD"]);
    await look();
    expect(await migration.blockers()).toEqual([]);
  });

  test("has to be looked at again after the freshness limit", async () => {
    await proven();
    const later = await migration.gate(24, () => now() + 25 * 3_600_000_000);
    expect(later.blockers.map(({ code }) => code)).toContain("LEAKS_UNREAD");
  });

  test("has to be looked at again where the clock was set back since", async () => {
    await proven();
    const earlier = await migration.gate(24, () => now() - 3_600_000_000);
    expect(earlier.blockers.map(({ code }) => code)).toContain("LEAKS_UNREAD");
  });

  test("has to be looked at itself: another workspace's look says nothing of it", async () => {
    await proven();
    await migration.project.store.run("UPDATE leak_look SET workspace_id = 7");
    expect(await migration.blockers()).toEqual(["LEAKS_UNREAD"]);
  });
});

describe("the states of a campaign", () => {
  test.each<[string, { state?: string; active?: boolean }, boolean]>([
    ["running", { state: "running", active: true }, true],
    ["running, in capitals", { state: "RUNNING" }, true],
    ["a draft", { state: "draft", active: false }, false],
    ["stopped", { state: "stopped", active: false }, false],
    ["stopped, by an answer that does not say whether it is active", { state: "stopped" }, false],
    ["stopped, and yet active: people in it still get mail", { state: "stopped", active: true }, true],
    ["in a state that nobody foresaw", { state: "winding_down", active: false }, true],
    ["without a state", { active: false }, true],
    ["without anything", {}, true],
  ])("%s", async (_, said, isLeak) => {
    migration.simulator.messaging.campaigns = [{ id: 5, name: "Welcome", ...said }];
    await look();
    expect(await migration.blockers()).toEqual(isLeak ? ["LEAK_CAMPAIGN"] : []);
  });
});

describe("the states of a newsletter", () => {
  const day = 86_400;
  async function showNewsletter(
    told: "send_state" | "sent_at" | "scheduled_at",
    said: Omit<SimulatedNewsletter, "id" | "name">,
  ): Promise<void> {
    const { messaging } = migration.simulator;
    messaging.options.newsletterStates = told;
    messaging.newsletters = [{ id: 3, name: "News", ...said }];
    await look();
  }
  test.each<[string, { send_state?: string; sent_at?: number | null }, boolean]>([
    ["a draft", { send_state: "drafted", sent_at: null }, false],
    ["sent", { send_state: "sent", sent_at: seconds() - 60 }, false],
    ["scheduled", { send_state: "scheduled" }, true],
    ["going out", { send_state: "sending", sent_at: seconds() - 60 }, true],
    ["waiting for the winner of its test", { send_state: "awaiting_winner" }, true],
    ["in a state that nobody foresaw", { send_state: "paused" }, true],
    ["a draft with a time that is still to come", { send_state: "drafted", sent_at: seconds() + day }, true],
  ])("%s", async (_, said, isLeak) => {
    await showNewsletter("send_state", { send_state: "drafted", ...said });
    expect(await migration.blockers()).toEqual(isLeak ? ["LEAK_NEWSLETTER"] : []);
  });

  test.each<[string, number | null, boolean]>([
    ["never sent: it may be scheduled", null, true],
    ["sent a month ago", seconds() - 30 * day, false],
    ["sent yesterday: it may still be going out", seconds() - day, true],
    ["with a time that is still to come", seconds() + day, true],
  ])("by answers that name no state: %s", async (_, sent_at, isLeak) => {
    await showNewsletter("sent_at", { send_state: "not shown", sent_at });
    expect(await migration.blockers()).toEqual(isLeak ? ["LEAK_NEWSLETTER"] : []);
  });

  test.each<[string, number | null, boolean]>([
    ["without a time", null, false],
    ["with a time that is still to come", seconds() + day, true],
    ["with a time that has passed", seconds() - 60, true],
  ])("by answers that name the schedule alone: %s", async (_, scheduled_at, isLeak) => {
    await showNewsletter("scheduled_at", { send_state: "not shown", scheduled_at });
    expect(await migration.blockers()).toEqual(isLeak ? ["LEAK_NEWSLETTER"] : []);
  });
});

describe("an API-triggered broadcast", () => {
  test("that only waits for its trigger is no leak", async () => {
    await proven({ broadcasts: [{ id: 1, name: "Offer", state: "running" }] });
    expect(await migration.blockers()).toEqual([]);
  });

  test("that somebody else triggered is one until its messages are made", async () => {
    await proven();
    const { triggerId } = await migration.client.triggerBroadcast(1, {});
    const trigger = migration.simulator.triggers().find(({ id }) => id === triggerId)!;
    trigger.processedAt = null;
    expect(await leaks()).toEqual(["broadcast:1"]);
    trigger.processedAt = seconds();
    expect(await leaks()).toEqual([]);
  });

  test("in a state that nobody foresaw is one", async () => {
    await proven({ broadcasts: [{ id: 1, name: "Offer", state: "recurring" }] });
    expect(await migration.blockers()).toEqual(["LEAK_BROADCAST"]);
  });
});

describe("a leak", () => {
  beforeEach(async () => {
    await proven({
      campaigns: [{ id: 5, name: "Welcome", state: "running", active: true, first_started: 1_790_000_000 }],
    });
  });

  test("is named in the gate with what it is, since when, and what to do", async () => {
    const { blockers } = await migration.gate();
    expect(blockers).toEqual([
      {
        code: "LEAK_CAMPAIGN",
        message: "Campaign 5 “Welcome”, segment, is running (2026-09-21T14:13:20Z).",
        nextStep: "Stop it in Customer.io and look again, or accept campaign:5 with a reason.",
      },
    ]);
  });

  test("opens the gate once the operator stopped it and we looked again", async () => {
    Object.assign(migration.simulator.messaging.campaigns[0]!, { state: "stopped", active: false });
    expect(await migration.blockers()).toEqual(["LEAK_CAMPAIGN"]);
    expect(await leaks()).toEqual([]);
    expect((await migration.gate()).open).toBe(true);
  });

  test("opens the gate once it is accepted, with the reason on record", async () => {
    await acceptLeak(migration.project, "campaign:5", "only order receipts", "command line");
    expect((await migration.gate()).open).toBe(true);
    const { leaks } = await leaksState(migration.project);
    expect(leaks[0]!.accepted).toMatchObject({ by: "command line", reason: "only order receipts" });
    await migration.reopen();
    await look();
    expect((await migration.gate()).open).toBe(true);
  });

  test.each([
    ["state", { state: "unheard_of" }],
    ["name", { name: "Welcome to everybody" }],
    ["content (by the time of its last change)", { updated: 1_790_000_500 }],
  ])("is asked about again once its %s changed", async (_, change) => {
    await acceptLeak(migration.project, "campaign:5", "only order receipts", "window");
    Object.assign(migration.simulator.messaging.campaigns[0]!, change);
    await look();
    expect(await migration.blockers()).toEqual(["LEAK_CAMPAIGN"]);
  });

  test("is asked about alone: another one that starts later is not accepted with it", async () => {
    await acceptLeak(migration.project, "campaign:5", "only order receipts", "window");
    migration.simulator.messaging.campaigns.push({ id: 6, name: "Win back", state: "running" });
    await look();
    const { blockers } = await migration.gate();
    expect(blockers.map(({ message }) => message)).toEqual([expect.stringContaining("Win back")]);
  });

  test("of another name than the ones found cannot be accepted", async () => {
    await expect(acceptLeak(migration.project, "campaign:6", "why not", "window")).rejects.toMatchObject({
      kind: "bad_input",
      code: "LEAK_UNKNOWN",
    });
  });
});

describe("a look that fails half-way", () => {
  test.each([
    ["a second page that fails", "/v1/newsletters", { status: 500 }],
    ["a second page that is no JSON", "/v1/newsletters", { status: 200, body: "<html></html>" }],
    ["a second page without the list", "/v1/newsletters", { status: 200, body: {} }],
    ["a key that may not see them", "/v1/newsletters", { status: 403 }],
  ])("locks the gate: %s", async (_, path, answer) => {
    await proven({
      mostPerPage: 1,
      newsletters: [1, 2, 3].map((id) => ({ id, name: `News ${id}`, send_state: "sent" })),
    });
    expect(await migration.blockers()).toEqual([]);
    migration.simulator.setFaults((request) =>
      request.path === path && request.query.has("start") ? answer : undefined,
    );
    expect(await look()).toBe(false);
    expect(await migration.blockers()).toEqual(["LEAKS_UNREAD"]);
    migration.simulator.setFaults(undefined);
    await look();
    expect(await migration.blockers()).toEqual([]);
  });

  test.each(["/v1/campaigns", "/v1/broadcasts", "/v1/newsletters", "/v1/broadcasts/1/triggers"])(
    "locks the gate where %s does not answer",
    async (path) => {
      await proven();
      migration.simulator.setFaults((request) => (request.path === path ? { status: 503 } : undefined));
      await look();
      expect(await migration.blockers()).toEqual(["LEAKS_UNREAD"]);
    },
  );

  test("keeps what the look before found", async () => {
    await proven({ campaigns: [{ id: 5, name: "Welcome", state: "running" }] });
    migration.simulator.setFaults(({ path }) => (path === "/v1/campaigns" ? { status: 503 } : undefined));
    await look();
    expect(await migration.blockers()).toEqual(["LEAKS_UNREAD", "LEAK_CAMPAIGN"]);
  });

  test("does not fail the reading back that it ends", async () => {
    await proven();
    migration.simulator.setFaults(({ path }) => (path === "/v1/campaigns" ? { status: 503 } : undefined));
    expect(await migration.verify()).toMatchObject({ missing: 0 });
    expect(await migration.blockers()).toEqual(["LEAKS_UNREAD"]);
  });

  test("ends where pages run in circles", async () => {
    await proven();
    migration.simulator.setFaults(({ path }) =>
      path === "/v1/newsletters" ? { status: 200, body: { newsletters: [], next: "again" } } : undefined,
    );
    expect(await look()).toBe(false);
  });

  test("is cut short by the operator, and counts for nothing", async () => {
    await proven({ campaigns: [{ id: 5, name: "Welcome", state: "draft" }] });
    const before = await leaksState(migration.project);
    const cancelling = {
      ...quietProgress,
      report: async () => {
        throw new Error("cancelled");
      },
    };
    const { id } = migration.simulator.workspace;
    await expect(lookForLeaks(migration.project, migration.client, id, cancelling)).rejects.toThrow(
      "cancelled",
    );
    expect(await leaksState(migration.project)).toEqual(before);
  });
});

test("every page of a long list is read", async () => {
  const newsletters = Array.from({ length: 250 }, (_, index) => ({
    id: index + 1,
    name: `News ${index + 1}`,
    send_state: index === 249 ? "scheduled" : "sent",
  }));
  await proven({ newsletters, mostPerPage: 40 });
  const { leaks } = await leaksState(migration.project);
  expect(leaks).toMatchObject([{ id: "newsletter:250", state: "scheduled", name: "News 250" }]);
});
