import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closeServer, listen } from "../listener.ts";
import { klaviyoProfiles } from "../world/klaviyo-profiles.ts";
import { hash32 } from "../world/random.ts";
import { createWorld } from "../world/world.ts";
import { accountsAnswer } from "./accounts.ts";
import type { Fault, FaultSource } from "./faults.ts";
import { apiError, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import { type KlaviyoList, listsAnswer } from "./lists.ts";
import { oddProfiles } from "./odd-profiles.ts";
import { type Profile, profileOf } from "./profile.ts";
import { ProfileBook } from "./profile-book.ts";
import { profilesAnswer } from "./profiles.ts";
import { createRateLimit, klaviyoTiers, type RateLimitHeaders, type Tier } from "./rate-limit.ts";
import { type NewPerson, type WorldEvents, worldEvents } from "./world-events.ts";

const scopesOf = { accounts: "accounts:read", lists: "lists:read", profiles: "profiles:read" } as const;
type Endpoint = keyof typeof scopesOf;
export type KlaviyoScope = (typeof scopesOf)[Endpoint];

export interface KlaviyoSimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  /** The private key. */
  key?: string;
  /** What the key may do. Default: everything. */
  scopes?: readonly KlaviyoScope[];
  /** People of the seeded world, of whom Klaviyo knows a part. Default 0. */
  people?: number;
  /** Default 1. */
  seed?: number;
  /** Adds a profile for every odd case of the reference. Default false. */
  oddities?: boolean;
  /** People beyond the world. */
  persons?: readonly NewPerson[];
  lists?: readonly KlaviyoList[];
  /** The simulator's clock, milliseconds since 1970. Default: the world's present, running. */
  now?: () => number;
  /** Per endpoint. Default: as the specification says. */
  tiers?: Partial<Record<Endpoint, Tier>>;
  /** Default `steady`. */
  rateLimitHeaders?: RateLimitHeaders;
  /** False leaves Retry-After out of a 429. Default true. */
  retryAfter?: boolean;
  /** Refuse anything but this revision where the caller has opted out of falling forward. Default: none is retired. */
  retiredRevisions?: readonly string[];
  /** Code of that 410, which is unconfirmed. Default `gone`. */
  retiredCode?: string;
  /** Code of a 401 without a key, which is unconfirmed. Default `not_authenticated`. */
  missingKeyCode?: string;
  /** How the last page says that it is the last. Default `null`. */
  lastPage?: "null" | "absent";
  /** Each page begins again with this many profiles of the page before. Default 0. */
  repeatedProfiles?: number;
  /** Profiles on the longest page, so that a small account has many. Default 100. */
  longestPage?: number;
  /** How a refused cursor is answered, which is unconfirmed. Default 400. */
  cursorRefusal?: 400 | 404 | 410;
  /** In which letter case the reason filter takes its words, which is unconfirmed. Default `any`. */
  reasonCase?: "upper" | "lower" | "any";
  /** Whether consent events move `updated`. In life they do not. Default false. */
  consentMovesUpdated?: boolean;
  /** Links point to this origin instead of the simulator's own. */
  linkOrigin?: string;
  /** Troubles to answer with; `klaviyoFaults` holds ready-made ones. */
  faults?: FaultSource;
  /** Sees each whole answer beside its request. */
  observe?: (request: SimulatorRequest, response: SimulatorResponse) => void;
}

export interface LoggedRequest {
  /** Milliseconds of the real clock at which it arrived. */
  at: number;
  method: string;
  /** With the query, as sent. */
  url: string;
  /** 0 where no answer was sent. */
  status: number;
}

export interface KlaviyoSimulator {
  url: string;
  key: string;
  /** What happens to people while it runs. */
  events: WorldEvents;
  /** By id. */
  profiles(): readonly Profile[];
  lists(): readonly KlaviyoList[];
  /** The last 20,000 requests, oldest first. */
  requests(): readonly LoggedRequest[];
  requestCount(): number;
  /** Requests that would have changed something; all were refused. */
  writeAttempts(): readonly LoggedRequest[];
  setFaults(faults: FaultSource | undefined): void;
  /** All cursors handed out so far are refused from now on. */
  expireCursors(): void;
  /** The key is not known any more. */
  revokeKey(): void;
  setScopes(scopes: readonly KlaviyoScope[]): void;
  close(): Promise<void>;
}

const practiceKey = "pk_practice0000000000000000000000000";
const practiceLists: KlaviyoList[] = [
  { id: "Y6nRLr", name: "Newsletter", optInProcess: "double_opt_in" },
  { id: "XkPd2a", name: "Offers", optInProcess: "single_opt_in" },
];
const revision = "2026-07-15";
const loggedRequests = 20_000;

/**
 * A loopback server that behaves like one Klaviyo account (reference/klaviyo.md §9), as far as an exporter reads
 * it: accounts, lists, profiles. Behaviour that the reference marks as unconfirmed is a switch.
 */
export async function startKlaviyoSimulator(
  options: KlaviyoSimulatorOptions = {},
): Promise<KlaviyoSimulator> {
  const key = options.key ?? practiceKey;
  const world = createWorld({ people: options.people ?? 0, seed: options.seed ?? 1 });
  const startedAt = Date.now();
  const now = options.now ?? (() => world.now + (Date.now() - startedAt));
  const book = new ProfileBook(
    (function* () {
      for (const person of world) for (const view of klaviyoProfiles(person)) yield profileOf(view);
      if (options.oddities) yield* oddProfiles();
    })(),
  );
  const lists = options.lists ?? practiceLists;
  const events = worldEvents(book, { now, consentMovesUpdated: options.consentMovesUpdated ?? false });
  for (const person of options.persons ?? []) events.addPerson(person);

  const limitOf = (endpoint: Endpoint, tier: Tier) =>
    createRateLimit({
      tier: options.tiers?.[endpoint] ?? tier,
      headers: options.rateLimitHeaders ?? "steady",
      retryAfter: options.retryAfter ?? true,
      now: () => performance.now(),
    });
  const limits = {
    accounts: limitOf("accounts", klaviyoTiers.XS),
    lists: limitOf("lists", klaviyoTiers.L),
    profiles: limitOf("profiles", klaviyoTiers.L),
  };

  let scopes = options.scopes ?? Object.values(scopesOf);
  let revoked = false;
  let faults = options.faults;
  let epoch = 0;
  let count = 0;
  let log: LoggedRequest[] = [];
  const writes: LoggedRequest[] = [];
  const origin = () => options.linkOrigin ?? url;

  function answer(request: SimulatorRequest): SimulatorResponse {
    const { authorization, revision: asked } = request.headers;
    if (authorization === undefined) {
      const code = options.missingKeyCode ?? "not_authenticated";
      return apiError(
        401,
        code,
        "Authentication credentials were not provided.",
        "Missing or invalid authorization scheme.",
      );
    }
    if (revoked || authorization !== `Klaviyo-API-Key ${key}`) {
      return apiError(
        401,
        "authentication_failed",
        "Incorrect authentication credentials.",
        "Invalid API key.",
      );
    }
    if (typeof asked !== "string" || !/^\d{4}-\d\d-\d\d(\.pre)?$/.test(asked)) {
      return apiError(400, "invalid", "Invalid input.", "A revision header is required.");
    }
    const optedOut = request.headers["x-klaviyo-revision-fall-forward-opt-out"] === "1";
    if (optedOut && (options.retiredRevisions?.includes(asked) || asked < "2025-07-15")) {
      const code = options.retiredCode ?? "gone";
      return apiError(410, code, "Gone.", `The revision ${asked} is no longer available.`);
    }
    if (request.method !== "GET") {
      return apiError(405, "method_not_allowed", "Method not allowed.", `${request.method} is refused here.`);
    }
    const endpoint = /^\/api\/(accounts|lists|profiles)\/?$/.exec(request.path)?.[1] as Endpoint | undefined;
    if (!endpoint) return apiError(404, "not_found", "Not found.", "There is nothing at this path.");
    const admitted = limits[endpoint].admit();
    if ("refusal" in admitted) return admitted.refusal;
    const response = answerEndpoint(endpoint, request);
    return { ...response, headers: { revision, ...admitted.headers, ...response.headers } };
  }

  function answerEndpoint(endpoint: Endpoint, request: SimulatorRequest): SimulatorResponse {
    if (!scopes.includes(scopesOf[endpoint])) {
      return apiError(
        403,
        "permission_denied",
        "You do not have permission to perform this action.",
        `Your API key is missing the required scope ${scopesOf[endpoint]}.`,
      );
    }
    const shape = {
      origin: origin(),
      lastPage: options.lastPage ?? "null",
      epoch,
      cursorRefusal: options.cursorRefusal ?? 400,
    };
    if (endpoint === "accounts") return accountsAnswer(origin());
    if (endpoint === "lists") return listsAnswer(request, lists, shape);
    return profilesAnswer(request, book, {
      ...shape,
      repeatedProfiles: options.repeatedProfiles ?? 0,
      longestPage: options.longestPage ?? 100,
      reasonCase: options.reasonCase ?? "any",
    });
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    incoming.resume();
    count += 1;
    const url = new URL(incoming.url ?? "/", "http://loopback");
    const request: SimulatorRequest = {
      method: incoming.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      count,
    };
    const logged: LoggedRequest = {
      at: Date.now(),
      method: request.method,
      url: incoming.url ?? "/",
      status: 0,
    };
    log.push(logged);
    if (log.length > loggedRequests * 2) log = log.slice(-loggedRequests);
    if (request.method !== "GET") writes.push(logged);

    const fault = faults?.(request);
    if (fault === "hang") return;
    if (fault === "reset") return void incoming.socket.destroy();
    const response = typeof fault === "object" ? fault : answer(request);
    if (fault === undefined) options.observe?.(request, response);
    logged.status = response.status;
    send(outgoing, response, typeof fault === "string" ? fault : undefined, now());
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const url = await listen(server, options.port ?? 0);

  return {
    events,
    url,
    key,
    profiles: () => book.all,
    lists: () => lists,
    requests: () => log.slice(-loggedRequests),
    requestCount: () => count,
    writeAttempts: () => writes,
    setFaults: (next) => {
      faults = next;
    },
    expireCursors: () => {
      epoch = hash32("epoch", epoch);
    },
    revokeKey: () => {
      revoked = true;
    },
    setScopes: (next) => {
      scopes = next;
    },
    close: () => closeServer(server),
  };
}

function send(
  outgoing: ServerResponse,
  { status, body, headers }: SimulatorResponse,
  fault: Exclude<Fault, SimulatorResponse> | undefined,
  now: number,
): void {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(textOf(body));
  const contentType = typeof body === "string" ? "text/html; charset=UTF-8" : "application/vnd.api+json";
  const half = bytes.subarray(0, Math.max(1, bytes.length >> 1));
  const declared = fault === "cut-clean" ? half.length : bytes.length + (fault === undefined ? 0 : 100);
  outgoing.writeHead(status, {
    date: new Date(now).toUTCString(),
    "content-type": contentType,
    "content-length": declared,
    ...headers,
  });
  if (fault === "drip") {
    const timer = setInterval(() => outgoing.write(" "), 20);
    outgoing.on("close", () => clearInterval(timer));
  } else if (fault === "truncate") outgoing.write(half, () => outgoing.destroy());
  else outgoing.end(fault === "cut-clean" ? half : bytes);
}

function textOf(body: unknown): string {
  if (body === undefined) return "";
  return typeof body === "string" ? body : JSON.stringify(body);
}
