import { consentLevels } from "../../contract/consent.ts";
import { sourceNames } from "../../contract/source.ts";
import type { SyncRun } from "../../contract/sync.ts";
import { formatNumber } from "../shared/format.ts";
import { levelWords, sourceTitles, wordsFor } from "../shared/words.ts";

type Added = SyncRun["added"][number];

/** One reason of one run's bar: addresses, and how many lie under it. */
interface Segment {
  level: string;
  addresses: number;
  below: number;
}

/** The bars of one source over all runs, oldest run first. */
export interface Panel {
  source: string;
  total: number;
  bars: Segment[][];
}

export interface AdditionsChart {
  /** Oldest first. */
  runs: SyncRun[];
  /** A panel for each source that brought something; an address that two sources name stands in both. */
  panels: Panel[];
  /** The reasons that occur, strongest last. */
  levels: string[];
  /** What the scale goes up to, the same for all panels: no less than the highest bar. */
  top: number;
}

/** What the chart of new suppressions shows. Runs come newest first, as the engine lists them. */
export function additionsChart(newestFirst: SyncRun[]): AdditionsChart {
  const runs = [...newestFirst].reverse();
  const all = runs.flatMap(({ added }) => added).filter(({ addresses }) => addresses > 0);
  const levels = inOrder(
    all.map(({ level }) => level),
    [...consentLevels].reverse(),
  );
  const panels = inOrder(
    all.map(({ source }) => source),
    sourceNames,
  ).map((source) => {
    const bars = runs.map(({ added }) =>
      stack(
        added.filter((entry) => entry.source === source),
        levels,
      ),
    );
    return { source, total: bars.reduce((sum, bar) => sum + heightOf(bar), 0), bars };
  });
  const highest = Math.max(0, ...panels.flatMap(({ bars }) => bars.map(heightOf)));
  return { runs, panels, levels, top: roundTop(highest) };
}

function stack(added: Added[], levels: string[]): Segment[] {
  let below = 0;
  return levels.flatMap((level) => {
    const addresses = added.reduce((sum, entry) => sum + (entry.level === level ? entry.addresses : 0), 0);
    if (addresses === 0) return [];
    const segment = { level, addresses, below };
    below += addresses;
    return [segment];
  });
}

function heightOf(bar: Segment[]): number {
  const highest = bar.at(-1);
  return highest ? highest.below + highest.addresses : 0;
}

/** Each name once: known ones in their order, others after them. */
function inOrder(names: string[], order: readonly string[]): string[] {
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(names)].sort((one, other) => place(one) - place(other) || one.localeCompare(other));
}

/** The next 1, 2 or 5 with zeros: `37` → `50`. */
export function roundTop(highest: number): number {
  if (highest <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((step) => step * unit).find((top) => top >= highest)!;
}

/** What a run added, source by source: `Klaviyo: Hard bounce 3, Unsubscribed from everything 12`. */
export function additionWords(added: Added[]): string[] {
  const sources = inOrder(
    added.map(({ source }) => source),
    sourceNames,
  );
  return sources.flatMap((source) => {
    const reasons = inOrder(
      added.map(({ level }) => level),
      consentLevels,
    ).flatMap((level) => {
      const addresses = added
        .filter((entry) => entry.source === source && entry.level === level)
        .reduce((sum, entry) => sum + entry.addresses, 0);
      return addresses > 0 ? [`${wordsFor(levelWords, level)} ${formatNumber(addresses)}`] : [];
    });
    return reasons.length > 0 ? [`${wordsFor(sourceTitles, source)}: ${reasons.join(", ")}`] : [];
  });
}
