import { everyNth, firstStriking } from "../recurring-faults.ts";
import type { SimulatorRequest, SimulatorResponse } from "./http.ts";

/**
 * An answer in place of the true one, or
 * `reset`: the connection is cut before the answer;
 * `truncate`: the answer is cut in the middle;
 * `cut-clean`: half of the answer, declared as the whole of it;
 * `drip`: the answer comes a byte at a time and never ends;
 * `hang`: no answer until the simulator closes.
 */
export type Fault = SimulatorResponse | "reset" | "truncate" | "cut-clean" | "drip" | "hang";

/** Asked for each request; undefined lets it through. */
export type FaultSource = (request: SimulatorRequest) => Fault | undefined;

const every = everyNth<Fault>;
const firstOf = firstStriking<Fault>;

/** A proxy's page in front of the API; never JSON. */
const page = (status: number, headers: Record<string, string> = {}): SimulatorResponse => ({
  status,
  body: "<!DOCTYPE html><title>Just a moment...</title>",
  headers,
});

/** Ready-made troubles by name; each call makes a fresh one. */
export const klaviyoFaults = {
  /** Every 7th call is refused without a word on when to come back. */
  busy: () => every(7, { status: 429 }),
  "server-errors": () => firstOf(every(5, { status: 503 }), every(7, { status: 500, body: "oops" })),
  /** What Cloudflare says when the API behind it is too slow or its certificate is wrong. */
  "gateway-pages": () => firstOf(every(4, page(524)), every(6, page(525))),
  /** Cloudflare takes the caller for a robot (klaviyo-api-python#84). */
  challenge: () => every(5, page(403, { "cf-mitigated": "challenge" })),
  "broken-connections": () => firstOf(every(4, "reset"), every(5, "truncate"), every(7, "cut-clean")),
  "not-json": () => every(4, page(200)),
  /** A bit of everything. */
  rough: () =>
    firstOf(
      every(11, { status: 429 }),
      every(13, { status: 503 }),
      every(17, "reset"),
      every(19, "truncate"),
      every(23, page(403, { "cf-mitigated": "challenge" })),
    ),
  down: () => every(1, { status: 503 }),
} satisfies Record<string, () => FaultSource>;
