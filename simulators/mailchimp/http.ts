/** One request as the simulator sees it. */
export interface SimulatorRequest {
  method: string;
  /** Without the query and the leading `/3.0`. */
  path: string;
  query: URLSearchParams;
  /** Counts all requests of this simulator, from 1. */
  count: number;
}

/** `body` is sent as JSON unless it is text already. */
export interface SimulatorResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Thrown wherever a request is refused. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly fields: { field: string; message: string }[];

  constructor(
    status: number,
    title: string,
    detail: string,
    fields: { field: string; message: string }[] = [],
  ) {
    super(detail);
    this.status = status;
    this.title = title;
    this.fields = fields;
  }
}

export function notFound(): Problem {
  return new Problem(404, "Resource Not Found", "The requested resource could not be found.");
}
