import { expect, test } from "vitest";
import { createWorld } from "../world/world.ts";
import { startMailchimpSimulator } from "./simulator.ts";

test("a write is refused, recorded, and fails the close", async () => {
  const simulator = await startMailchimpSimulator({ world: createWorld({ people: 20, seed: 1 }) });
  const [audience] = simulator.account.audiences;
  const [member] = audience!.members();
  const answer = await fetch(`${simulator.url}/3.0/lists/${audience!.id}/members/${member!.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${simulator.key}` },
  });
  expect(answer.status).toBe(405);
  expect(audience!.member(member!.id)).toBe(member);
  expect(simulator.writes()).toHaveLength(1);
  await expect(simulator.close()).rejects.toThrow("DELETE");
});

test("without a count there are ten, without a key nothing, and above ten connections a 429", async () => {
  const simulator = await startMailchimpSimulator({
    world: createWorld({ people: 100, seed: 1 }),
    latencyMs: 50,
  });
  const members = `${simulator.url}/3.0/lists/${simulator.account.audiences[0]!.id}/members`;
  const headers = { authorization: `Basic ${Buffer.from(`x:${simulator.key}`).toString("base64")}` };
  const page = (await (await fetch(members, { headers })).json()) as {
    members: unknown[];
    total_items: number;
  };
  expect(page.members).toHaveLength(10);
  expect(page.total_items).toBeGreaterThan(10);
  expect((await fetch(members)).status).toBe(401);
  const together = await Promise.all(Array.from({ length: 11 }, () => fetch(members, { headers })));
  expect(together.filter(({ status }) => status === 429)).toHaveLength(1);
  await simulator.close();
});

test("the same seed gives the same account", async () => {
  const tell = async () => {
    const simulator = await startMailchimpSimulator({ world: createWorld({ people: 300, seed: 7 }) });
    const { audiences, campaigns } = simulator.account;
    await simulator.close();
    return JSON.stringify([audiences.map((audience) => [audience.id, ...audience.members()]), campaigns]);
  };
  expect(await tell()).toBe(await tell());
});

test("the invented company has people of every status", async () => {
  const simulator = await startMailchimpSimulator({ world: createWorld({ people: 2000, seed: 7 }) });
  const statuses = simulator.account.audiences.flatMap((audience) =>
    [...audience.members()].map(({ status }) => status),
  );
  expect([...new Set(statuses)].sort()).toEqual(
    ["archived", "cleaned", "pending", "subscribed", "transactional", "unsubscribed"].sort(),
  );
  await simulator.close();
});
