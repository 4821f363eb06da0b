import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { closeServer, listen } from "../listener.ts";
import type { PersonEvents } from "../world/person-events.ts";
import type { World } from "../world/world.ts";
import { Account } from "./account.ts";
import type { FaultSource } from "./faults.ts";
import { Problem, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import { prune } from "./query.ts";
import { answerGet, type UnconfirmedSettings, writeRefused } from "./routes.ts";

export interface MailchimpSimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default: a key of the data centre us6. */
  key?: string;
  /** Who is in the account; without it there is not even an audience. */
  world?: World;
  /** Audiences without members beside those of the world. Default 0. */
  emptyAudiences?: number;
  /** The account's clock, in milliseconds since 1970. Default: the machine's. */
  now?: () => number;
  /** The `Date` header of answers: the account's clock, the machine's, or none. Default `account`. */
  dateHeader?: "account" | "machine" | "none";
  /** Calls under way at once, other tools included. Default 10. */
  connectionLimit?: number;
  /** How long every answer takes. Default 0. */
  latencyMs?: number;
  /** Sent with a 429, in seconds; the vendor sends none. */
  retryAfterSeconds?: number;
  /** Status for a key that ends in another data centre; which is not certain. Default 403. */
  wrongDataCentreStatus?: 401 | 403;
  /** How `title` is spelled in errors; both are known. Default `spaced`. */
  problemTitles?: "spaced" | "joined";
  unconfirmed?: Partial<UnconfirmedSettings>;
  /** Troubles to answer with; `mailchimpFaults` holds ready-made ones. */
  faults?: FaultSource;
  /** Keeps bodies of answers in the log, for tests. Default false. */
  recordBodies?: boolean;
}

export interface LoggedRequest {
  /** Milliseconds since 1970 by the machine's clock. */
  at: number;
  method: string;
  /** With the query, without the leading `/3.0`. */
  url: string;
  /** 0 where no answer was sent. */
  status: number;
  /** The answer; empty unless `recordBodies`. */
  body: string;
}

export interface MailchimpSimulator {
  url: string;
  key: string;
  /** The state, and what may happen to it while the simulator runs. */
  account: Account;
  /** What happens to people while it runs; `account` has more of it. */
  events: PersonEvents;
  /** The last 20,000 requests, oldest first. */
  requests(): readonly LoggedRequest[];
  /** Requests so far. */
  requestCount(): number;
  /** Requests that would have changed something. An exporter makes none. */
  writes(): readonly LoggedRequest[];
  /** The most calls that were under way at once. */
  mostConnections(): number;
  /** How long calls were under way, all together, in milliseconds. */
  connectionMs(): number;
  /** Connections that other tools of the same user hold. */
  setOtherConnections(connections: number): void;
  setFaults(faults: FaultSource | undefined): void;
  /** Closes, and fails where something was to be written. */
  close(): Promise<void>;
}

const practiceKey = "0123456789abcdef0123456789abcdef-us6";
const loggedRequests = 20_000;
const compress = promisify(gzip);

/**
 * A loopback server that behaves like one Mailchimp account (reference/mailchimp.md §11), under `/3.0`. What the
 * reference marks as unconfirmed is a switch.
 */
export async function startMailchimpSimulator(
  options: MailchimpSimulatorOptions = {},
): Promise<MailchimpSimulator> {
  const key = options.key ?? practiceKey;
  const now = options.now ?? Date.now;
  const connectionLimit = options.connectionLimit ?? 10;
  const unconfirmed: UnconfirmedSettings = {
    since: "inclusive",
    before: "exclusive",
    statuslessIncludesArchived: false,
    oversizedCount: "refuse",
    tieOrder: "stable",
    ...options.unconfirmed,
  };
  const account = new Account(now);
  if (options.world) account.loadWorld(options.world);
  for (let number = 1; number <= (options.emptyAudiences ?? 0); number += 1)
    account.addAudience(`e${String(number).padStart(9, "0")}`, `Empty audience ${number}`);

  let faults = options.faults;
  let count = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  let connectionMs = 0;
  let otherConnections = 0;
  let log: LoggedRequest[] = [];
  const writes: LoggedRequest[] = [];

  function checkKey(authorization: string): void {
    const given = keyOf(authorization);
    if (given === null) throw new Problem(401, "API Key Missing", "Your request did not include an API key.");
    if (given === key) return;
    const [ours] = key.split("-");
    if (given.split("-")[0] === ours && options.wrongDataCentreStatus !== 401)
      throw new Problem(
        403,
        "Forbidden",
        `The API key provided is linked to the ${key.split("-")[1]} datacenter.`,
      );
    throw new Problem(
      401,
      "API Key Invalid",
      "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    );
  }

  function answer(request: SimulatorRequest, authorization: string): SimulatorResponse {
    try {
      if (underWay + otherConnections > connectionLimit)
        throw new Problem(
          429,
          "Too Many Requests",
          "You have exceeded the limit of 10 simultaneous connections.",
        );
      checkKey(authorization);
      if (request.method !== "GET") throw writeRefused();
      const body = answerGet(request, account, unconfirmed, apiUrl);
      return { status: 200, body: prune(body, request.query) };
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error);
      if (error instanceof URIError)
        return problemResponse(new Problem(400, "Bad Request", "Malformed path."));
      throw error;
    }
  }

  function problemResponse({ status, title, message, fields }: Problem): SimulatorResponse {
    const retryAfter = options.retryAfterSeconds;
    return {
      status,
      headers: {
        "content-type": "application/problem+json; charset=utf-8",
        link: `<${apiUrl}/schema/3.0/Definitions/ProblemDetailDocument.json>; rel="describedBy"`,
        connection: "close",
        ...(status === 405 ? { allow: "GET" } : {}),
        ...(status === 429 && retryAfter !== undefined ? { "retry-after": String(retryAfter) } : {}),
      },
      body: {
        type: "https://mailchimp.com/developer/marketing/docs/errors/",
        title: options.problemTitles === "joined" ? title.replaceAll(" ", "") : title,
        status,
        detail: message,
        instance: randomUUID(),
        ...(fields.length > 0 ? { errors: fields } : {}),
      },
    };
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    incoming.resume();
    const url = new URL(incoming.url ?? "/", "http://loopback");
    count += 1;
    const request: SimulatorRequest = {
      method: incoming.method ?? "GET",
      path: url.pathname.replace(/^\/3\.0/, ""),
      query: url.searchParams,
      count,
    };
    const logged: LoggedRequest = {
      at: Date.now(),
      method: request.method,
      url: `${request.path}${url.search}`,
      status: 0,
      body: "",
    };
    log.push(logged);
    if (log.length > loggedRequests * 2) log = log.slice(-loggedRequests);
    if (!["GET", "HEAD", "OPTIONS"].includes(request.method)) writes.push(logged);

    if (options.dateHeader === "none") outgoing.sendDate = false;
    else if (options.dateHeader !== "machine") outgoing.setHeader("date", new Date(now()).toUTCString());

    const fault = faults?.(request);
    if (fault === "hang") return;
    if (fault === "reset") return void incoming.socket.destroy();
    const response =
      typeof fault === "object"
        ? fault
        : url.pathname.startsWith("/3.0/")
          ? answer(request, incoming.headers.authorization ?? "")
          : { status: 404, body: "not found" };
    if ((options.latencyMs ?? 0) > 0) await sleep(options.latencyMs);
    logged.status = response.status;
    const text = textOf(response.body);
    if (options.recordBodies) logged.body = text;
    const zipped = text.length > 1000 && /\bgzip\b/.test(String(incoming.headers["accept-encoding"]));
    const bytes = zipped ? await compress(text, { level: 1 }) : Buffer.from(text);
    send(outgoing, response, bytes, zipped, fault === "truncate");
  }

  const server = createServer((incoming, outgoing) => {
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    const startedAt = performance.now();
    outgoing.once("close", () => {
      underWay -= 1;
      connectionMs += performance.now() - startedAt;
    });
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const url = await listen(server, options.port ?? 0);
  const apiUrl = `${url}/3.0`;

  return {
    url,
    key,
    account,
    events: account,
    requests: () => log.slice(-loggedRequests),
    requestCount: () => count,
    writes: () => writes,
    mostConnections: () => mostUnderWay,
    connectionMs: () => connectionMs,
    setOtherConnections: (connections) => {
      otherConnections = connections;
    },
    setFaults: (next) => {
      faults = next;
    },
    async close() {
      await closeServer(server);
      if (writes.length > 0)
        throw new Error(`Somebody wanted to write to Mailchimp: ${writes[0]!.method} ${writes[0]!.url}`);
    },
  };
}

/** The key of a Basic (any user name) or Bearer header; null where there is none. */
function keyOf(authorization: string): string | null {
  const [scheme = "", credentials = ""] = authorization.split(" ");
  if (/^(?:bearer|oauth)$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return null;
  return Buffer.from(credentials, "base64").toString("utf8").split(":").slice(1).join(":");
}

function textOf(body: unknown): string {
  return body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
}

function send(
  outgoing: ServerResponse,
  { status, body, headers }: SimulatorResponse,
  bytes: Buffer,
  zipped: boolean,
  truncated: boolean,
): void {
  outgoing.writeHead(status, {
    ...(body === undefined
      ? {}
      : { "content-type": typeof body === "string" ? "text/html" : "application/json; charset=utf-8" }),
    ...(zipped ? { "content-encoding": "gzip" } : {}),
    server: "openresty",
    vary: "Accept-Encoding",
    "x-request-id": randomUUID(),
    "content-length": bytes.length,
    ...headers,
  });
  if (truncated) outgoing.write(bytes.subarray(0, bytes.length >> 1), () => outgoing.destroy());
  else outgoing.end(bytes);
}
