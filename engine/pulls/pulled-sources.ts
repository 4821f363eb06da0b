import type { PulledSource, PullReport } from "../../contract/pulls.ts";
import type { SourceName } from "../../contract/source.ts";
import { isoTime } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { type ApiSource, apiSources } from "./api-sources.ts";
import { streamsOf, toldOf, unfinishedPull } from "./unfinished-pull.ts";

/**
 * When a source was last read to its end. Microseconds since 1970-01-01T00:00:00Z, of the beginnings of the last pulls
 * by their numbers: one begun under a clock set ahead stands for nothing once a later one ended.
 */
interface PullTimes {
  [key: string]: number | null;
  /** Nothing that came later is proven to have been read. */
  pulled_at: number | null;
  full_pulled_at: number | null;
}

export async function pullTimes(store: Store, source: SourceName): Promise<PullTimes> {
  const times = await store.row<PullTimes>(
    `SELECT max_by(started_at, pull_id) AS pulled_at, max_by(started_at, pull_id) FILTER (kind = 'full') AS full_pulled_at
     FROM pull WHERE source = $source AND ended_at IS NOT NULL`,
    { source },
  );
  return times!;
}

/** Every source that is pulled over its API, as screens show it. */
export async function pulledSources(store: Store): Promise<PulledSource[]> {
  const sources: PulledSource[] = [];
  for (const source of await apiSources(store)) sources.push(await describe(store, source));
  return sources;
}

async function describe(store: Store, source: ApiSource): Promise<PulledSource> {
  const times = await pullTimes(store, source.source);
  const last = await store.row<{ report: string }>(
    `SELECT report FROM pull WHERE source = $source AND ended_at IS NOT NULL ORDER BY pull_id DESC LIMIT 1`,
    { source: source.source },
  );
  const time = (at: number | null) => (at === null ? null : isoTime(at));
  return {
    source: source.source,
    account: source.account,
    endpoint: source.endpoint,
    userIdField: source.user_id_field,
    unconfirmed: source.unconfirmed,
    pulledAt: time(times.pulled_at),
    fullPulledAt: time(times.full_pulled_at),
    unfinished: await describeUnfinished(store, source.source),
    last: last ? (JSON.parse(last.report) as PullReport) : null,
    retired:
      source.retired_at === null
        ? null
        : { at: isoTime(source.retired_at), reason: source.retired_reason ?? "" },
  };
}

async function describeUnfinished(store: Store, source: SourceName): Promise<PulledSource["unfinished"]> {
  const begun = await unfinishedPull(store, source);
  if (!begun) return null;
  const streams = (await streamsOf(store, begun.pull_id)).map((stream) => toldOf(stream, stream.received));
  return { kind: begun.kind, startedAt: isoTime(begun.started_at), streams };
}
