import { everyNth, firstStriking } from "../recurring-faults.ts";
import { apiError, type Fault, type FaultSource } from "./http.ts";

const every = everyNth<Fault>;
const firstOf = firstStriking<Fault>;

const serverError = apiError(500, "GenericError", "Sorry, an error occurred. Please try again later.");
const html = {
  lines: ["<html><body>Something went wrong</body></html>"],
  contentType: "text/html",
};

/** Ready-made troubles by name; each call makes a fresh one. */
export const iterableFaults = {
  /** Every 5th call fails at the server, with and without JSON. */
  "server-errors": () => firstOf(every(10, { status: 504, ...html }), every(5, serverError)),
  /** Connections break, before and in the middle of the answer. */
  "broken-connections": () => firstOf(every(6, "reset"), every(4, "truncate")),
  /** Every 6th answer is a proxy's page. */
  "not-json": () => firstOf(every(12, { status: 403, ...html }), every(6, { status: 502, ...html })),
  /** A bit of everything. */
  rough: () =>
    firstOf(
      every(11, apiError(429, "RateLimitExceeded", "Exceeded rate limit.")),
      every(13, serverError),
      every(7, "reset"),
      every(5, "truncate"),
      every(17, { status: 403, ...html }),
    ),
} satisfies Record<string, () => FaultSource>;
export type IterableFaultName = keyof typeof iterableFaults;
