import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closeServer, listen } from "../listener.ts";
import type { Person } from "../world/person.ts";
import { createWorld } from "../world/world.ts";
import {
  answerDataJson,
  answerFiles,
  answerJobs,
  answerStart,
  type ExportSettings,
  lineOf,
} from "./export-api.ts";
import { ExportJobs } from "./export-jobs.ts";
import { startFileHost } from "./file-host.ts";
import { apiError, type FaultSource, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import { createLeakyBucket } from "./leaky-bucket.ts";
import { Project, type ProjectMode } from "./project.ts";
import { answerProject } from "./project-api.ts";
import type { TimeForm } from "./row-text.ts";
import { createWorldEvents, type WorldEvents } from "./world-events.ts";

/** Every behaviour that reference/iterable.md marks as unconfirmed and that matters is a switch. */
export interface IterableSimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  key?: string;
  /** Who is behind the project. Default: 200 invented people. */
  people?: Iterable<Person>;
  /** Default `email`. */
  mode?: ProjectMode;
  /** The simulator's clock, in milliseconds since 1970. Default: the computer's. */
  now?: () => number;
  /** Milliseconds of the minute in which calls are counted. Default 60,000. */
  minuteMs?: number;
  /** Whether a 429 says when to come back. Default true. */
  retryAfter?: boolean;
  /** Whether a 429 is JSON or the words alone. Default `json`. */
  refusalBody?: "json" | "text";
  /** Paths that the key may not call, as a read-only or client-side one. */
  forbids?: (path: string) => boolean;
  /** How `data.json` writes times. Default `spaced`. */
  times?: TimeForm;
  /** How exported files write times. Default: as `data.json`. */
  fileTimes?: TimeForm;
  /** Objects as they are rather than under dotted names. Default false. */
  nested?: boolean;
  /** Whether a window of updates holds users without an update time. Default false. */
  windowsHoldUndated?: boolean;
  /** Whether an opt-out by event moves the profile's update time. Default true. */
  optOutMovesProfile?: boolean;
  /** Which channels a complaint leaves. Default `channel`. */
  complaintLeaves?: "channel" | "all";
  /** What a time without an offset is taken for. Default `+00:00`. */
  defaultOffset?: string;
  /** Blank lines between rows. Default false. */
  blankLines?: boolean;
  /** Default true. */
  lastLineBreak?: boolean;
  /** Job states in lower case. Default true. */
  lowerCaseStates?: boolean;
  /** Default 1,000. */
  filesPerPage?: number;
  /** Default 5,000. */
  rowsPerFile?: number;
  /** Default 2. */
  pollsWhileRunning?: number;
  /** Jobs of other projects that run first, for as many polls. Default 0. */
  otherJobs?: number;
  /** Jobs fall back from running to enqueued once. Default false. */
  jobsFallBack?: boolean;
  /** Numbers of jobs, from 1, that fail. */
  failingJobs?: readonly number[];
  /** Numbers of jobs, from 1, that are cut short. */
  truncatedJobs?: readonly number[];
  /** Whether a row may begin in one file and end in the next. Default false. */
  rowsRunOn?: boolean;
  /** Default 30 minutes. */
  linkLifeMs?: number;
  /** Whether links lead to the files by way of a redirect. Default false. */
  linksRedirect?: boolean;
  /** Default `hex`. */
  hashes?: "hex" | "upper_case_hex" | "base64";
  /** What the call for forgotten people gets whose identifier the kind of project lacks. Default 400. */
  forgottenElsewhere?: 400 | 403 | "empty";
  /** Default `empty`. */
  unknownUserId?: "empty" | "server_error";
  /** Line breaks of lists. Default LF. */
  lineBreak?: "\n" | "\r\n";
  /** Troubles to answer with; `iterableFaults` holds ready-made ones. */
  faults?: FaultSource;
}

export interface LoggedRequest {
  method: string;
  path: string;
  query: string;
  body: string;
  /** 0 where no answer was sent. */
  status: number;
  /** The answer's JSON; undefined where it was text. */
  answer: unknown;
}

export interface IterableSimulator {
  url: string;
  key: string;
  project: Project;
  jobs: ExportJobs;
  /** Things that happen to people. */
  events: WorldEvents;
  /** The last 20,000 requests, oldest first. */
  requests(): readonly LoggedRequest[];
  /** Downloads of files that came with an API key: there must be none. */
  keysAtFileHost(): number;
  /** Cuts this many of the next downloads in the middle. */
  cutDownloads(count: number): void;
  setFaults(faults: FaultSource | undefined): void;
  close(): Promise<void>;
}

const loggedRequests = 20_000;

/**
 * A loopback server that behaves like one Iterable project (reference/iterable.md §13). Exported files lie on
 * another port, where the key must never be seen.
 */
export async function startIterableSimulator(
  options: IterableSimulatorOptions = {},
): Promise<IterableSimulator> {
  const key = options.key ?? "practice-iterable-key";
  const now = options.now ?? Date.now;
  const minuteMs = options.minuteMs ?? 60_000;
  const project = new Project(options.people ?? createWorld({ people: 200, seed: 1 }), {
    mode: options.mode ?? "email",
    optOutMovesProfile: options.optOutMovesProfile ?? true,
    complaintLeaves: options.complaintLeaves ?? "channel",
    now,
  });
  const nested = options.nested ?? false;
  const settings: ExportSettings = {
    streamForms: { times: options.times ?? "spaced", nested },
    windowsHoldUndated: options.windowsHoldUndated ?? false,
    defaultOffset: options.defaultOffset ?? "+00:00",
    blankLines: options.blankLines ?? false,
    lowerCaseStates: options.lowerCaseStates ?? true,
    filesPerPage: options.filesPerPage ?? 1_000,
    now,
  };
  const projectSettings = {
    hashes: options.hashes ?? "hex",
    forgottenElsewhere: options.forgottenElsewhere ?? 400,
    unknownUserId: options.unknownUserId ?? "empty",
    lineBreak: options.lineBreak ?? "\n",
  } as const;
  const jobs = new ExportJobs(
    {
      rowsPerFile: options.rowsPerFile ?? 5_000,
      pollsWhileRunning: options.pollsWhileRunning ?? 2,
      concurrentJobs: 4,
      otherJobs: options.otherJobs ?? 0,
      fallsBack: options.jobsFallBack ?? false,
      failing: options.failingJobs ?? [],
      truncating: options.truncatedJobs ?? [],
    },
    now,
  );
  const fileForms = { times: options.fileTimes ?? options.times ?? "spaced", nested };
  const cuts = { left: 0 };
  const fileHost = await startFileHost({
    linkLifeMs: options.linkLifeMs ?? 30 * 60_000,
    redirects: options.linksRedirect ?? false,
    now,
    cuts,
    lines(jobId, name) {
      const files = jobs.all().find(({ id }) => id === jobId)?.files ?? [];
      const position = files.findIndex((file) => file.name === name);
      if (position === -1) return undefined;
      const linesAt = (at: number) => files[at]?.rows.map((row) => lineOf(project, row, fileForms));
      const lines = linesAt(position)!;
      return options.rowsRunOn ? runOn(lines, position === 0, linesAt(position + 1)) : lines;
    },
  });

  const buckets = createBuckets(minuteMs);
  let faults = options.faults;
  let count = 0;
  let log: LoggedRequest[] = [];

  function answer(request: SimulatorRequest, sentKey: string | undefined, ip: string): SimulatorResponse {
    const { method, path } = request;
    if (sentKey !== key) {
      return apiError(401, "BadApiKey", "Invalid API key", { ip, endpoint: path });
    }
    if (options.forbids?.(path)) return apiError(403, "Forbidden", "The API key may not call this endpoint.");
    const wait = buckets(method, path, performance.now());
    if (wait > 0) {
      // Whole seconds, as it should be, unless the minute is a short one.
      const seconds = minuteMs < 60_000 ? Math.ceil(wait) / 1000 : Math.ceil(wait / 1000);
      const headers = { "retry-after": String(seconds) };
      return {
        ...(options.refusalBody === "text"
          ? { status: 429, lines: ["Too Many Requests"] }
          : apiError(429, "RateLimitExceeded", "Exceeded rate limit.")),
        ...((options.retryAfter ?? true) ? { headers } : {}),
      };
    }
    if (method === "GET") {
      if (path === "/api/export/data.json") return answerDataJson(request, project, settings);
      if (path === "/api/export/jobs") return answerJobs(jobs, settings);
      const [, jobId] = /^\/api\/export\/(\d+)\/files$/.exec(path) ?? [];
      if (jobId !== undefined) return answerFiles(Number(jobId), request, jobs, settings, fileHost.link);
      const found = answerProject(request, project, projectSettings);
      if (found) return found;
    }
    if (method === "POST" && path === "/api/export/start")
      return answerStart(request, project, jobs, settings);
    const [, jobId] = /^\/api\/export\/(\d+)$/.exec(path) ?? [];
    if (method === "DELETE" && jobId !== undefined)
      return jobs.cancel(Number(jobId))
        ? { status: 200, body: { msg: "", code: "Success", params: null } }
        : apiError(404, "NotFound", "No such export job.");
    return apiError(404, "NotFound", "No such endpoint.");
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
    const url = new URL(incoming.url ?? "/", "http://loopback");
    count += 1;
    const request: SimulatorRequest = {
      method: incoming.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(pieces).toString("utf8"),
      count,
    };
    const logged: LoggedRequest = {
      method: request.method,
      path: request.path,
      query: url.search.slice(1),
      body: request.body,
      status: 0,
      answer: undefined,
    };
    log.push(logged);
    if (log.length > loggedRequests * 2) log = log.slice(-loggedRequests);

    const fault = faults?.(request);
    if (fault === "hang") return;
    if (fault === "reset") return void incoming.socket.destroy();
    const sent = incoming.headers["api-key"] ?? incoming.headers.api_key;
    const response =
      typeof fault === "object"
        ? fault
        : answer(request, Array.isArray(sent) ? sent[0] : sent, incoming.socket.remoteAddress ?? "");
    logged.status = response.status;
    logged.answer = response.body;
    outgoing.sendDate = false;
    outgoing.setHeader("date", new Date(now()).toUTCString());
    const cut = fault === "truncate" || fault === "unmarked" ? fault : null;
    await send(outgoing, response, cut, options.lastLineBreak ?? true);
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const url = await listen(server, options.port ?? 0).catch(async (error: unknown) => {
    await fileHost.close();
    throw error;
  });
  return {
    url,
    key,
    project,
    jobs,
    events: createWorldEvents(project),
    requests: () => log.slice(-loggedRequests),
    keysAtFileHost: () => fileHost.keysSeen(),
    cutDownloads: (left) => {
      cuts.left = left;
    },
    setFaults: (next) => {
      faults = next;
    },
    async close() {
      await Promise.all([closeServer(server), fileHost.close()]);
    },
  };
}

/** A file's lines where its first row began in the file before, and it ends with the beginning of the next one's. */
function runOn(lines: string[], isFirst: boolean, next: string[] | undefined): string[] {
  const middle = (line = "") => line.length >> 1;
  const [first = "", ...rest] = lines;
  return [
    isFirst ? first : first.slice(middle(first)),
    ...rest,
    ...(next === undefined ? [] : [next[0]!.slice(0, middle(next[0]))]),
  ];
}

/** One bucket for each limit of reference/iterable.md §2. Gives the milliseconds to wait, 0 where a call may pass. */
function createBuckets(minuteMs: number) {
  const secondMs = minuteMs / 60;
  const limits: [RegExp, number, number][] = [
    [/^GET \/api\/export\/data\.(?:json|csv)$/, 4, minuteMs],
    [/^POST \/api\/export\/start$/, 1, secondMs],
    [/^GET \/api\/export\/\d+\/files$/, 1, secondMs],
    [/^DELETE \/api\/export\/\d+$/, 1, secondMs],
    [/^GET \/api\/lists\/getUsers$/, 5, minuteMs],
    [/^GET \/api\/users\/(?:getFields|forgotten|forgottenUserIds)$/, 3, secondMs],
    [/^GET \/api\/(?:users\/|lists$|channels$|messageTypes$)/, 100, secondMs],
  ];
  const buckets = limits.map(([calls, ...limit]) => ({ calls, bucket: createLeakyBucket(...limit) }));
  return (method: string, path: string, now: number): number =>
    buckets.find(({ calls }) => calls.test(`${method} ${path}`))?.bucket.admit(now) ?? 0;
}

/** Lines are written as the reader takes them. */
async function send(
  outgoing: ServerResponse,
  { status, body, lines, headers, contentType }: SimulatorResponse,
  cut: "truncate" | "unmarked" | null,
  lastLineBreak: boolean,
): Promise<void> {
  if (lines === undefined || cut) {
    const text = lines === undefined ? JSON.stringify(body ?? {}) : [...lines].join("\n");
    const bytes = Buffer.from(text);
    if (cut === "unmarked") outgoing.useChunkedEncodingByDefault = false;
    outgoing.writeHead(status, {
      "content-type": contentType ?? "application/json",
      ...(cut && (lines !== undefined || cut === "unmarked") ? {} : { "content-length": bytes.length }),
      ...headers,
    });
    if (!cut) return void outgoing.end(bytes);
    const half = bytes.subarray(0, bytes.length >> 1);
    if (cut === "unmarked") return void outgoing.end(half);
    outgoing.write(half, () => outgoing.destroy());
    return;
  }
  outgoing.writeHead(status, { "content-type": contentType ?? "text/plain", ...headers });
  let pending = "";
  let isFirst = true;
  for (const line of lines) {
    pending += isFirst ? line : `\n${line}`;
    isFirst = false;
    if (pending.length < 2 ** 16) continue;
    const isTaken = outgoing.write(pending);
    pending = "";
    if (!isTaken && !outgoing.destroyed)
      await new Promise<void>((resolve) => {
        const goOn = () => {
          outgoing.off("drain", goOn).off("close", goOn);
          resolve();
        };
        outgoing.on("drain", goOn).on("close", goOn);
      });
    if (outgoing.destroyed) return;
  }
  outgoing.end(pending + (lastLineBreak && !isFirst ? "\n" : ""));
}
