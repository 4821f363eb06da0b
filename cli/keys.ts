import type { CustomerIoKeys } from "../contract/host-contract.ts";
import type { SourceName } from "../contract/source.ts";

/** The Customer.io keys from the environment (interfaces §2), or null where one is missing. */
export function keysFromEnvironment(): CustomerIoKeys | null {
  const {
    CUSTOMER_IO_SITE_ID: siteId,
    CUSTOMER_IO_API_KEY: trackApiKey,
    CUSTOMER_IO_APP_API_KEY: appApiKey,
  } = process.env;
  return siteId && trackApiKey && appApiKey ? { siteId, trackApiKey, appApiKey } : null;
}

/** A source's API key from the environment (interfaces §2), or null: `MAILCHIMP_API_KEY`, `KLAVIYO_API_KEY`, `ITERABLE_API_KEY`. */
export function sourceKeyFromEnvironment(source: SourceName): string | null {
  return process.env[`${source.toUpperCase()}_API_KEY`] || null;
}
