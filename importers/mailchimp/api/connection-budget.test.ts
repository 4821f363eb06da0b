import { expect, test } from "vitest";
import { createConnectionBudget } from "./connection-budget.ts";

const signal = new AbortController().signal;

/** How many of twenty calls that nobody answers are under way. */
async function underWayIn(budget: ReturnType<typeof createConnectionBudget>): Promise<number> {
  let underWay = 0;
  for (let call = 0; call < 20; call += 1) {
    void budget.run(() => {
      underWay += 1;
      return new Promise(() => {});
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  return underWay;
}

function createBudget(outcomes: string) {
  const budget = createConnectionBudget({ connections: 8, firstWaitMs: 1, signal });
  for (const outcome of outcomes) outcome === "+" ? budget.admitted() : budget.refused(null);
  return budget;
}

test("begins with a few connections, and has all of its own after some calls that went well", async () => {
  expect(await underWayIn(createBudget(""))).toBe(4);
  expect(await underWayIn(createBudget("+".repeat(8)))).toBe(5);
  expect(await underWayIn(createBudget("+".repeat(1000)))).toBe(8);
});

test("a refused call takes a connection away, which is tried again only after hundreds that went well", async () => {
  expect(await underWayIn(createBudget("--"))).toBe(2);
  expect(await underWayIn(createBudget(`--${"+".repeat(399)}`))).toBe(2);
  expect(await underWayIn(createBudget(`--${"+".repeat(400)}`))).toBe(3);
  expect(await underWayIn(createBudget("-".repeat(20)))).toBe(1);
});
