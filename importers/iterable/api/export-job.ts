import { failed } from "../../../contract/failure.ts";
import { type Connection, isObject } from "./connection.ts";
import type { DataType } from "./data-window.ts";
import { isWholeRow, type RowPage, readPages } from "./ndjson.ts";
import { Trouble, unexpected } from "./trouble.ts";

/** Where the reading of a job stands. */
export interface JobMark {
  job: string;
  /** The last file that was taken; null before the first. */
  after: string | null;
  /** The beginning of a row with which that file ended, in base64; empty where it ended with a whole one. */
  rest: string;
}

export interface JobPage extends RowPage {
  mark: JobMark;
  last: boolean;
  /** For the operator. */
  note?: string;
}

/** How the reading of a job ended. */
type JobEnd = "whole" | "broken" | "truncated";

interface JobStatus {
  state: string;
  /** Larger than Iterable exports: what is missing nobody says. */
  isTruncated: boolean;
  files: { file: string; url: string }[];
}

const startCall = "POST /api/export/start";
const filesTemplate = "/api/export/{jobId}/files";
/** Jobs that may fail or get lost before it is given up. */
const mostJobs = 3;
/** Times that a link may have run out, or a page of files may come twice, before it is given up. */
const mostRepeats = 5;
/** A job that stays in one state for longer is stuck. In the vendor's minutes. */
const longestWait = 6 * 60;

/**
 * Reads everything of one kind by an export job (reference/iterable.md §4). Files are taken once the job is
 * completed, since only then their list stands still; it ends with a page without files. Whether a row may run on
 * in the next file is unconfirmed, so it may; a job whose last row has no end has failed.
 * @throws Failure `failed` where the export is truncated, fails or breaks off again and again, or is stuck
 */
export async function* readJob(
  connection: Connection,
  dataType: DataType,
  from: JobMark | null,
): AsyncGenerator<JobPage> {
  let mark = from;
  for (let jobs = 1; ; jobs += 1) {
    if (mark === null) {
      mark = { job: await startJob(connection, dataType), after: null, rest: "" };
      const note = "An export job of Iterable's failed, was gone or broke off, and was started again.";
      yield { rows: [], rejections: [], raw: "", mark, last: false, ...(jobs === 1 ? {} : { note }) };
    }
    const end: JobEnd = yield* readFiles(connection, mark);
    if (end === "whole") return;
    // A job that an earlier pull found to be truncated says nothing of what one would bring now.
    const isLeftOver = from !== null && jobs === 1;
    if (end === "truncated" && !isLeftOver)
      throw failed(
        "ITERABLE_EXPORT_TRUNCATED",
        "Iterable cut the export short because it is larger than 100 GB, so it is not complete.",
        "Ask Iterable's support for a larger export; nothing may be sent before the export is whole.",
      );
    if (jobs === mostJobs)
      throw failed(
        "ITERABLE_EXPORT_FAILED",
        `Iterable's export of ${dataType} failed or broke off ${mostJobs} times.`,
        "Look at the exports in Iterable (Settings, Exports) and pull again later.",
      );
    mark = null;
  }
}

async function startJob(connection: Connection, dataType: DataType): Promise<string> {
  const { jobId } = await connection.object({
    budget: "export_jobs",
    method: "POST",
    template: "/api/export/start",
    body: { dataTypeName: dataType, outputFormat: "application/x-json-stream" },
  });
  if (typeof jobId !== "number" && typeof jobId !== "string") throw unexpected(startCall, "it names no job");
  return String(jobId);
}

async function* readFiles(connection: Connection, from: JobMark): AsyncGenerator<JobPage, JobEnd> {
  const { job } = from;
  if (!(await waitForJob(connection, job))) return "broken";
  // A job whose files were cleared away would look like one that was read to its end.
  if (from.after !== null) {
    const all = await readStatus(connection, job, null);
    if (all === null || all.files.length === 0) return "broken";
  }

  let mark = from;
  let repeats = 0;
  const taken = new Set(from.after === null ? [] : [from.after]);
  for (;;) {
    const status = await readStatus(connection, job, mark.after);
    if (status === null) return "broken";
    if (status.isTruncated) return "truncated";
    if (status.state !== "completed") {
      if (!(await waitForJob(connection, job))) return "broken";
      continue;
    }
    if (status.files.length === 0) {
      if (mark.rest !== "") return "broken";
      yield { rows: [], rejections: [], raw: "", mark, last: true };
      return "whole";
    }
    const before = taken.size;
    for (const { file, url } of status.files) {
      if (taken.has(file)) continue;
      const bytes = await connection.file(url);
      // Links run out after half an hour: the page is asked for again, with new ones.
      if (bytes === null) break;
      const cut = cutRows(Buffer.from(mark.rest, "base64"), bytes);
      if (cut === null) return "broken";
      try {
        for await (const page of readPages(onePiece(cut.rows))) yield { ...page, mark, last: false };
      } catch (error) {
        if (error instanceof Trouble) return "broken";
        throw error;
      }
      taken.add(file);
      mark = { job, after: file, rest: cut.rest.toString("base64") };
      yield { rows: [], rejections: [], raw: "", mark, last: false };
    }
    repeats = taken.size === before ? repeats + 1 : 0;
    if (repeats === mostRepeats)
      throw failed(
        "ITERABLE_FILES_STUCK",
        "Iterable keeps giving links to export files that do not work, or the same files again.",
        "Pull again later.",
      );
    if (repeats > 0) await connection.backOff(repeats);
  }
}

/** @returns false where the job failed, was cancelled or is gone */
async function waitForJob(connection: Connection, job: string): Promise<boolean> {
  const { minuteMs } = connection.timing;
  let delay = minuteMs / 60;
  let state = "";
  let waited = 0;
  for (;;) {
    const status = await readStatus(connection, job, null);
    if (status === null || ["failed", "cancelled", "canceled"].includes(status.state)) return false;
    if (status.state === "completed") return true;
    if (status.state !== state) waited = 0;
    state = status.state;
    if (waited > longestWait * minuteMs)
      throw failed(
        "ITERABLE_EXPORT_STUCK",
        "Iterable's export job has not moved on for hours.",
        "Cancel it in Iterable (Settings, Exports) and pull again.",
      );
    await connection.pause(delay);
    waited += delay;
    delay = Math.min(delay * 1.5, minuteMs / 6);
  }
}

/** @returns null where the job is not known any more */
async function readStatus(
  connection: Connection,
  job: string,
  after: string | null,
): Promise<JobStatus | null> {
  const { status, body } = await connection.answer({
    budget: "export_jobs",
    method: "GET",
    template: filesTemplate,
    values: { jobId: job },
    query: after === null ? {} : { startAfter: after },
  });
  if (status >= 400) return null;
  const { jobState } = body;
  const state = typeof jobState === "string" ? jobState.toLowerCase() : null;
  // A job that waits may have no list yet.
  const files = body.files ?? (state === "completed" ? null : []);
  if (state === null || !Array.isArray(files) || !files.every(isFile))
    throw unexpected(`GET ${filesTemplate}`, "it tells no state and files");
  return { state, isTruncated: body.exportTruncated === true, files };
}

function isFile(entry: unknown): entry is { file: string; url: string } {
  return isObject(entry) && typeof entry.file === "string" && typeof entry.url === "string";
}

/**
 * The whole rows of a file, with the beginning of a row that the file before left, and the one that it leaves.
 * @returns null where the file does not go on with the row that was left
 */
function cutRows(before: Buffer, bytes: Buffer): { rows: Buffer; rest: Buffer } | null {
  const text = Buffer.concat([before, bytes]);
  if (before.length > 0) {
    const end = text.indexOf(lineFeed);
    if (end !== -1 && !isWholeRow(text.toString("utf8", 0, end))) return null;
  }
  const lastRow = text.lastIndexOf(lineFeed) + 1;
  const cut = isWholeRow(text.toString("utf8", lastRow)) ? text.length : lastRow;
  return { rows: text.subarray(0, cut), rest: text.subarray(cut) };
}

const lineFeed = 0x0a;

async function* onePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
