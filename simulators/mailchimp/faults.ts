import { everyNth, firstStriking } from "../recurring-faults.ts";
import type { SimulatorRequest, SimulatorResponse } from "./http.ts";

/**
 * An answer in place of the true one, or
 * `reset`: the connection is cut before the answer;
 * `truncate`: the answer is cut in the middle;
 * `hang`: no answer until the simulator closes.
 */
export type Fault = SimulatorResponse | "reset" | "truncate" | "hang";

/** Asked for each request; undefined lets it through. */
export type FaultSource = (request: SimulatorRequest) => Fault | undefined;

const every = everyNth<Fault>;
const firstOf = firstStriking<Fault>;

const tooMany: Fault = {
  status: 429,
  headers: { "content-type": "application/problem+json; charset=utf-8" },
  body: JSON.stringify({
    type: "https://mailchimp.com/developer/marketing/docs/errors/",
    title: "Too Many Requests",
    status: 429,
    detail: "You have exceeded the limit of 10 simultaneous connections.",
    instance: "",
  }),
};

/** Ready-made troubles by name; each call makes a fresh one. */
export const mailchimpFaults = {
  /** Every 7th call is one connection too many. */
  busy: () => every(7, tooMany),
  /** Every 6th call is refused without a word, as at very high volume. */
  "empty-403": () => every(6, { status: 403 }),
  "server-errors": () =>
    firstOf(every(10, { status: 503 }), every(5, { status: 500, body: "upstream error" })),
  "broken-connections": () => firstOf(every(7, "reset"), every(5, "truncate")),
  /** Every 6th answer is a proxy's HTML page, every 8th has no body. */
  "not-json": () =>
    firstOf(every(6, { status: 200, body: "<html>It works!</html>" }), every(8, { status: 200 })),
  /** A bit of everything. */
  rough: () =>
    firstOf(
      every(13, tooMany),
      every(17, { status: 503 }),
      every(19, "reset"),
      every(23, { status: 403 }),
      every(29, "truncate"),
    ),
} satisfies Record<string, () => FaultSource>;
export type MailchimpFaultName = keyof typeof mailchimpFaults;
