import { failed } from "../../../contract/failure.ts";
import { type Connection, isObject } from "./connection.ts";
import type { DataType } from "./data-window.ts";
import { type RowPage, readPages } from "./ndjson.ts";
import { unexpected } from "./trouble.ts";

/** Where the reading of a job stands; it holds no rows back. */
export interface JobMark {
  job: string;
  /** The last file that was taken whole; null before the first. */
  after: string | null;
}

export interface JobPage extends RowPage {
  mark: JobMark;
  last: boolean;
  /** For the operator. */
  note?: string;
}

interface JobStatus {
  state: string;
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
 * completed, since only then their list stands still; it ends with a page without files.
 * @throws Failure `failed` where the export is truncated, fails again and again, or is stuck
 */
export async function* readJob(
  connection: Connection,
  dataType: DataType,
  from: JobMark | null,
): AsyncGenerator<JobPage> {
  let mark = from;
  for (let jobs = 1; ; jobs += 1) {
    if (mark === null) {
      mark = { job: await startJob(connection, dataType), after: null };
      const note = "An export job of Iterable's failed or was gone, and was started again.";
      yield { rows: [], rejections: [], raw: "", mark, last: false, ...(jobs === 1 ? {} : { note }) };
    }
    const isWhole: boolean = yield* readFiles(connection, mark);
    if (isWhole) return;
    if (jobs === mostJobs)
      throw failed(
        "ITERABLE_EXPORT_FAILED",
        `Iterable's export of ${dataType} failed ${mostJobs} times.`,
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

/** @returns false where the job or its files are gone, and another job must be started */
async function* readFiles(connection: Connection, from: JobMark): AsyncGenerator<JobPage, boolean> {
  const { job } = from;
  if (!(await waitForJob(connection, job))) return false;
  // A job whose files were cleared away would look like one that was read to its end.
  if (from.after !== null) {
    const all = await readStatus(connection, { job, after: null });
    if (all === null || all.files.length === 0) return false;
  }

  let mark = from;
  let repeats = 0;
  const taken = new Set(from.after === null ? [] : [from.after]);
  for (;;) {
    const status = await readStatus(connection, mark);
    if (status === null) return false;
    if (status.state !== "completed") {
      if (!(await waitForJob(connection, job))) return false;
      continue;
    }
    if (status.files.length === 0) {
      yield { rows: [], rejections: [], raw: "", mark, last: true };
      return true;
    }
    const before = taken.size;
    for (const { file, url } of status.files) {
      if (taken.has(file)) continue;
      const bytes = await connection.file(url);
      // Links run out after half an hour: the page is asked for again, with new ones.
      if (bytes === null) break;
      const after: JobMark = { job, after: file };
      for await (const page of readPages(wholeFile(bytes))) yield { ...page, mark, last: false };
      taken.add(file);
      mark = after;
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
    const status = await readStatus(connection, { job, after: null });
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
async function readStatus(connection: Connection, { job, after }: JobMark): Promise<JobStatus | null> {
  const { status, body } = await connection.answer({
    budget: "export_jobs",
    method: "GET",
    template: filesTemplate,
    values: { jobId: job },
    query: after === null ? {} : { startAfter: after },
  });
  if (status >= 400) return null;
  if (body.exportTruncated === true)
    throw failed(
      "ITERABLE_EXPORT_TRUNCATED",
      "Iterable cut the export short because it is larger than 100 GB, so it is not complete.",
      "Ask Iterable's support for a larger export; nothing may be sent before the export is whole.",
    );
  const { jobState, files } = body;
  if (typeof jobState !== "string" || !Array.isArray(files) || !files.every(isFile))
    throw unexpected(`GET ${filesTemplate}`, "it tells no state and files");
  return { state: jobState.toLowerCase(), files };
}

function isFile(entry: unknown): entry is { file: string; url: string } {
  return isObject(entry) && typeof entry.file === "string" && typeof entry.url === "string";
}

async function* wholeFile(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
