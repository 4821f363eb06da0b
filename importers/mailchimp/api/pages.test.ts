import fc from "fast-check";
import { expect, test } from "vitest";
import { type PagedList, type Position, readPages } from "./pages.ts";

const second = 1_000_000;
interface Row {
  id: string;
  /** Seconds. */
  time: number;
}

/** A list at the vendor, sorted by time, that may change before every answer. */
function listOf(
  rows: Row[],
  options: {
    pageSize: number;
    inclusive?: boolean;
    beforeAnswer?: (call: number) => void;
    shuffleTies?: boolean;
  },
): PagedList & { calls: number } {
  const list = {
    what: "the rows",
    pageSize: options.pageSize,
    since: null,
    calls: 0,
    keyOf: (row: unknown) => (row as Row).id,
    timeOf: (row: unknown) => (row as Row).time * second,
    async fetch({ since, offset, count }: { since: number | null; offset: number; count: number }) {
      list.calls += 1;
      options.beforeAnswer?.(list.calls);
      const salt = list.calls * 7919;
      const tie = (row: Row) => (options.shuffleTies ? (Number(row.id) * salt) % 1009 : Number(row.id));
      const inOrder = [...rows].sort((a, b) => a.time - b.time || tie(a) - tie(b));
      const from = since === null ? Number.NEGATIVE_INFINITY : since / second;
      const found = inOrder.filter(({ time }) => (options.inclusive ? time >= from : time > from));
      return { rows: found.slice(offset, offset + count), total: found.length, raw: "" };
    },
  };
  return list;
}

async function readIds(list: PagedList, from: Position | null = null): Promise<Set<string>> {
  const ids = new Set<string>();
  let ended = false;
  for await (const { rows, last } of readPages(list, from)) {
    for (const row of rows) ids.add(list.keyOf(row));
    ended = last;
  }
  expect(ended).toBe(true);
  return ids;
}

const crowd = fc
  .array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 })
  .map((times) => times.map((time, index): Row => ({ id: String(index), time })));

test("whoever stays in the list is read, however many leave it between the answers", async () => {
  await fc.assert(
    fc.asyncProperty(
      crowd,
      fc.boolean(),
      fc.integer({ min: 2, max: 7 }),
      fc.array(fc.nat({ max: 59 }), { maxLength: 20 }),
      async (rows, inclusive, pageSize, leavers) => {
        const present = [...rows];
        const leaving = [...leavers];
        const list = listOf(present, {
          pageSize,
          inclusive,
          beforeAnswer: (call) => {
            for (const id of call > 1 ? leaving.splice(0, 3) : []) {
              const place = present.findIndex((row) => row.id === String(id));
              if (place !== -1) present.splice(place, 1);
            }
          },
        });
        const ids = await readIds(list);
        for (const { id } of present) expect(ids).toContain(id);
      },
    ),
    { numRuns: 400 },
  );
});

test("whoever changes in a list without an upper bound moves to its end and is read there", async () => {
  await fc.assert(
    fc.asyncProperty(
      crowd,
      fc.boolean(),
      fc.integer({ min: 2, max: 7 }),
      fc.array(fc.nat({ max: 59 }), { maxLength: 20 }),
      async (rows, inclusive, pageSize, changes) => {
        const present = rows.map((row) => ({ ...row }));
        const changing = [...changes];
        let clock = 100;
        const list = listOf(present, {
          pageSize,
          inclusive,
          beforeAnswer: (call) => {
            const row = call > 1 ? present.find(({ id }) => id === String(changing.shift())) : undefined;
            if (row) row.time = clock++;
          },
        });
        const read = new Map<string, number>();
        for await (const page of readPages(list, null))
          for (const row of page.rows as Row[]) read.set(row.id, row.time);
        expect([...read.keys()].sort()).toEqual(present.map(({ id }) => id).sort());
      },
    ),
    { numRuns: 400 },
  );
});

test("equal times in another order at every answer are read until all are there", async () => {
  const rows = Array.from({ length: 40 }, (_, id) => ({ id: String(id), time: id < 30 ? 5 : 6 }));
  const ids = await readIds(listOf(rows, { pageSize: 6, shuffleTies: true }));
  expect(ids.size).toBe(40);
});

test("stopped after any page, the rest is read from that page's position, not from the beginning", async () => {
  await fc.assert(
    fc.asyncProperty(
      crowd,
      fc.boolean(),
      fc.integer({ min: 2, max: 7 }),
      async (rows, inclusive, pageSize) => {
        const all = new Set(rows.map(({ id }) => id));
        const stops: { ids: string[]; position: Position }[] = [];
        const soFar: string[] = [];
        for await (const { rows: page, position } of readPages(listOf(rows, { pageSize, inclusive }), null)) {
          soFar.push(...(page as Row[]).map(({ id }) => id));
          stops.push({ ids: [...soFar], position });
        }
        for (const { ids, position } of stops) {
          const rest = await readIds(
            listOf(rows, { pageSize, inclusive }),
            JSON.parse(JSON.stringify(position)),
          );
          expect(new Set([...ids, ...rest])).toEqual(all);
        }
      },
    ),
    { numRuns: 150 },
  );
  const spread = Array.from({ length: 300 }, (_, id) => ({ id: String(id), time: id * 10 }));
  const list = listOf(spread, { pageSize: 10 });
  await readIds(list, { since: 2900 * second, declared: 300 });
  expect(list.calls).toBeLessThan(5);
});

test("offsets stay small in a long list whose times differ", async () => {
  const rows = Array.from({ length: 2000 }, (_, id) => ({ id: String(id), time: id }));
  const list = listOf(rows, { pageSize: 5 });
  let largest = 0;
  const watched: PagedList = {
    ...list,
    fetch: (request) => {
      largest = Math.max(largest, request.offset);
      return list.fetch(request);
    },
  };
  expect((await readIds(watched)).size).toBe(2000);
  expect(largest).toBeLessThanOrEqual(500);
});

test("windows lose nobody either, however many leave and wherever the reading was stopped", async () => {
  const times = fc.array(fc.integer({ min: 0, max: 180 }), { minLength: 400, maxLength: 640 });
  await fc.assert(
    fc.asyncProperty(
      times,
      fc.boolean(),
      fc.nat({ max: 400 }),
      fc.nat({ max: 3 }),
      async (all, inclusive, stop, pace) => {
        const present = all.map((time, index): Row => ({ id: String(index), time }));
        const options = {
          pageSize: 3,
          inclusive,
          beforeAnswer: (call: number) =>
            void (call % (pace + 2) === 0 && present.splice((call * 31) % 120, 3)),
        };
        const ids = new Set<string>();
        let position: Position | null = null;
        let pages = 0;
        for (let ended = false; !ended; ) {
          for await (const page of readPages(listOf(present, options), position)) {
            for (const row of page.rows as Row[]) ids.add(row.id);
            ({ position, last: ended } = page);
            pages += 1;
            if (pages === stop) break;
          }
        }
        for (const { id } of present) expect(ids).toContain(id);
      },
    ),
    { numRuns: 60 },
  );
});

test("no window begins behind equal times that came in another order each time", async () => {
  const rows = Array.from({ length: 600 }, (_, id) => ({ id: String(id), time: id < 160 ? 5 : id }));
  for (const pageSize of [2, 3]) {
    const ids = await readIds(listOf(rows, { pageSize, shuffleTies: true }));
    expect(ids.size).toBe(600);
  }
});

test("a page that comes shorter than asked for costs nobody", async () => {
  const rows = Array.from({ length: 60 }, (_, id) => ({ id: String(id), time: id }));
  const list = listOf(rows, { pageSize: 20 });
  const capped: PagedList = {
    ...list,
    fetch: ({ since, offset, count }) => list.fetch({ since, offset, count: Math.min(7, count) }),
  };
  expect((await readIds(capped)).size).toBe(60);
});

test("rows that are counted but never handed out fail, and are never called complete", async () => {
  const rows = Array.from({ length: 20 }, (_, id) => ({ id: String(id), time: id }));
  const list = listOf(rows, { pageSize: 6 });
  const hiding: PagedList = {
    ...list,
    fetch: async (request) => {
      const stretch = await list.fetch(request);
      return { ...stretch, rows: stretch.rows.filter((row) => (row as Row).id !== "13") };
    },
  };
  await expect(readIds(hiding)).rejects.toMatchObject({ code: "MAILCHIMP_ROWS_MISSING" });
});

test("the declared number is that of the whole list at the end, also after a resume", async () => {
  const rows = Array.from({ length: 30 }, (_, id) => ({ id: String(id), time: id * 10 }));
  const list = listOf(rows, { pageSize: 7 });
  const positions: Position[] = [];
  for await (const { position } of readPages(list, null)) positions.push(position);
  const declared: number[] = [];
  for await (const page of readPages(list, positions[1]!)) declared.push(page.declared);
  expect(declared.at(-1)).toBe(30);
});
