import type { ApiAccess, ApiExport } from "../../importers/api-importer.ts";
import { createKlaviyoApiImporter } from "../../importers/klaviyo/api/importer.ts";
import { type KlaviyoSimulatorOptions, startKlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";

/** More than any test asks for, so that none waits for its turn. */
const unlimited = { burst: 1_000_000, steady: 10_000_000 };
export const fastTiers = { accounts: unlimited, lists: unlimited, profiles: unlimited };
/** Impatient, so that troubles that pass are over soon. */
export const impatient = { timeoutMs: 2_000, retries: 6, retryDelayMs: 1 };

export function startFastSimulator(options: KlaviyoSimulatorOptions = {}) {
  return startKlaviyoSimulator({ tiers: fastTiers, ...options });
}

export function connect(
  simulator: { url: string; key: string },
  access: Partial<ApiAccess> = {},
  settings: Parameters<typeof createKlaviyoApiImporter>[0] = {},
): ApiExport {
  return createKlaviyoApiImporter({ ...impatient, ...settings }).connect({
    key: simulator.key,
    endpoint: simulator.url,
    userIdField: "external_id",
    signal: new AbortController().signal,
    ...access,
  });
}
