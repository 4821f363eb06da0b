import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createStateFile } from "../state-file.ts";
import { answerApp } from "./app-api.ts";
import type { FaultSource, ItemFaultSource } from "./faults.ts";
import { appError, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import type { Messaging, SimulatedBroadcast, SimulatedCampaign, SimulatedNewsletter } from "./messaging.ts";
import type { Activity, Person, WorkspaceIdentifiers } from "./people.ts";
import { createRateLimit } from "./rate-limit.ts";
import type { SimulatedSegment, UsedByShape } from "./segments.ts";
import type { SuppressionLists } from "./suppression-lists.ts";
import { answerTrack } from "./track-api.ts";
import { type Delivery, type SimulatedTopic, type Trigger, Workspace } from "./workspace.ts";

export interface CustomerIoSimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  keys?: { siteId: string; trackApiKey: string; appApiKey: string };
  /** Default 140001. */
  workspaceId?: number;
  workspaceName?: string;
  /** Where the account lives. Default `us`. */
  accountRegion?: "us" | "eu";
  /** Which regional hosts this listener plays. Default: those of the account. */
  hostRegion?: "us" | "eu";
  /** Where the US host sends Track calls of an EU account: the address of the listener that plays the EU hosts. */
  redirectTo?: string;
  /** Status of that redirect. Default 307. */
  redirectStatus?: 301 | 302 | 307 | 308;
  /** Writes take effect this many milliseconds after they were accepted. Default 50. */
  writeDelayMs?: number;
  /** Default 10. */
  appRequestsPerSecond?: number;
  /** Sent with a 429 of the App API, in seconds; the vendor documents none. */
  retryAfterSeconds?: number;
  /** One broadcast trigger in this many milliseconds. Default 10,000. */
  broadcastIntervalMs?: number;
  /** Without it Track never answers 429. */
  trackRequestsPerSecond?: number;
  /** Default `email+id`. */
  identifiers?: WorkspaceIdentifiers;
  /** Merges an id-only and an email-only profile that turn out to be one person. Default true. */
  autoMerge?: boolean;
  /** The workspace setting "Allow updates to email using ID". Default false. */
  allowEmailUpdateById?: boolean;
  /** What an identify with an unknown id and the address of somebody who has an id does to that id. Default `replaces`. */
  newIdForKnownEmail?: "replaces" | "refused";
  /** Default none. */
  segments?: SimulatedSegment[];
  /** Default `wrapped`. */
  usedByShape?: UsedByShape;
  /** Bounces and invalid addresses are one ESP list. Default false. */
  invalidAmongBounces?: boolean;
  /** App lists are `null` where they are empty. Default false. */
  emptyListAsNull?: boolean;
  /** Ids that look like numbers are numbers in answers, as in the vendor's examples. Default false. */
  numericIds?: boolean;
  /** How Track refuses a request body that is too large. Default 413. */
  oversizeStatus?: 400 | 413;
  /** Bytes of a KB in the published limits. Default 1000. */
  kilobyte?: 1000 | 1024;
  /** Body of a 401. Default `empty`. */
  unauthorisedBody?: "empty" | "meta";
  /** Default: two, one of them subscribed by default. */
  topics?: SimulatedTopic[];
  /** API-triggered broadcasts. Default: number 1. */
  broadcasts?: SimulatedBroadcast[];
  /** Default none. */
  campaigns?: SimulatedCampaign[];
  /** Default: number 1, a draft. */
  newsletters?: SimulatedNewsletter[];
  /** How a newsletter tells what has become of it. Default `send_state`. */
  newsletterStates?: "send_state" | "sent_at" | "scheduled_at";
  /** Whether the list of campaigns holds the broadcasts too. Default false. */
  broadcastsAmongCampaigns?: boolean;
  /** The longest page of newsletters and messages. Default 1,000. */
  messagingPerPage?: number;
  /** Troubles to answer with; `customerIoFaults` holds ready-made ones. */
  faults?: FaultSource;
  /** Keeps people, lists and triggers in this JSON file, written a moment after changes and on closing. */
  stateFile?: string;
  /** Keeps request bodies in the log, for tests. Default false. */
  recordBodies?: boolean;
  /** Told of every request when its answer is about to leave, or when it gets none. */
  onAnswered?: (request: LoggedRequest) => void;
}

export interface LoggedRequest {
  /** Milliseconds since 1970 at which it arrived. */
  at: number;
  method: string;
  path: string;
  /** 0 where no answer was sent. */
  status: number;
  bytes: number;
  /** Empty unless `recordBodies`. */
  body: string;
}

export interface CustomerIoSimulator {
  url: string;
  keys: { siteId: string; trackApiKey: string; appApiKey: string };
  workspace: { id: number; name: string; region: "us" | "eu" };
  /** Null where nobody has the id. Writes count once their delay is over. */
  personById(id: string): Person | null;
  /** Everybody with the address, in any letter case. */
  peopleByEmail(email: string): Person[];
  peopleCount(): number;
  lists(): SuppressionLists;
  /** Oldest first. */
  activities(): readonly Activity[];
  triggers(): readonly Trigger[];
  /** Campaigns, newsletters, broadcasts and messages: tests change them as somebody at work in the UI does. */
  messaging: Messaging;
  /** Whom a broadcast reached; empty where it failed or is unknown. */
  deliveriesOf(triggerId: number): Delivery[];
  /** The last 20,000 requests, oldest first. */
  requests(): readonly LoggedRequest[];
  /** Requests so far. */
  requestCount(): number;
  setFaults(faults: FaultSource | undefined): void;
  /** Troubles with single items of batches. */
  setItemFaults(faults: ItemFaultSource | undefined): void;
  /** Lets all accepted writes take effect at once. */
  settle(): void;
  close(): Promise<void>;
}

const practiceKeys = {
  siteId: "practice-site-id",
  trackApiKey: "practice-track-api-key",
  appApiKey: "practice-app-api-key",
};
const practiceTopics: SimulatedTopic[] = [
  { id: 1, name: "Newsletter", description: "News once a month", subscribedByDefault: true },
  { id: 2, name: "Offers", description: "Offers and discounts", subscribedByDefault: false },
];
const practiceBroadcasts = [{ id: 1, name: "First broadcast after the migration" }];
const practiceNewsletters = [
  { id: 1, name: "First newsletter after the migration", send_state: "drafted", sent_at: null },
];

const loggedRequests = 20_000;
/** More than any answer about sizes needs, and little enough to hold. */
const maximumBodyBytes = 20_000_000;

/**
 * A loopback server that behaves like one Customer.io workspace (reference/customerio.md §7): Track under
 * `/api/v1` and `/api/v2`, the App API under `/v1`. Behaviour that the reference marks as unconfirmed is a
 * switch where it matters and the documented text elsewhere.
 */
export async function startCustomerIoSimulator(
  options: CustomerIoSimulatorOptions = {},
): Promise<CustomerIoSimulator> {
  const keys = options.keys ?? practiceKeys;
  const accountRegion = options.accountRegion ?? "us";
  const hostRegion = options.hostRegion ?? accountRegion;
  const workspace = new Workspace({
    id: options.workspaceId ?? 140_001,
    name: options.workspaceName ?? "Practice",
    topics: options.topics ?? practiceTopics,
    messaging: {
      campaigns: options.campaigns ?? [],
      broadcasts: options.broadcasts ?? practiceBroadcasts,
      newsletters: options.newsletters ?? practiceNewsletters,
      newsletterStates: options.newsletterStates ?? "send_state",
      broadcastsAmongCampaigns: options.broadcastsAmongCampaigns ?? false,
      mostPerPage: options.messagingPerPage ?? 1_000,
      now: () => Math.floor(Date.now() / 1000),
    },
    segments: options.segments ?? [],
    usedByShape: options.usedByShape ?? "wrapped",
    invalidAmongBounces: options.invalidAmongBounces ?? false,
    writeDelayMs: options.writeDelayMs ?? 50,
    identifiers: options.identifiers ?? "email+id",
    autoMerge: options.autoMerge ?? true,
    allowEmailUpdateById: options.allowEmailUpdateById ?? false,
    newIdForKnownEmail: options.newIdForKnownEmail ?? "replaces",
    now: () => Math.floor(Date.now() / 1000),
    onChange: () => stateFile?.changed(),
  });
  const stateFile =
    options.stateFile === undefined ? undefined : createStateFile(options.stateFile, () => workspace.save());
  const saved = stateFile?.read<ReturnType<Workspace["save"]>>();
  if (saved) workspace.load(saved);

  const appLimit = createRateLimit(options.appRequestsPerSecond ?? 10, 1000);
  const triggerLimit = createRateLimit(1, options.broadcastIntervalMs ?? 10_000);
  const trackLimit =
    options.trackRequestsPerSecond === undefined
      ? undefined
      : createRateLimit(options.trackRequestsPerSecond, 1000);
  const appSettings = {
    emptyListAsNull: options.emptyListAsNull ?? false,
    numericIds: options.numericIds ?? false,
    admitTrigger: () => triggerLimit.admit(Date.now()) === 0,
  };
  const trackSettings = {
    region: accountRegion,
    oversizeStatus: options.oversizeStatus ?? 413,
    kilobyte: options.kilobyte ?? 1000,
    itemFault: (item: unknown, index: number) => itemFaults?.(item, index),
  } as const;
  const basic = `Basic ${Buffer.from(`${keys.siteId}:${keys.trackApiKey}`).toString("base64")}`;
  const bearer = `Bearer ${keys.appApiKey}`;
  const unauthorised: SimulatorResponse =
    options.unauthorisedBody === "meta"
      ? { status: 401, body: { meta: { error: "Unauthorized request" } } }
      : { status: 401 };

  let faults = options.faults;
  let itemFaults: ItemFaultSource | undefined;
  let count = 0;
  let log: LoggedRequest[] = [];

  function answer(request: SimulatorRequest, authorization: string): SimulatorResponse {
    if (request.path === "/v1/info/ip_addresses") {
      return { status: 200, body: { ip_addresses: ["192.0.2.1"] } };
    }
    const wrongRegion = hostRegion !== accountRegion;
    if (request.path.startsWith("/api/")) {
      if (authorization !== basic) return unauthorised;
      if (trackLimit && trackLimit.admit(Date.now()) > 0) return { status: 429 };
      if (wrongRegion && request.path !== "/api/v1/accounts/region") {
        return options.redirectTo !== undefined && accountRegion === "eu"
          ? {
              status: options.redirectStatus ?? 307,
              headers: { location: options.redirectTo + request.path },
            }
          : unauthorised;
      }
      return answerTrack(request, workspace, trackSettings);
    }
    if (request.path.startsWith("/v1/")) {
      if (authorization !== bearer || wrongRegion) return unauthorised;
      if (appLimit.admit(Date.now()) > 0) {
        const retryAfter = options.retryAfterSeconds;
        return retryAfter === undefined
          ? { status: 429 }
          : { status: 429, headers: { "retry-after": String(retryAfter) } };
      }
      return answerApp(request, workspace, appSettings);
    }
    return { status: 404 };
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const at = Date.now();
    const body = await readBody(incoming);
    if (body === null) return send(outgoing, { status: 413 }, false);
    const url = new URL(incoming.url ?? "/", "http://loopback");
    count += 1;
    const request: SimulatorRequest = {
      method: incoming.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      body,
      count,
    };
    const logged: LoggedRequest = {
      at,
      method: request.method,
      path: request.path,
      status: 0,
      bytes: Buffer.byteLength(body),
      body: options.recordBodies ? body : "",
    };
    log.push(logged);
    if (log.length > loggedRequests * 2) log = log.slice(-loggedRequests);

    const fault = faults?.(request);
    if (fault === "hang" || fault === "reset") {
      options.onAnswered?.(logged);
      return fault === "reset" ? void incoming.socket.destroy() : undefined;
    }
    if (typeof fault === "object") {
      logged.status = fault.status;
      options.onAnswered?.(logged);
      return send(outgoing, fault, false);
    }
    let response: SimulatorResponse;
    try {
      response = answer(request, incoming.headers.authorization ?? "");
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      response = appError(400, "malformed path");
    }
    if (fault !== "reset-after") logged.status = response.status;
    options.onAnswered?.(logged);
    if (fault === "reset-after") return void incoming.socket.destroy();
    send(outgoing, response, fault === "truncate");
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    workspace: { id: workspace.id, name: workspace.name, region: accountRegion },
    personById: (id) => workspace.people.find({ type: "id", value: id }) ?? null,
    peopleByEmail: (email) => workspace.people.withEmail(email),
    peopleCount: () => workspace.people.count,
    lists: () => workspace.lists,
    activities: () => workspace.people.activities,
    triggers: () => workspace.triggers,
    messaging: workspace.messaging,
    deliveriesOf: (triggerId) => workspace.triggers.find(({ id }) => id === triggerId)?.deliveries ?? [],
    requests: () => log.slice(-loggedRequests),
    requestCount: () => count,
    setFaults: (next) => {
      faults = next;
    },
    setItemFaults: (next) => {
      itemFaults = next;
    },
    settle: () => workspace.settle(),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      stateFile?.write();
    },
  };
}

/** Null where the body is larger than anything sensible. */
async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(
  outgoing: ServerResponse,
  { status, body, headers }: SimulatorResponse,
  truncated: boolean,
): void {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const bytes = Buffer.from(text);
  const contentType = typeof body === "string" ? "text/html" : "application/json";
  if (truncated) {
    outgoing.writeHead(status, { "content-type": contentType, "content-length": bytes.length + 100 });
    outgoing.write(bytes.subarray(0, Math.max(1, bytes.length >> 1)), () => outgoing.destroy());
    return;
  }
  outgoing.writeHead(status, {
    ...(bytes.length > 0 ? { "content-type": contentType } : {}),
    ...(status === 204 ? {} : { "content-length": bytes.length }),
    ...headers,
  });
  outgoing.end(bytes);
}
