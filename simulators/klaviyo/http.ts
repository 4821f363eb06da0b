import type { IncomingHttpHeaders } from "node:http";

/** One request as the simulator sees it. */
export interface SimulatorRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Counts all requests of this simulator, from 1. */
  count: number;
}

/** `body` is sent as JSON:API unless it is text or bytes already. */
export interface SimulatorResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Where in the request an error is: a query parameter, or a place in the body. */
type ErrorSource = { parameter: string } | { pointer: string };

/** Klaviyo's one shape of errors (reference/klaviyo.md §6). */
export function apiError(
  status: number,
  code: string,
  title: string,
  detail: string,
  source: ErrorSource = { pointer: "/data/" },
  headers: Record<string, string> = {},
): SimulatorResponse {
  const error = {
    id: "5d2c1f0e-0a4b-4c55-9b8f-5c1b0f6f8a11",
    status,
    code,
    title,
    detail,
    source,
    links: {},
    meta: {},
  };
  return { status, body: { errors: [error] }, headers };
}

/** A query parameter that Klaviyo does not take. */
export function invalidInput(parameter: string, detail: string): SimulatorResponse {
  return apiError(400, "invalid", "Invalid input.", detail, { parameter });
}
