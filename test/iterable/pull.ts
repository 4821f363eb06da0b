import type { ApiAccess, ApiExport } from "../../importers/api-importer.ts";
import { createIterableExport } from "../../importers/iterable/api/importer.ts";
import type { Timing } from "../../importers/iterable/api/timing.ts";
import {
  type IterableSimulatorOptions,
  startIterableSimulator,
} from "../../simulators/iterable/simulator.ts";

import type { Landing } from "../importers/landing.ts";

/** A minute of a tenth of a second, and impatient, so that troubles that pass are over soon. */
export const fast: Timing = { minuteMs: 100, idleMs: 2_000, shortIdleMs: 2_000, retries: 6, retryDelayMs: 1 };

export function startFastSimulator(options: IterableSimulatorOptions = {}) {
  return startIterableSimulator({ minuteMs: fast.minuteMs, ...options });
}

export function connect(
  simulator: { url: string; key: string },
  access: Partial<ApiAccess> = {},
  timing: Partial<Timing> = {},
): ApiExport {
  return createIterableExport(
    {
      key: simulator.key,
      endpoint: simulator.url,
      userIdField: "userId",
      signal: new AbortController().signal,
      ...access,
    },
    { ...fast, ...timing },
  );
}

/** The levels of everybody with the address or userId, events included. */
export function levelsOf(landing: Landing, whom: string): string[] {
  const found = [...landing.records.values()].filter(
    ({ email, userId }) => email === whom || userId === whom,
  );
  return found.flatMap(({ states }) => states.map(({ level }) => level)).sort();
}
