import { badInput } from "../../contract/failure.ts";

const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];

/** True for plain HTTP on this computer. */
export function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && loopbackNames.includes(url.hostname);
}

/**
 * The origin of a simulator that was asked for by name, without a trailing slash.
 * @param vendor the vendor's name, for the message
 * @throws Failure `bad_input` for anything that is not on loopback
 */
export function loopbackOrigin(endpoint: string, vendor: string): string {
  const url = parseUrl(endpoint);
  if (!url || !isLoopback(url) || url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw badInput(
      "ENDPOINT_NOT_ALLOWED",
      `The ${vendor} endpoint is not an address on this computer.`,
      `Give an address like http://127.0.0.1:4010, or leave the endpoint out to use ${vendor} itself.`,
    );
  }
  return url.origin;
}

/** Null where the text is no URL. `URL.canParse` is not there in Electron 25's Node. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
