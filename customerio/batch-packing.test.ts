import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packBatches } from "./batch-packing.ts";
import type { IdentifyItem } from "./identify-item.ts";

const identifiers = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => ({ id: String(n) })),
  fc
    .tuple(fc.integer({ min: 0, max: 400 }), fc.boolean())
    .map(([n, upper]) => ({ email: upper ? `A${n}@X.COM` : `a${n}@x.com` })),
);
// Up to about 45,000 bytes, with characters of one to four bytes.
const attributes = fc.record({
  note: fc
    .tuple(fc.constantFrom("a", "ß", "語", "🦉"), fc.integer({ min: 0, max: 15_000 }))
    .map(([letter, length]) => letter.repeat(length)),
  unsubscribed: fc.constant(true as const),
});
const items = fc.array(
  fc.tuple(identifiers, attributes).map(
    ([who, what]): IdentifyItem => ({
      type: "person",
      action: "identify",
      identifiers: who,
      attributes: what,
    }),
  ),
  { minLength: 10, maxLength: 120, size: "max" },
);

describe("packing batches", () => {
  test("keeps every item, in order, within all limits, one operation on a person", () => {
    fc.assert(
      fc.property(items, (all) => {
        const results = [...packBatches(all)];
        const batches = results.filter((result) => result.kind === "batch");
        const refused = results.filter((result) => result.kind === "refused");

        const packed = batches.flatMap(({ positions }) => positions);
        expect(packed).toEqual([...packed].sort((a, b) => a - b));
        const positions = [...packed, ...refused.map(({ position }) => position)].sort((a, b) => a - b);
        expect(positions).toEqual(all.map((_, position) => position));

        for (const batch of batches) {
          const body = JSON.stringify({ batch: batch.items });
          expect(batch.bytes).toBe(Buffer.byteLength(body));
          expect(batch.bytes).toBeLessThanOrEqual(480_000);
          expect(batch.items).toEqual(batch.positions.map((position) => all[position]));
          const persons = batch.items.map((item) => JSON.stringify(item.identifiers).toLowerCase());
          expect(new Set(persons).size).toBe(persons.length);
        }
        for (const { position } of refused) {
          expect(Buffer.byteLength(JSON.stringify(all[position]))).toBeGreaterThan(31_000);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("holds at most 1,000 small items in a batch", () => {
    const small = Array.from({ length: 2_500 }, (_, n): IdentifyItem => {
      return { type: "person", action: "identify", identifiers: { id: String(n) }, attributes: {} };
    });
    const sizes = [...packBatches(small)].map((result) => result.kind === "batch" && result.items.length);
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  test("keeps a person apart who is named by id in one item and by address in another", () => {
    const byId: IdentifyItem = {
      type: "person",
      action: "identify",
      identifiers: { id: "1" },
      attributes: { email: "Jo@X.com" },
    };
    const byEmail: IdentifyItem = {
      type: "person",
      action: "identify",
      identifiers: { email: "jo@x.com" },
      attributes: { unsubscribed: true },
    };
    expect([...packBatches([byId, byEmail])]).toHaveLength(2);
  });

  test("says what to do about an item that is too large", () => {
    const large: IdentifyItem = {
      type: "person",
      action: "identify",
      identifiers: { id: "1" },
      attributes: { note: "語".repeat(10_400) },
    };
    const [result] = packBatches([large]);
    expect(result).toMatchObject({ kind: "refused", position: 0 });
    expect(result?.kind === "refused" && result.reason).toMatch(/31000.*shorten/);
  });
});
