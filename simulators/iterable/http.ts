/** One request as the simulator sees it. */
export interface SimulatorRequest {
  method: string;
  /** As sent, still percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  body: string;
  /** Counts all requests of this simulator, from 1. */
  count: number;
}

export interface SimulatorResponse {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as text, line by line. */
  lines?: Iterable<string>;
  contentType?: string;
}

/**
 * An answer in place of the true one, or
 * `reset`: the connection is cut before the answer;
 * `truncate`: the true answer is cut in the middle;
 * `unmarked`: the same, through a proxy that says neither a length nor where the chunks end, so that it looks whole;
 * `hang`: no answer until the simulator closes.
 */
export type Fault = SimulatorResponse | "reset" | "truncate" | "unmarked" | "hang";

/** Asked for each request; undefined lets it through. */
export type FaultSource = (request: SimulatorRequest) => Fault | undefined;

/** `IterableApiResponse`. */
export function apiError(
  status: number,
  code: string,
  msg: string,
  params?: Record<string, unknown>,
): SimulatorResponse {
  return { status, body: { msg, code, params: params ?? null } };
}
