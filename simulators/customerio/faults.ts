import type { SimulatorRequest, SimulatorResponse } from "./http.ts";

/**
 * An answer in place of the true one (the request has no effect), or
 * `reset`: the connection is cut and the request has no effect;
 * `reset-after`: the request takes effect and the connection is cut before the answer;
 * `truncate`: the request takes effect and the answer is cut in the middle;
 * `hang`: no effect and no answer until the simulator closes.
 */
export type Fault = SimulatorResponse | "reset" | "reset-after" | "truncate" | "hang";

/** Asked for each request; undefined lets it through. */
export type FaultSource = (request: SimulatorRequest) => Fault | undefined;

/**
 * What becomes of one item of a batch, asked before it is looked at: `refuse` lists it in the answer's errors, `drop`
 * accepts it and lets it come to nothing, as Customer.io does with what it cannot resolve later.
 */
export type ItemFaultSource = (item: unknown, index: number) => "refuse" | "drop" | undefined;

const isTrack = (request: SimulatorRequest) => request.path.startsWith("/api/");
const every = (n: number, fault: Fault, concerns: (request: SimulatorRequest) => boolean = () => true) => {
  let seen = 0;
  return (request: SimulatorRequest) => {
    if (!concerns(request)) return undefined;
    seen += 1;
    return seen % n === 0 ? fault : undefined;
  };
};
const firstOf =
  (...sources: FaultSource[]): FaultSource =>
  (request) => {
    for (const source of sources) {
      const fault = source(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };

/** Ready-made troubles by name; each call makes a fresh one. */
export const customerIoFaults = {
  /** Every 7th call is over the limit. */
  busy: () => every(7, { status: 429 }),
  /** Every 5th call fails at the server. */
  "server-errors": () =>
    firstOf(every(10, { status: 503 }), every(5, { status: 500, body: "upstream error" })),
  /** Connections break, before and after the request took effect. */
  "broken-connections": () => firstOf(every(9, "reset-after"), every(7, "reset"), every(11, "truncate")),
  /** Every 6th answer is a proxy's HTML page. */
  "not-json": () => every(6, { status: 200, body: "<html>It works!</html>" }),
  /** A bit of everything. */
  rough: () =>
    firstOf(
      every(13, { status: 429 }),
      every(17, { status: 503 }),
      every(19, "reset"),
      every(23, "reset-after"),
      every(29, "truncate"),
    ),
  /** Track is down. */
  "track-down": () => every(1, { status: 503 }, isTrack),
  /** The App API is down. */
  "app-down": () => every(1, { status: 503 }, (request) => !isTrack(request)),
} satisfies Record<string, () => FaultSource>;
