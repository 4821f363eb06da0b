import type {
  ApiAccess,
  ApiExport,
  ApiPage,
  ApiRecord,
  ApiStream,
  Checkpoint,
  PullPlan,
} from "../../importers/api-importer.ts";
import { createIterableExport } from "../../importers/iterable/api/importer.ts";
import type { Timing } from "../../importers/iterable/api/timing.ts";
import {
  type IterableSimulatorOptions,
  startIterableSimulator,
} from "../../simulators/iterable/simulator.ts";

/** A minute of a tenth of a second, and impatient, so that troubles that pass are over soon. */
export const fast: Timing = { minuteMs: 100, idleMs: 2_000, retries: 6, retryDelayMs: 1 };

export function startFastSimulator(options: IterableSimulatorOptions = {}) {
  return startIterableSimulator({ minuteMs: fast.minuteMs, ...options });
}

export function connect(
  simulator: { url: string; key: string },
  access: Partial<ApiAccess> = {},
  timing: Partial<Timing> = {},
): ApiExport {
  return createIterableExport(
    {
      key: simulator.key,
      endpoint: simulator.url,
      userIdField: "userId",
      signal: new AbortController().signal,
      ...access,
    },
    { ...fast, ...timing },
  );
}

/** What has been pulled so far, as the engine keeps it: the newest version of each record by its key. */
export class Store {
  readonly records = new Map<string, ApiRecord["record"]>();
  rejections = 0;

  take({ records, rejections }: ApiPage): void {
    for (const { key, record, consentOnly } of records) {
      const earlier = this.records.get(key);
      this.records.set(
        key,
        consentOnly && earlier
          ? { ...record, attributes: earlier.attributes, updatedAt: earlier.updatedAt }
          : record,
      );
    }
    this.rejections += rejections.length;
  }

  /** By key, without the place on the page. */
  contents(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.records].sort().map(([key, { line: _line, ...record }]) => [key, record]),
    );
  }

  /** The levels of everybody with the address or userId, events included. */
  levels(whom: string): string[] {
    const found = [...this.records.values()].filter(({ email, userId }) => email === whom || userId === whom);
    return found.flatMap(({ states }) => states.map(({ level }) => level)).sort();
  }
}

export async function readStream(
  source: ApiExport,
  stream: ApiStream,
  from: Checkpoint | null = null,
): Promise<ApiPage[]> {
  const pages: ApiPage[] = [];
  for await (const page of source.read(stream, from)) pages.push(page);
  if (pages.at(-1)?.last !== true) throw new Error(`${stream.id} ended without proof`);
  return pages;
}

/** Reads all streams of a plan to their end. */
export async function pull(
  source: ApiExport,
  store: Store,
  since: Checkpoint | null = null,
): Promise<{ plan: PullPlan; pages: ApiPage[] }> {
  const plan = await source.plan(since);
  const all: ApiPage[] = [];
  for (const stream of plan.streams) {
    const pages = await readStream(source, stream);
    for (const page of pages) store.take(page);
    all.push(...pages);
  }
  return { plan, pages: all };
}
