import type { RejectedRow } from "../../../contract/source.ts";
import { NdjsonRows } from "../../reading/ndjson-rows.ts";
import { decodeText } from "../../reading/text-decoding.ts";
import type { Row } from "./records.ts";
import { Trouble } from "./trouble.ts";

/** Whole lines of an export, as they arrived. */
export interface RowPage {
  rows: { line: number; row: Row }[];
  rejections: RejectedRow[];
  raw: string;
}

/** In UTF-16 units; rows may be megabytes long. */
const pageLength = 2 ** 20;

/**
 * Cuts an export into pages of whole lines, about a megabyte each, as it arrives. The last line may lack its
 * line break; what stands after the last line break of a body that breaks off is never read.
 * @throws Trouble where the body breaks off, ends in the middle of a row, or says that the export failed
 */
export async function* readPages(pieces: AsyncIterable<Buffer>): AsyncGenerator<RowPage> {
  let pending = "";
  for await (const { text } of decodeText(pieces)) {
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0 && pending.length + end >= pageLength) {
      yield readLines(pending + text.slice(0, end));
      pending = text.slice(end);
    } else pending += text;
    checkLength(pending);
  }
  // What stands between may close a body that was cut off as if it were whole; how much is missing nobody knows then.
  if (!isWholeRow(pending.slice(pending.lastIndexOf("\n") + 1)))
    throw new Trouble("CUT_SHORT", "the export ended in the middle of a row");
  yield readLines(pending);
}

/** False for the beginning of a row whose end is missing. Nothing at all is no such beginning. */
export function isWholeRow(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A body without line breaks must not eat memory. The reader of lines refuses it, with the line. */
function checkLength(pending: string): void {
  if (pending.length > 32 * pageLength) readLines(pending);
}

function readLines(raw: string): RowPage {
  const { rows, rejections } = new NdjsonRows("Iterable's export").push(raw, true);
  return {
    rows: rows.map((read) => {
      const row = "object" in read ? read.object : {};
      // A failure in mid-stream comes as one more line (reference/iterable.md §2).
      if (typeof row.code === "string" && typeof row.msg === "string" && !("email" in row || "userId" in row))
        throw new Trouble("CUT_SHORT", "the export broke off with an error");
      return { line: read.line, row };
    }),
    rejections,
    raw,
  };
}
