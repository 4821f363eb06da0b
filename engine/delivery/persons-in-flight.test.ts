import fc from "fast-check";
import { expect, test } from "vitest";
import { PersonsInFlight } from "./persons-in-flight.ts";

const batches = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 6 }).map(String), { minLength: 1 }), {
  maxLength: 15,
});

test("no person is in two batches at once, and each one's batches keep their order", async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.infiniteStream(fc.integer({ min: 0, max: 4 })), async (all, turns) => {
      const inFlight = new Map<string, number>();
      const seen = new Map<string, number[]>();
      let mostAtOnce = 0;
      const persons = new PersonsInFlight();
      const sending = all.map((named, index) =>
        persons
          .run(new Set(named), async () => {
            for (const person of named) {
              const count = (inFlight.get(person) ?? 0) + 1;
              mostAtOnce = Math.max(mostAtOnce, count);
              inFlight.set(person, count);
              seen.set(person, [...(seen.get(person) ?? []), index]);
            }
            for (let turn = turns.next().value; turn > 0; turn -= 1) await Promise.resolve();
            for (const person of named) inFlight.set(person, inFlight.get(person)! - 1);
            if (index % 4 === 3) throw new Error("trouble");
          })
          .catch(() => undefined),
      );
      await Promise.all(sending);
      expect(mostAtOnce).toBeLessThanOrEqual(1);
      for (const order of seen.values()) expect(order).toEqual([...order].sort((a, b) => a - b));
      expect([...seen.values()].flat()).toHaveLength(all.flat().length);
    }),
  );
});

test("batches without a person in common go together", async () => {
  const persons = new PersonsInFlight();
  let release = () => {};
  const first = persons.run(
    new Set(["a"]),
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  expect(await persons.run(new Set(["b"]), async () => "sent")).toBe("sent");
  release();
  await first;
});
