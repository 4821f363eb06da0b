import type { Connection } from "./connection.ts";
import { type RowPage, readPages } from "./ndjson.ts";
import type { ExportedEvent } from "./records.ts";
import { Trouble, troubleFailure } from "./trouble.ts";

export type DataType = ExportedEvent | "user";

export interface WindowPage extends RowPage {
  /** Milliseconds since 1970: everything before it is read. */
  from: number;
  last: boolean;
  /** For the operator. */
  note?: string;
}

const template = "/api/export/data.json";
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Breaks in a row before it is given up; each halves the window. */
const mostBreaks = 7;

/**
 * Reads what happened, or who was updated, since a time, by the synchronous export (reference/iterable.md §3).
 * Its windows hold their start and not their end; rows are in no order, and a stream that breaks off cannot be
 * resumed: its window is read again, in halves, and counts only when one read of it came to its end. The last
 * window ends a day ahead of the beginning of the reading, since clocks differ.
 * @param start milliseconds since 1970
 */
export async function* readWindow(
  connection: Connection,
  dataType: DataType,
  start: number,
): AsyncGenerator<WindowPage> {
  const latest = wholeSecond(connection.clocks().later + dayMs);
  let from = wholeSecond(start);
  let span = Number.POSITIVE_INFINITY;
  let breaks = 0;
  for (;;) {
    const end = Math.min(from + span, latest);
    try {
      const { pieces } = await connection.stream({
        budget: "export_data",
        method: "GET",
        template,
        query: { dataTypeName: dataType, startDateTime: exportTime(from), endDateTime: exportTime(end) },
      });
      for await (const page of readPages(pieces)) yield { ...page, from, last: false };
    } catch (error) {
      connection.signal.throwIfAborted();
      if (!(error instanceof Trouble)) throw error;
      if (++breaks === mostBreaks) throw troubleFailure(`GET ${template}`, error);
      // Rounded up, so that two halves cover it.
      span = Math.max(minuteMs, wholeSecond((end - from) / 2) + 1_000);
      await connection.backOff(breaks);
      const note = `A stream of Iterable's broke off (${error.message}) and is read again in smaller parts.`;
      yield { rows: [], rejections: [], raw: "", from, last: false, note };
      continue;
    }
    breaks = 0;
    from = end;
    yield { rows: [], rejections: [], raw: "", from, last: end === latest };
    if (end === latest) return;
  }
}

/** `yyyy-MM-dd HH:mm:ss +00:00`: what a time without an offset means is unconfirmed. */
export function exportTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} +00:00`;
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
