import { createPace, type Pace } from "../../../pacing/pace.ts";

/** The budgets of calls that Iterable counts apart (reference/iterable.md §2). */
export type Budget = "export_data" | "export_jobs" | "list_members" | "schema" | "profiles";

/**
 * One pace for each budget of a project. Data exports and list members are asked for so seldom that their whole
 * budget may be spent at once.
 * @param minuteMs milliseconds of the vendor's minute
 */
export function createPaces(minuteMs: number, signal: AbortSignal): Record<Budget, Pace> {
  const secondMs = minuteMs / 60;
  const pace = (calls: number, perMs: number, burst: number, concurrency = 1) =>
    createPace({ limits: [{ calls, perMs, burst }], concurrency, signal });
  return {
    export_data: pace(4, minuteMs, 4),
    export_jobs: pace(1, secondMs, 1),
    list_members: pace(5, minuteMs, 5),
    schema: pace(3, secondMs, 1),
    profiles: pace(100, secondMs, 10, 16),
  };
}
