import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isSuppressing } from "../../contract/consent.ts";
import { Failure } from "../../contract/failure.ts";
import type { SourceRecord } from "../../contract/source.ts";
import type { Checkpoint } from "../../importers/api-importer.ts";
import type { ApiSource, Known, RunningSource, SharedFault } from "./api-sources.ts";
import { Landing, pull, throughJson } from "./landing.ts";

const hour = 3_600_000;
const mostKills = 30;

/** What the engine relies on, whichever vendor it is. */
export function describeApiImporter(name: string, source: ApiSource): void {
  const { importer } = source;
  let clock: number;
  let vendor: RunningSource;
  beforeEach(async () => {
    clock = Date.UTC(2026, 5, 1, 12);
    vendor = await source.start(300, () => clock);
  });
  afterEach(() => vendor.close());

  describe(`${name}: a full pull`, () => {
    test("brings everybody once, with who they are and whether they may be mailed", async () => {
      const { landing } = await pull(vendor.connect());
      expect(told(knownOf(landing))).toEqual(told(vendor.people()));
      expect(landing.rejections).toEqual([]);
      expect(landing.records.size).toBeGreaterThan(100);
    });

    test("brings the same records under the same keys when it is done again", async () => {
      const { landing } = await pull(vendor.connect());
      const once = landing.contents();
      await pull(vendor.connect(), landing);
      expect(landing.contents()).toEqual(once);
    });

    test("killed after any page goes on in another process, and brings the whole", async () => {
      const { plan, pages, landing: whole } = await pull(vendor.connect());
      expect(pages.length).toBeGreaterThan(10);
      // Every page where there are few, else every second, third, …
      const step = Math.ceil(pages.length / mostKills);
      for (let kill = 1; kill <= pages.length; kill += step) {
        const landing = new Landing();
        let live = vendor.connect();
        let kept = 0;
        for (const stream of plan.streams) {
          let checkpoint: Checkpoint | null = null;
          for (let isRead = false; !isRead; ) {
            for await (const page of live.read(stream, checkpoint)) {
              landing.take(page);
              checkpoint = throughJson(page.checkpoint);
              isRead = page.last;
              kept += 1;
              if (kept === kill) break;
            }
            if (kept === kill) live = vendor.connect();
            else expect(isRead).toBe(true);
          }
        }
        expect(landing.contents(), `killed after page ${kill}`).toEqual(whole.contents());
      }
    });

    test("goes on from a checkpoint at the very end of a stream, and says once more that it is the end", async () => {
      const { plan } = await pull(vendor.connect());
      for (const stream of plan.streams) {
        let checkpoint: Checkpoint | null = null;
        for await (const page of vendor.connect().read(stream, null)) checkpoint = page.checkpoint;
        let last = false;
        for await (const page of vendor.connect().read(stream, throughJson(checkpoint))) last = page.last;
        expect([stream.id, last]).toEqual([stream.id, true]);
      }
    });

    test("loses nobody on a rough way", async () => {
      const calm = (await pull(vendor.connect())).landing.contents();
      vendor.setFaults("rough");
      expect((await pull(vendor.connect({}, { attempts: 15 }))).landing.contents()).toEqual(calm);
    });

    test("keeps or rejects everybody who has neither address nor user_id", async () => {
      const { landing: before } = await pull(vendor.connect());
      vendor.addNobody();
      const { landing } = await pull(vendor.connect());
      expect(landing.records.size + landing.rejections.length).toBe(before.records.size + 1);
      expect(told(knownOf(landing))).toEqual(told(vendor.people()));
    });

    test("brings a field of a megabyte whole", async () => {
      vendor.addLargeField("large@example.com", 1_000_000);
      const { landing } = await pull(vendor.connect());
      const large = [...landing.records.values()].find(({ email }) => email === "large@example.com");
      const lengths = Object.values(large!.attributes).map((value) => String(value).length);
      expect(Math.max(...lengths)).toBe(1_000_000);
    });

    test("takes a word that nobody knows for a no", async () => {
      vendor.events.addPerson({ email: "odd@example.com" });
      vendor.sayUnknownWord("odd@example.com");
      const { landing } = await pull(vendor.connect());
      expect(isSuppressed(landing, "odd@example.com")).toBe(true);
    });
  });

  describe(`${name}: what it declares`, () => {
    test("is what it does", async () => {
      const { plan, pages } = await pull(vendor.connect());
      const { plan: next } = await pull(vendor.connect(), new Landing(), plan.mark);
      expect(plan.kind).toBe("full");
      expect(next.kind).toBe(importer.capabilities.delta ? "delta" : "full");
      expect(pages.some(({ declared }) => declared !== null)).toBe(importer.capabilities.declaredTotals);
      expect(Object.keys(plan.topicNames ?? {}).length > 0).toBe(importer.capabilities.topics);
      expect(plan.notes.length).toBeGreaterThan(0);
      expect(plan.streams.some(({ carriesSuppressions }) => carriesSuppressions)).toBe(true);
    });

    test("streams have names of their own, and no address in them", async () => {
      const { streams } = await vendor.connect().plan(null);
      expect(new Set(streams.map(({ id }) => id)).size).toBe(streams.length);
      expect(JSON.stringify(streams)).not.toContain("@");
    });
  });

  describe(`${name}: pulls after the first`, () => {
    test("know together what one full pull knows, and are deltas", async () => {
      const chain = new Landing();
      let { mark } = (await pull(vendor.connect(), chain)).plan;
      const reachable = knownOf(chain).flatMap(({ email, suppressed }) =>
        email !== null && !suppressed ? email : [],
      );
      const { events } = vendor;
      const days = [
        () => events.unsubscribe(reachable[0]!),
        () => events.hardBounce(reachable[1]!),
        () => events.complain(reachable[2]!),
        () => events.addPerson({ email: "new@example.com" }),
        () => events.resubscribe(reachable[0]!),
        () => events.unsubscribe("new@example.com"),
      ];
      for (const happen of days) {
        clock += 30 * hour;
        happen();
        const { plan } = await pull(vendor.connect(), chain, mark);
        expect(plan.kind).toBe("delta");
        mark = plan.mark;
      }
      const { landing: whole } = await pull(vendor.connect());
      // The event of an opt-out that was taken back since stays where it was read.
      for (const [key, record] of Object.entries(whole.contents()))
        expect({ [key]: chain.contents()[key] }).toEqual({ [key]: record });
      for (const email of ["new@example.com", ...reachable.slice(1, 3)])
        expect([email, isSuppressed(chain, email)]).toEqual([email, true]);
    });

    test("after nothing happened bring nothing new", async () => {
      const { plan, landing } = await pull(vendor.connect());
      const before = landing.contents();
      clock += 48 * hour;
      await pull(vendor.connect(), landing, plan.mark);
      expect(landing.contents()).toEqual(before);
    });
  });

  describe(`${name}: choosing the user_id`, () => {
    test("offers the field that holds it first, counted over a sample, with at most three examples", async () => {
      const candidates = await vendor.connect({ userIdField: null }).userIdCandidates();
      const [best] = candidates;
      const ids = vendor.people().flatMap(({ userId }) => userId?.trim() || []);
      expect(best).toMatchObject({ field: source.userIdField });
      expect(best!.examples.length).toBeGreaterThan(0);
      for (const { sampled, filled, distinct, examples } of candidates) {
        expect(sampled).toBeLessThanOrEqual(vendor.people().length);
        expect(filled).toBeLessThanOrEqual(sampled);
        expect(distinct).toBeLessThanOrEqual(filled);
        expect(examples.length).toBeLessThanOrEqual(3);
      }
      expect(best!.distinct).toBeLessThanOrEqual(new Set(ids).size);
      for (const example of best!.examples) expect(ids).toContain(example);
    });

    test("leaves everybody without one where the operator chose none", async () => {
      const { landing } = await pull(vendor.connect({ userIdField: null }));
      expect([...landing.records.values()].flatMap(({ userId }) => userId ?? [])).toEqual([]);
    });
  });

  describe(`${name}: a failure`, () => {
    test("tells a key that is wrong, before anything is read", async () => {
      for (const call of ["probe", "plan", "userIdCandidates"] as const) {
        const wrong = vendor.connect({ key: `0000${vendor.key.slice(4)}` });
        expect(await failureOf(wrong[call](null))).toMatchObject({
          kind: "bad_input",
          code: expect.stringMatching(/KEY_REFUSED$/),
          nextStep: expect.stringMatching(/key/i),
        });
      }
    });

    test("tells a key that is revoked or expires while it is used", async () => {
      const live = vendor.connect();
      const { streams } = await live.plan(null);
      vendor.setFaults(() => ({ status: 401, body: {} }));
      const reading = async () => {
        for (const stream of streams) for await (const _ of live.read(stream, null));
      };
      expect(await failureOf(reading())).toMatchObject({
        kind: "bad_input",
        code: expect.stringMatching(/KEY_REFUSED$/),
      });
    });

    test("holds neither the key nor an address, however deep one looks", async () => {
      const secret = "someone.private@example.com";
      const detail = `${secret} with ${vendor.key} may not`;
      const body = { title: secret, code: secret, msg: detail, detail, errors: [{ code: secret, detail }] };
      const faults: SharedFault[] = [
        ...[400, 401, 403, 404, 409, 500, 200].map((status) => ({ status, body })),
        { status: 200, body: `<html>${detail}</html>` },
        { status: 503, body: detail },
        "reset",
        "truncate",
        "hang",
      ];
      const seen: string[] = [];
      for (const fault of faults) {
        const stop = new AbortController();
        const live = vendor.connect({ signal: stop.signal });
        vendor.setFaults(() => fault);
        // Whoever is still patient after a while is stopped: what matters is what it would say.
        const timer = setTimeout(() => stop.abort(new Error("patient")), 2_000);
        const error = await live.probe().then(
          () => null,
          (reason: unknown) => reason,
        );
        clearTimeout(timer);
        const shown = inspect(error, { depth: 20, showHidden: true, getters: true });
        expect(shown).not.toContain("someone.private");
        expect(shown).not.toContain(vendor.key);
        expect(shown).not.toContain(Buffer.from(`user:${vendor.key}`).toString("base64").slice(0, 12));
        if (error instanceof Failure) seen.push(error.code);
      }
      expect(seen.length).toBeGreaterThan(5);
    });

    test("comes for a user_id field that nobody has or can have, or nobody gets one from it", async () => {
      const reading = async () => {
        const live = vendor.connect({ userIdField: source.unknownUserIdField });
        return [...(await pull(live)).landing.records.values()].flatMap(({ userId }) => userId ?? []);
      };
      const outcome = await reading().catch((error: unknown) => error);
      if (outcome instanceof Failure) expect(outcome.code).toBe("USER_ID_FIELD_UNKNOWN");
      else expect(outcome).toEqual([]);
    });

    test("comes for an endpoint that is not on this computer", () => {
      const connect = () => vendor.connect({ endpoint: "http://vendor.example" });
      expect(connect).toThrow(expect.objectContaining({ code: "ENDPOINT_NOT_ALLOWED" }));
    });
  });

  test(`${name}: stopping ends what is under way and what waits, with the reason given`, async () => {
    for (const fault of ["hang", { status: 429 }] as const) {
      const stop = new AbortController();
      const reason = new Error("stopped by the operator");
      const before = vendor.requestCount();
      vendor.setFaults(() => fault);
      const planning = vendor.connect({ signal: stop.signal }).plan(null);
      const watch = setInterval(() => vendor.requestCount() > before && stop.abort(reason), 2);
      await expect(planning).rejects.toBe(reason);
      clearInterval(watch);
    }
  });
}

/** Everybody as a pull has them: the profiles alone, since events say nothing of who is there. */
function knownOf(landing: Landing): Known[] {
  return [...landing.records.values()]
    .filter(({ kind }) => kind === "profile")
    .map(({ email, userId, states }) => ({
      email: email || null,
      userId: userId || null,
      suppressed: states.some(({ level }) => isSuppressing(level)),
    }));
}

/** In an order of its own, for comparing. */
function told(people: Known[]): string[] {
  return people
    .map(({ email, userId, suppressed }) => `${email?.toLowerCase()} ${userId} ${suppressed}`)
    .sort();
}

function isSuppressed(landing: Landing, email: string): boolean {
  const about = ({ email: other }: SourceRecord) => other?.toLowerCase() === email.toLowerCase();
  return [...landing.records.values()]
    .filter(about)
    .some(({ states }) => states.some(({ level }) => isSuppressing(level)));
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}
