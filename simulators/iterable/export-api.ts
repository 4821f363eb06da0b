import { dataTypes, readDataType, readExportTime } from "./data-types.ts";
import type { ExportJob, ExportJobs, ExportRow } from "./export-jobs.ts";
import { apiError, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import type { Project } from "./project.ts";
import { eventLine, type RowForms, userLine } from "./row-text.ts";

export interface ExportSettings {
  /** How `data.json` writes rows. */
  streamForms: RowForms;
  /** Whether a window of updates holds users without an update time. */
  windowsHoldUndated: boolean;
  /** The offset of a time that has none. */
  defaultOffset: string;
  blankLines: boolean;
  lowerCaseStates: boolean;
  filesPerPage: number;
  now(): number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** `GET /api/export/data.json` (reference/iterable.md §3). */
export function answerDataJson(
  { query }: SimulatorRequest,
  project: Project,
  settings: ExportSettings,
): SimulatorResponse {
  const type = readDataType(query.get("dataTypeName"));
  if (!type) return apiError(400, "BadParams", `dataTypeName must be one of ${dataTypes.join(", ")}`);
  const window = readWindow(query, settings);
  if (typeof window === "string") return apiError(400, "BadParams", window);
  const only = query.getAll("onlyFields").flatMap((fields) => fields.split(","));
  const omit = (query.get("omitFields") ?? "").split(",");
  const rows = [...rowsOf(project, type, window, settings.windowsHoldUndated)];
  // In no order, but in the same one each time.
  rows.sort((one, other) => disorder(one) - disorder(other));
  function* lines(): Generator<string> {
    for (const [position, row] of rows.entries()) {
      const line = lineOf(project, row, settings.streamForms);
      yield only.length > 0 || query.has("omitFields") ? chooseFields(line, only, omit) : line;
      if (settings.blankLines && position % 7 === 3) yield "";
    }
  }
  return { status: 200, lines: lines(), contentType: "application/x-json-stream" };
}

/** `POST /api/export/start`. */
export function answerStart(
  { body }: SimulatorRequest,
  project: Project,
  jobs: ExportJobs,
  settings: ExportSettings,
): SimulatorResponse {
  const wanted = readBody(body);
  if (!wanted) return apiError(400, "BadJsonBody", "The body is no JSON object.");
  const type = readDataType(text(wanted.dataTypeName));
  if (!type) return apiError(400, "BadParams", "Unknown dataTypeName.");
  if (!["text/csv", "application/x-json-stream"].includes(String(wanted.outputFormat)))
    return apiError(400, "BadParams", "Unknown outputFormat.");
  const from = text(wanted.startDateTime);
  const to = text(wanted.endDateTime);
  const start = from === null ? Number.NEGATIVE_INFINITY : readExportTime(from, settings.defaultOffset);
  const end = to === null ? Number.POSITIVE_INFINITY : readExportTime(to, settings.defaultOffset);
  if (start === undefined || end === undefined) return apiError(400, "BadParams", "Unreadable time.");
  const undated = settings.windowsHoldUndated || (from === null && to === null);
  const job = jobs.start(type, [...rowsOf(project, type, { start, end }, undated)]);
  return { status: 200, body: { jobId: job.id } };
}

/** `GET /api/export/jobs`. */
export function answerJobs(jobs: ExportJobs, settings: ExportSettings): SimulatorResponse {
  const time = (ms: number) => new Date(ms).toISOString().replace("Z", "+00:00");
  return {
    status: 200,
    body: {
      jobs: jobs.all().map((job) => ({
        id: job.id,
        dataTypeName: job.dataTypeName,
        jobState: stateWord(job, settings),
        scheduledStartTime: time(job.startedAt),
        ...(job.endedAt === null ? {} : { endTime: time(job.endedAt) }),
        bytesExported: 0,
      })),
    },
  };
}

/** `GET /api/export/{jobId}/files`. */
export function answerFiles(
  jobId: number,
  { query }: SimulatorRequest,
  jobs: ExportJobs,
  settings: ExportSettings,
  link: (jobId: number, file: string) => string,
): SimulatorResponse {
  const job = jobs.look(jobId);
  if (!job) return apiError(404, "NotFound", "No such export job.");
  const after = query.get("startAfter") ?? "";
  const files = job.files
    .slice(0, job.visible)
    .filter(({ name }) => name > after)
    .slice(0, settings.filesPerPage)
    .map(({ name }) => ({ file: name, url: link(job.id, name) }));
  return {
    status: 200,
    body: {
      jobId: job.id,
      jobState: stateWord(job, settings),
      exportTruncated: job.truncated && job.state === "completed",
      files,
    },
  };
}

export function lineOf(project: Project, row: ExportRow, forms: RowForms): string {
  return "user" in row ? userLine(project, row.user, forms) : eventLine(row.event, forms);
}

function* rowsOf(
  project: Project,
  type: string,
  { start, end }: { start: number; end: number },
  undated: boolean,
): Generator<ExportRow> {
  const inWindow = (ms: number) => ms >= start && ms < end;
  if (type === "user") {
    for (const user of project.users)
      if (user.profileUpdatedAt === null ? undated : inWindow(user.profileUpdatedAt)) yield { user };
  } else {
    for (const event of project.events) if (event.type === type && inWindow(event.at)) yield { event };
  }
}

function readWindow(
  query: URLSearchParams,
  { defaultOffset, now }: ExportSettings,
): { start: number; end: number } | string {
  const today = Math.floor(now() / dayMs) * dayMs;
  const [from, to] = [query.get("startDateTime"), query.get("endDateTime")];
  if (from !== null && to !== null) {
    const start = readExportTime(from, defaultOffset);
    const end = readExportTime(to, defaultOffset);
    return start === undefined || end === undefined
      ? "Unreadable startDateTime or endDateTime."
      : { start, end };
  }
  if (from !== null || to !== null) return "startDateTime and endDateTime go together.";
  switch (query.get("range") ?? "Today") {
    case "Today":
      return { start: today, end: today + dayMs };
    case "Yesterday":
      return { start: today - dayMs, end: today };
    case "BeforeToday":
      return { start: Number.NEGATIVE_INFINITY, end: today };
    case "All":
      return { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
    default:
      return "Unknown range.";
  }
}

function chooseFields(line: string, only: string[], omit: string[]): string {
  const row = Object.entries(JSON.parse(line) as Record<string, unknown>);
  return JSON.stringify(
    Object.fromEntries(
      row.filter(([name]) => (only.length === 0 || only.includes(name)) && !omit.includes(name)),
    ),
  );
}

function disorder(row: ExportRow): number {
  const seed = "user" in row ? row.user.signupDate : row.event.at;
  return (seed / 1000) % 7919;
}

function stateWord({ state }: ExportJob, { lowerCaseStates }: ExportSettings): string {
  return lowerCaseStates ? state : state[0]!.toUpperCase() + state.slice(1);
}

function readBody(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
