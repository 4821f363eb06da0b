import { parseJson } from "./json.ts";
import {
  longestRow,
  type RowBatch,
  type RowReader,
  rejectedRow,
  rowTooLong,
  textProblem,
} from "./row-batch.ts";

/** An escaped lone surrogate or NUL, as JSON.stringify writes them back: text that no database can hold. */
const escapedNoText = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Reads newline-delimited JSON: one object per line. Blank lines are nothing; the last line may lack its line break. */
export class NdjsonRows implements RowReader {
  readonly #file: string;
  #pending = "";
  #line = 1;

  constructor(file: string) {
    this.#file = file;
  }

  push(text: string, last: boolean): RowBatch {
    const batch: RowBatch = { rows: [], rejections: [] };
    // Only the new text can hold the end of the pending line.
    let end = text.indexOf("\n");
    let start = 0;
    for (; end !== -1; end = text.indexOf("\n", start)) {
      this.#take(this.#pending + text.slice(start, end), batch);
      this.#pending = "";
      start = end + 1;
    }
    this.#pending += text.slice(start);
    if (this.#pending.length > longestRow) throw rowTooLong(this.#file, this.#line, longestRow, "");
    if (last) this.#take(this.#pending, batch);
    return batch;
  }

  #take(text: string, batch: RowBatch): void {
    const line = this.#line++;
    if (text.trim() === "") return;
    const parsed = parseRow(text);
    if (typeof parsed === "string") batch.rejections.push(rejectedRow(line, parsed, text));
    else batch.rows.push({ line, object: parsed });
  }
}

/** The row's object, or why there is none. */
function parseRow(text: string): Record<string, unknown> | string {
  const problem = textProblem(text);
  if (problem) return `The row holds ${problem}.`;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return "The line is not valid JSON. Each line must be one whole JSON object.";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "The line is JSON but not an object. Each line must be one JSON object.";
  if (text.includes("\\u") && escapedNoText.test(JSON.stringify(value)))
    return "The row holds an escaped character that is not text (half of a surrogate pair, or NUL). Correct it and import the file again.";
  return value as Record<string, unknown>;
}
