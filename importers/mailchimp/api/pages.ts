import { Failure, failed } from "../../../contract/failure.ts";
import { answerTooLarge, connections } from "./client.ts";

/** One answer of a list: a stretch of its rows, and how many rows the list has by Mailchimp's own count. */
export interface Stretch {
  rows: unknown[];
  total: number;
  /** The answer as received. */
  raw: string;
}

/** A list that comes in pages. Times are microseconds since 1970. */
export interface PagedList {
  /** In words: `the members of “News”`. */
  what: string;
  /** Rows of one page. */
  pageSize: number;
  /** The oldest time asked for; null for all. */
  since: number | null;
  fetch(request: { since: number | null; offset: number; count: number }): Promise<Stretch>;
  /** What tells rows apart. */
  keyOf(row: unknown): string;
  /** The time by which the list is sorted, oldest first, and by which `since` cuts it; missing where it has none. */
  timeOf?(row: unknown): number | null;
}

/**
 * Where to go on: everything before it was read. Never an offset: who shares a time may come in another order when
 * asked again, so that these are read anew.
 */
export type Position = {
  since: number | null;
  /** Mailchimp's count of the whole list. */
  declared: number;
};

export interface Page {
  rows: unknown[];
  raw: string;
  position: Position;
  declared: number;
  /** True once Mailchimp's count and the distinct rows agree. */
  last: boolean;
}

const second = 1_000_000;
/** Large offsets grow slow, up to the 120 s cut (reference/mailchimp.md §4): after so many pages a new window begins. */
const pagesPerWindow = 100;
/** More than there are connections: where one page is slow, those behind it keep the others busy. */
const pagesAhead = connections + 4;
/** How often a window is gone through without a new row while some are missing, before it is given up. */
const mostFruitlessRounds = 10;

/**
 * Reads a list to its end, however its rows shift while people change, several pages at a time.
 *
 * Offset paging alone loses rows: whoever leaves the list pulls all that follow one place forward. So pages overlap
 * by one row, and a page counts only if it begins with a row that was read already; otherwise the reader goes back.
 * Where the list is sorted by time, a window starts anew at the time reached, less a second because it is not
 * confirmed whether `since` includes its own second; rows that share one time can only be told apart by offset.
 * The end is proven when the distinct rows are as many as Mailchimp counts. Rows may come twice.
 *
 * @throws Failure where the rows never come to agree with the count
 */
export async function* readPages(list: PagedList, from: Position | null): AsyncGenerator<Page> {
  let since = from?.since ?? list.since;
  let offset = 0;
  /** Everybody who changed before it was read. */
  let reachedTime = since;
  let declared = from?.declared ?? null;
  let total: number | null = null;
  /** Pages that begin here or later are not asked for ahead. */
  let end = 0;
  let count = list.pageSize;
  const largestOffset = pagesPerWindow * list.pageSize;
  /** The rows read in this window, with their times. */
  let seen = new Map<string, number | null>();
  let newestTime: number | null = null;
  let sorted = list.timeOf !== undefined;
  /** Rows that share a time come in another order each time they are asked for. */
  let shuffled = false;
  let stepsBack = 0;
  let seenBeforeRound = 0;
  let fruitlessRounds = 0;
  const ahead = new Map<number, Promise<Stretch>>();

  /** The next page and those behind it are on their way. */
  const askAhead = () => {
    for (let lane = 0; lane < pagesAhead; lane += 1) {
      const at = offset + lane * (count - 1);
      if (lane > 0 && at >= end) break;
      if (ahead.has(at)) continue;
      const coming = list.fetch({ since, offset: at, count });
      // It may be dropped before anybody waits for it.
      coming.catch(() => {});
      ahead.set(at, coming);
    }
  };
  const fetchNext = (): Promise<Stretch> => {
    askAhead();
    const next = ahead.get(offset)!;
    ahead.delete(offset);
    return next;
  };
  /** @param endAhead of what is known there */
  const goTo = (next: number, endAhead: number) => {
    offset = next;
    end = endAhead;
    ahead.clear();
    if (next > 0) return;
    fruitlessRounds = seen.size > seenBeforeRound ? 0 : fruitlessRounds + 1;
    seenBeforeRound = seen.size;
    if (fruitlessRounds > mostFruitlessRounds) throw neverAgrees(list.what, total ?? 0, seen.size);
  };

  for (;;) {
    let stretch: Stretch;
    try {
      stretch = await fetchNext();
    } catch (error) {
      // With one row of overlap, two rows are the least that get ahead.
      if (!(error instanceof Failure && error.code === answerTooLarge) || count <= 2) throw error;
      count = Math.max(2, Math.floor(count / 4));
      ahead.clear();
      continue;
    }
    const { rows } = stretch;
    const before = total ?? stretch.total;
    total = stretch.total;
    if (declared === null || since === list.since) declared = total;

    const entries = rows.map((row) => ({ key: list.keyOf(row), time: list.timeOf?.(row) ?? null }));
    const joins = offset === 0 || shuffled || (entries.length > 0 && seen.has(entries[0]!.key));
    if (!joins) {
      stepsBack += 1;
      goTo(Math.max(0, offset - Math.abs(before - total) - 4 ** stepsBack), 0);
      continue;
    }
    stepsBack = 0;
    const seenBefore = seen.size;
    for (const { key, time } of entries) {
      const again = seen.has(key);
      // It stands behind new ones though nothing has changed about it.
      if (again && seen.size > seenBefore && seen.get(key) === time) shuffled = true;
      if (!again && (time === null || (newestTime !== null && time < newestTime))) sorted = false;
      if (time !== null && (newestTime === null || time > newestTime)) newestTime = time;
      seen.set(key, time);
    }
    const reached = offset + rows.length;
    const isEnd = reached >= total;
    const last = isEnd && seen.size >= total;
    // As many distinct rows as places were passed: nobody was skipped so far.
    const isProven = sorted && !shuffled && seen.size >= reached;
    const nextSince = isProven && newestTime !== null ? newestTime - second : null;
    const canCut = nextSince !== null && (since === null || nextSince > since);
    if (last && since !== list.since)
      declared = (await list.fetch({ since: list.since, offset: 0, count: 1 })).total;
    if (canCut) reachedTime = nextSince;
    const page = { rows, raw: stretch.raw, position: { since: reachedTime, declared }, declared, last };
    if (last) {
      yield page;
      return;
    }

    if (isEnd || rows.length < 2) {
      // Another round finds the rest. Fewer than two rows, and nothing behind them, are fewer than counted.
      goTo(0, total);
    } else if (canCut && reached >= largestOffset) {
      const left = total - reached;
      since = nextSince;
      total = null;
      seen = new Map();
      seenBeforeRound = -1;
      newestTime = null;
      goTo(0, Math.min(left, largestOffset));
    } else {
      offset = reached - 1;
      end = canCut ? Math.min(total, largestOffset) : total;
      if (rows.length < count) {
        // A page shorter than asked for moves all that follow: what was fetched ahead is of no use.
        ahead.clear();
        end = 0;
      }
    }
    // Before the page goes out: whoever takes it may need a while.
    askAhead();
    yield page;
  }
}

/** The code of the Failure for a list that is not handed out whole. */
export const rowsMissing = "MAILCHIMP_ROWS_MISSING";

function neverAgrees(what: string, total: number, read: number) {
  return failed(
    rowsMissing,
    `Mailchimp counts ${total} entries in ${what}, but hands out ${read}, however often it is asked.`,
    "Start the export again at a quieter time; if it stays so, ask Mailchimp's support about this audience.",
  );
}
