import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiStream, Checkpoint, PullPlan } from "../../importers/api-importer.ts";
import type { KlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";
import { Landing, pull } from "../importers/landing.ts";
import { connect, startFastSimulator } from "./pull.ts";

let account: KlaviyoSimulator;
let plan: PullPlan;
let whole: Record<string, unknown>;
beforeAll(async () => {
  account = await startFastSimulator({ people: 2000, oddities: true });
  const store = new Landing();
  ({ plan } = await pull(connect(account), store));
  whole = store.contents();
});
afterAll(() => account.close());

/** Reads until so many pages are kept, as a process that is killed then. */
async function readPages(stream: ApiStream, from: Checkpoint | null, store: Landing, pages: number) {
  const controller = new AbortController();
  const source = connect(account, { signal: controller.signal });
  let kept = 0;
  let checkpoint = from;
  let last = false;
  if (pages === 0) return { checkpoint, last };
  for await (const page of source.read(stream, from)) {
    store.take(page);
    // Kept as JSON, as the engine does.
    checkpoint = JSON.parse(JSON.stringify(page.checkpoint));
    last = page.last;
    kept += 1;
    if (kept === pages) break;
  }
  controller.abort();
  return { checkpoint, last };
}

describe("a reading that was killed", () => {
  test("after any page goes on in another process, with no loss and no page read twice", async () => {
    const stream = plan.streams[0]!;
    const pages = Math.ceil(account.profiles().length / 100);
    for (let kept = 0; kept <= pages; kept += 1) {
      const store = new Landing();
      const before = await readPages(stream, null, store, kept);
      const after = await readPages(stream, before.checkpoint, store, Number.POSITIVE_INFINITY);
      expect(after.last).toBe(true);
      expect(store.contents()).toEqual(whole);
      expect([...store.arrivals.values()].every((times) => times === 1)).toBe(true);
    }
  });

  test("after every single page still ends", async () => {
    const store = new Landing();
    let checkpoint: Checkpoint | null = null;
    for (let last = false; !last; ) {
      ({ checkpoint, last } = await readPages(plan.streams[0]!, checkpoint, store, 1));
    }
    expect(store.contents()).toEqual(whole);
  });

  test("goes on in any stream of a delta, with the time from which that delta looks", async () => {
    const delta = JSON.parse(JSON.stringify(await connect(account).plan(plan.mark))) as PullPlan;
    for (const stream of delta.streams) {
      const inOne = new Landing();
      await readPages(stream, null, inOne, Number.POSITIVE_INFINITY);
      const inTwo = new Landing();
      const { checkpoint } = await readPages(stream, null, inTwo, 1);
      await readPages(stream, checkpoint, inTwo, Number.POSITIVE_INFINITY);
      expect(inTwo.contents()).toEqual(inOne.contents());
    }
  });

  test("while profiles come, go and change keeps everybody who was there all the time", async () => {
    const stream = plan.streams[0]!;
    const store = new Landing();
    const there = new Set(account.profiles().map(({ id }) => `profile/${id}`));
    let checkpoint: Checkpoint | null = null;
    let added = 0;
    for (let last = false; !last; added += 1) {
      ({ checkpoint, last } = await readPages(stream, checkpoint, store, 1));
      const victim = account.profiles().find(({ email }) => email !== null && !email.startsWith("new"))!;
      there.delete(`profile/${victim.id}`);
      account.events.remove(victim.email!);
      const place = account.profiles()[added * 97]?.id ?? "01Z";
      account.events.addPerson({
        email: `new${added}@example.com`,
        id: `${place.slice(0, 20)}ZZZZZ${added}`,
      });
    }
    expect([...there].filter((key) => !store.records.has(key))).toEqual([]);
  });
});
