import { badInput, failed } from "../contract/failure.ts";

/**
 * The one place that knows where Customer.io requests may go: the vendor's four hosts
 * (reference/customerio.md §1.1, §2.1), or a simulator on loopback that was asked for by name.
 */
export interface Hosts {
  /** Origins, without a trailing slash. */
  track: string;
  app: string;
}

export type Region = "us" | "eu";

const vendorHosts: Record<Region, Hosts> = {
  us: { track: "https://track.customer.io", app: "https://api.customer.io" },
  eu: { track: "https://track-eu.customer.io", app: "https://api-eu.customer.io" },
};
const trackOrigins = Object.values(vendorHosts).map(({ track }) => track);
const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];

export function hostsOf(region: Region): Hosts {
  return vendorHosts[region];
}

/**
 * The hosts behind an explicit endpoint, which must be on loopback.
 * @throws Failure `bad_input` for anything else.
 */
export function loopbackHosts(endpoint: string): Hosts {
  const url = parse(endpoint);
  if (!url || !isLoopback(url) || url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw badInput(
      "ENDPOINT_NOT_ALLOWED",
      "The Customer.io endpoint is not an address on this computer.",
      "Give an address like http://127.0.0.1:4010, or leave the endpoint out to use Customer.io itself.",
    );
  }
  return { track: url.origin, app: url.origin };
}

/**
 * Where a Track redirect leads, if it may be followed with credentials: from one regional Track host to
 * another, or from loopback to loopback.
 * @throws Failure `failed` for any other target.
 */
export function redirectTarget(from: string, location: string | null): string {
  const source = new URL(from);
  const target = location === null ? null : parse(location, from);
  const allowed =
    target !== null &&
    (isLoopback(source)
      ? isLoopback(target)
      : trackOrigins.includes(source.origin) && trackOrigins.includes(target.origin));
  if (!allowed) {
    throw failed(
      "CUSTOMER_IO_REDIRECT",
      "Customer.io answered with a redirect to a place that is not Customer.io's; it was not followed.",
      "Check whether a proxy or login page stands between this computer and the internet.",
    );
  }
  return target.href;
}

function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && loopbackNames.includes(url.hostname);
}

function parse(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
