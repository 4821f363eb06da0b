import type { RejectedRow, SourceRecord } from "../../contract/source.ts";
import type { ApiExport, ApiPage, ApiStream, Checkpoint, PullPlan } from "../../importers/api-importer.ts";

/** What has been pulled so far, as the engine keeps it: the newest version of each record by its key. */
export class Landing {
  readonly records = new Map<string, SourceRecord>();
  /** How often each record came, by key. */
  readonly arrivals = new Map<string, number>();
  readonly rejections: RejectedRow[] = [];

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
    this.rejections.push(...rejections);
  }

  /** By key, without the place on the page. */
  contents(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.records].sort().map(([key, { line: _line, ...record }]) => [key, record]),
    );
  }
}

/** As a database gives it back. */
export function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The pages of one stream to its end. @throws Error where nothing proves that it is the end */
export async function readStream(
  source: ApiExport,
  stream: ApiStream,
  from: Checkpoint | null = null,
): Promise<ApiPage[]> {
  const pages: ApiPage[] = [];
  for await (const page of source.read(stream, from)) pages.push(page);
  if (from === null) requireProof(stream, pages);
  else if (pages.at(-1)?.last !== true) throw new Error(`${stream.id} ended without proof`);
  return pages;
}

/** @throws Error unless the pages, together, are proven to be the whole stream */
export function requireProof(stream: ApiStream, pages: readonly ApiPage[]): void {
  const end = pages.at(-1);
  const keys = new Set(pages.flatMap(({ records }) => records.map(({ key }) => key)));
  const rejected = pages.reduce((sum, { rejections }) => sum + rejections.length, 0);
  if (end?.last !== true) throw new Error(`${stream.id} ended without proof`);
  if (keys.size + rejected < (end.declared ?? 0))
    throw new Error(`${stream.id} has ${keys.size} entries and ${rejected} rejected of ${end.declared}`);
}

/** Reads all streams of a plan to their end, as the engine does. */
export async function pull(
  source: ApiExport,
  landing = new Landing(),
  since: Checkpoint | null = null,
): Promise<{ plan: PullPlan; pages: ApiPage[]; landing: Landing }> {
  const plan = throughJson(await source.plan(since));
  const all: ApiPage[] = [];
  for (const stream of plan.streams) {
    const pages = await readStream(source, stream);
    for (const page of pages) landing.take(page);
    all.push(...pages);
  }
  return { plan, pages: all, landing };
}
