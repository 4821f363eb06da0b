import type { Fault, FaultSource, ItemFaultSource } from "../../simulators/customerio/faults.ts";
import type { SimulatorRequest } from "../../simulators/customerio/http.ts";
import type { FaultCase } from "./fault-case.ts";

/** Kinds of calls, each with how to know one and which of them, the first to the last of a delivery, meet trouble. */
const calls = {
  "which workspace (Track)": { is: at("GET", /^\/api\/v1\/accounts\/region$/), positions: [1, 2] },
  "which workspace (App)": { is: at("GET", /^\/v1\/workspaces$/), positions: [1, 2] },
  batch: { is: at("POST", /^\/api\/v2\/batch$/), positions: [1, 2, 3] },
  "list entry": { is: at("POST", /^\/v1\/esp\/suppression\//), positions: [1, 4, 8] },
  "page of a list": { is: at("GET", /^\/v1\/esp\/suppression\//), positions: [1, 4, 6] },
  "profiles by id": { is: attributesBy("id"), positions: [1, 2] },
  "profiles by address": { is: attributesBy("email"), positions: [1, 2] },
  activities: { is: at("GET", /^\/v1\/activities$/), positions: [1] },
} satisfies Record<string, { is: (request: SimulatorRequest) => boolean; positions: number[] }>;
type Call = keyof typeof calls;

const html = "<html>It works!</html>";
/** Answers that pass: another attempt goes better. */
const passing: Record<string, Fault> = {
  "429": { status: 429 },
  "429 with Retry-After": { status: 429, headers: { "retry-after": "0" } },
  "408": { status: 408 },
  "500 of a proxy": { status: 500, body: "upstream error" },
  "503": { status: 503 },
  "an HTML page": { status: 200, body: html },
  "an empty 200": { status: 200 },
  "a hang": "hang",
  "a reset": "reset",
  "a reset after the fact": "reset-after",
  "a truncated answer": "truncate",
};
/** Answers that end a run. */
const ending: Record<string, Fault> = {
  "401": { status: 401 },
  "403": { status: 403, body: { meta: { error: "forbidden" } } },
  "a redirect to elsewhere": { status: 307, headers: { location: "https://example.com/" } },
  "a redirect to nowhere": { status: 302 },
};
/** Answers that say something else than they should. */
const lying: Record<string, Fault> = {
  "an empty object": { status: 200, body: {} },
  "a list": { status: 200, body: [] },
  "404": { status: 404, body: { errors: [{ detail: "not found", status: 404 }] } },
  "422": { status: 422, body: { errors: [{ detail: "no", status: "422", source: { pointer: "/data" } }] } },
};
/** Batches only. Each is said of the whole batch, and none of it takes effect. */
const refusals: Record<string, Fault> = {
  "400": { status: 400, body: { errors: [{ reason: "invalid", field: "batch", message: "no" }] } },
  "400 without JSON": { status: 400, body: html },
  "413": { status: 413, body: "too large" },
  "a 207 that names nobody": { status: 207, body: { errors: [] } },
  "a 207 about nobody": { status: 207, body: { errors: [{ batch_index: 99_999, reason: "invalid" }] } },
  "a 200 with errors": { status: 200, body: { errors: [{ reason: "invalid" }] } },
  "a 200 with a meta error": { status: 200, body: { meta: { error: "no" } } },
  "a 200 that names the first": { status: 200, body: { errors: [{ batch_index: 0, reason: "invalid" }] } },
};

/** The whole matrix, the same in every run. */
export function faultMatrix(): FaultCase[] {
  const cases: FaultCase[] = [];
  for (const call of Object.keys(calls) as Call[]) {
    for (const position of calls[call].positions) {
      for (const [answer, fault] of Object.entries({ ...passing, ...ending })) {
        cases.push(oneAnswer(call, position, answer, fault));
      }
    }
    for (const [answer, fault] of Object.entries(lying)) cases.push(oneAnswer(call, 1, answer, fault));
    for (const answer of ["503", "a hang", "a truncated answer", "an HTML page"]) {
      cases.push({
        name: `${call}: ${answer} every time`,
        size: "small",
        during: "suppressions",
        faults: () => (request) => (calls[call].is(request) ? passing[answer] : undefined),
      });
    }
  }
  // Entries of other groups than the first.
  for (const position of [31, 73]) {
    for (const answer of ["429", "503", "a reset after the fact"])
      cases.push(oneAnswer("list entry", position, answer, passing[answer]!));
    cases.push(oneAnswer("list entry", position, "401", ending["401"]!));
  }
  for (const position of calls.batch.positions) {
    for (const [answer, fault] of Object.entries(refusals)) {
      cases.push(oneAnswer("batch", position, answer, fault));
    }
  }
  cases.push(...itemCases(), ...listRefusals(), ...silence(), ...staleness(), ...limits(), ...profileCases());
  return cases;
}

/** The n-th call of a kind is answered so, once. */
function oneAnswer(call: Call, position: number, answer: string, fault: Fault): FaultCase {
  return {
    name: `${call} ${position}: ${answer}`,
    // The small plan fits one batch and one group of list entries.
    size: (call === "batch" && position > 1) || position > 8 ? "large" : "small",
    during: "suppressions",
    faults: () => nth(call, position, fault),
  };
}

function nth(call: Call, position: number, fault: Fault): FaultSource {
  let seen = 0;
  return (request) => {
    if (!calls[call].is(request)) return undefined;
    seen += 1;
    return seen === position ? fault : undefined;
  };
}

/** A 207 that is true, and items that are accepted and come to nothing, at every place of a batch. */
function itemCases(): FaultCase[] {
  const places: [string, "small" | "large", string][] = [
    ["first", "small", "complained-0"],
    ["middle", "small", "unsubscribed-1"],
    ["last", "small", "lead.2@x.com"],
    ["first of the second batch", "large", "unsubscribed-965"],
    ["last of all", "large", "lead.99@x.com"],
  ];
  return places.flatMap(([place, size, who]) =>
    (["refuse", "drop"] as const).map(
      (fate): FaultCase => ({
        name: `item ${place}: ${fate}`,
        size,
        during: "suppressions",
        itemFaults: () => itemOf(who, fate),
        ...(fate === "refuse" && { refused: (subject) => subject === subjectOf(who) }),
      }),
    ),
  );
}

function itemOf(who: string, fate: "refuse" | "drop"): ItemFaultSource {
  return (item) =>
    Object.values((item as { identifiers: Record<string, string> }).identifiers)[0] === who
      ? fate
      : undefined;
}

function subjectOf(who: string): string {
  return `${who.includes("@") ? "email" : "id"}:${who}`;
}

/** List entries that the workspace refuses. */
function listRefusals(): FaultCase[] {
  const entries = ["spam_reports/complained.0", "bounces/bounced.1", "invalid_emails/invalid.1"];
  return entries.flatMap((entry) =>
    [400, 404, 422].map((status): FaultCase => {
      const [list, name] = entry.split("/") as [string, string];
      const path = `/v1/esp/suppression/${list}/${encodeURIComponent(`${name}@x.com`)}`;
      return {
        name: `list entry ${entry}: ${status} every time`,
        size: "small",
        during: "suppressions",
        faults: () => (request) =>
          request.path === path && request.method === "POST"
            ? { status, body: { errors: [{ detail: "no", status }] } }
            : undefined,
        refused: (subject) => subject === `esp_${list}:${name}@x.com`,
      };
    }),
  );
}

/** Accepted, and nothing comes of it. */
function silence(): FaultCase[] {
  const accepted: Fault = { status: 200, body: {} };
  return [
    ...calls.batch.positions.map((position) =>
      oneAnswer("batch", position, "200 and nothing comes of it", accepted),
    ),
    ...calls["list entry"].positions.map((position) =>
      oneAnswer("list entry", position, "200 and nothing comes of it", accepted),
    ),
    {
      name: "every write: 200 and nothing comes of it",
      size: "small",
      during: "suppressions",
      faults: () => (request) => (request.method === "POST" && isWrite(request) ? accepted : undefined),
    },
  ];
}

function isWrite(request: SimulatorRequest): boolean {
  return calls.batch.is(request) || calls["list entry"].is(request);
}

/** What is read back is older than what was written. */
function staleness(): FaultCase[] {
  const nobody: Fault = { status: 200, body: { customers: [] } };
  const nothing: Fault = { status: 200, body: { category: "bounces", suppressions: [] } };
  const never = 100_000_000;
  return [
    {
      name: "writes take effect after a while",
      size: "small",
      during: "suppressions",
      simulator: { writeDelayMs: 90 },
    },
    {
      name: "writes take effect after the deadline",
      size: "small",
      during: "suppressions",
      simulator: { writeDelayMs: 600 },
      afterwards: (simulator) => simulator.settle(),
    },
    {
      name: "writes never take effect in the first run",
      size: "small",
      during: "suppressions",
      simulator: { writeDelayMs: never },
      afterwards: (simulator) => simulator.settle(),
    },
    ...[1, 2, 3].flatMap((position): FaultCase[] => [
      oneAnswer("profiles by id", position, "nobody", nobody),
      oneAnswer("profiles by address", position, "nobody", nobody),
      oneAnswer("page of a list", position, "nothing", nothing),
    ]),
    {
      name: "profiles by id: nobody every time",
      size: "small",
      during: "suppressions",
      faults: () => (request) => (calls["profiles by id"].is(request) ? nobody : undefined),
    },
    {
      name: "pages of lists: nothing every time",
      size: "small",
      during: "suppressions",
      faults: () => (request) => (calls["page of a list"].is(request) ? nothing : undefined),
    },
  ];
}

/** The vendor's limits and settings as they may be. */
function limits(): FaultCase[] {
  const settings: [string, NonNullable<FaultCase["simulator"]>][] = [
    ["a tight App limit", { appRequestsPerSecond: 60 }],
    ["a tight App limit with Retry-After", { appRequestsPerSecond: 60, retryAfterSeconds: 0 }],
    ["a Track limit", { trackRequestsPerSecond: 2 }],
    ["lists that are null where empty", { emptyListAsNull: true }],
    ["KB of 1,024 bytes", { kilobyte: 1024, oversizeStatus: 400 }],
    ["401 with a body", { unauthorisedBody: "meta" }],
    ["no automatic merges", { autoMerge: false }],
  ];
  return settings.map(([name, simulator]) => ({ name, size: "small", during: "suppressions", simulator }));
}

/** Troubles once the gate is open: with batches of profiles, and with reading them back. */
function profileCases(): FaultCase[] {
  const accepted: Fault = { status: 200, body: {} };
  const whole = {
    ...passing,
    ...ending,
    ...refusals,
    "503 every time": passing["503"]!,
    "200 and nothing comes of it": accepted,
  };
  const nobody: Fault = { status: 200, body: { customers: [] } };
  const readings = { ...passing, ...ending, ...lying, nobody, "nobody every time": nobody };
  return [
    ...(["profiles by id", "profiles by address"] as const).flatMap((call) =>
      Object.entries(readings).map(
        ([answer, fault]): FaultCase => ({
          name: `${call}, uploaded before: ${answer}`,
          size: "small",
          during: "profiles",
          faults: () =>
            answer.endsWith("every time")
              ? (request) => (calls[call].is(request) ? fault : undefined)
              : nth(call, 1, fault),
        }),
      ),
    ),
    // The profile of somebody suppressed is there already, from the suppression.
    ...["subscriber-1", "unsubscribed-0", "lead.1@x.com"].map(
      (who): FaultCase => ({
        name: `profile of ${who}: drop`,
        size: "small",
        during: "profiles",
        itemFaults: () => itemOf(who, "drop"),
      }),
    ),
    ...Object.entries(whole).map(([answer, fault]): FaultCase => {
      const everyTime = answer.endsWith("every time");
      return {
        name: `batch of profiles: ${answer}`,
        size: "small",
        during: "profiles",
        faults: () =>
          everyTime ? (request) => (calls.batch.is(request) ? fault : undefined) : nth("batch", 1, fault),
      };
    }),
    {
      name: "profile refused",
      size: "small",
      during: "profiles",
      itemFaults: () => itemOf("subscriber-1", "refuse"),
      refused: (subject) => subject === "id:subscriber-1",
    },
  ];
}

function at(method: string, path: RegExp) {
  return (request: SimulatorRequest) => request.method === method && path.test(request.path);
}

function attributesBy(type: string) {
  return (request: SimulatorRequest) =>
    request.path === "/v1/customers/attributes" && request.query.get("id_type") === type;
}
