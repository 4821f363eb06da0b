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

/** `body` is sent as JSON unless it is text already. */
export interface SimulatorResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The shape of most App errors (reference/customerio.md §2.1). */
export function appError(status: number, detail: string, pointer?: string): SimulatorResponse {
  const error = { detail, status: String(status), ...(pointer ? { source: { pointer } } : {}) };
  return { status, body: { errors: [error] } };
}

/** The JSON of a body; undefined where it is none. */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
