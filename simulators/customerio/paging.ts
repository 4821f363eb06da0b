import type { SimulatorResponse } from "./http.ts";

/** `null` in place of an empty list where the simulator is set so (reference/customerio.md §2.1). */
export function list(
  name: string,
  items: unknown[],
  { emptyListAsNull }: { emptyListAsNull: boolean },
): SimulatorResponse {
  return { status: 200, body: { [name]: items.length === 0 && emptyListAsNull ? null : items } };
}

export function limitOf(query: URLSearchParams, standard: number, maximum: number): number {
  const limit = Number(query.get("limit") ?? standard);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, maximum) : standard;
}

/** `next` is empty on the last page. */
export function cursorPage<T>(items: T[], query: URLSearchParams, standard: number, maximum: number) {
  const limit = limitOf(query, standard, maximum);
  const start = Number(Buffer.from(query.get("start") ?? "", "base64url").toString()) || 0;
  const end = start + limit;
  const next = end < items.length ? Buffer.from(String(end)).toString("base64url") : "";
  return { page: items.slice(start, end), next };
}
