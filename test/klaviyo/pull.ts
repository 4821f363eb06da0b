import type {
  ApiAccess,
  ApiExport,
  ApiPage,
  ApiRecord,
  Checkpoint,
  PullPlan,
} from "../../importers/api-importer.ts";
import { createKlaviyoApiImporter } from "../../importers/klaviyo/api/importer.ts";
import { type KlaviyoSimulatorOptions, startKlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";

/** More than any test asks for, so that none waits for its turn. */
const unlimited = { burst: 1_000_000, steady: 10_000_000 };
export const fastTiers = { accounts: unlimited, lists: unlimited, profiles: unlimited };
/** Impatient, so that troubles that pass are over soon. */
export const impatient = { timeoutMs: 2_000, retries: 6, retryDelayMs: 1 };

export function startFastSimulator(options: KlaviyoSimulatorOptions = {}) {
  return startKlaviyoSimulator({ tiers: fastTiers, ...options });
}

export function connect(
  simulator: { url: string; key: string },
  access: Partial<ApiAccess> = {},
  settings: Parameters<typeof createKlaviyoApiImporter>[0] = {},
): ApiExport {
  return createKlaviyoApiImporter({ ...impatient, ...settings }).connect({
    key: simulator.key,
    endpoint: simulator.url,
    userIdField: "external_id",
    signal: new AbortController().signal,
    ...access,
  });
}

/** What has been pulled so far, as the engine keeps it: the newest version of each record by its key. */
export class Store {
  readonly records = new Map<string, ApiRecord["record"]>();
  /** Every time a record came, by key. */
  readonly arrivals = new Map<string, number>();
  rejections = 0;

  take({ records, rejections }: ApiPage): void {
    for (const { key, record, consentOnly } of records) {
      const earlier = this.records.get(key);
      this.arrivals.set(key, (this.arrivals.get(key) ?? 0) + 1);
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
}

/** Reads all streams of a plan to their end; says so where one has no proof of it. */
export async function pull(
  source: ApiExport,
  store: Store,
  since: Checkpoint | null = null,
): Promise<{ plan: PullPlan; pages: ApiPage[] }> {
  const plan = await source.plan(since);
  const all: ApiPage[] = [];
  for (const stream of plan.streams) {
    let complete = false;
    for await (const page of source.read(stream, null)) {
      store.take(page);
      all.push(page);
      complete = page.last;
    }
    if (!complete) throw new Error(`${stream.id} ended without proof`);
  }
  return { plan, pages: all };
}
