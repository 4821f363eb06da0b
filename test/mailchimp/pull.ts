import type { ApiAccess, ApiExport } from "../../importers/api-importer.ts";
import type { ClientSettings } from "../../importers/mailchimp/api/client.ts";
import { connectMailchimp } from "../../importers/mailchimp/api/importer.ts";
import type { MailchimpSimulator } from "../../simulators/mailchimp/simulator.ts";

export { startMailchimpSimulator as startSimulator } from "../../simulators/mailchimp/simulator.ts";

export const userIdField = "merge_fields.USER_ID";

/** Impatient, so that troubles that pass are over soon. */
export function connect(
  simulator: Pick<MailchimpSimulator, "url" | "key">,
  settings: ClientSettings = {},
  access: Partial<ApiAccess> = {},
): ApiExport {
  return connectMailchimp(
    {
      key: simulator.key,
      endpoint: simulator.url,
      userIdField,
      signal: new AbortController().signal,
      ...access,
    },
    { firstWaitMs: 1, timeoutMs: 20_000, ...settings },
  );
}
