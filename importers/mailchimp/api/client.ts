import { setMaxListeners } from "node:events";
import { Agent as HttpAgent, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { HttpInfo, MailchimpMarketing, OutgoingRequest } from "@mailchimp/mailchimp_marketing";
import { badInput, type Failure, failed } from "../../../contract/failure.ts";
import { pause } from "../../../pacing/pause.ts";
import { retryAfterMs } from "../../../pacing/retry-after.ts";
import { loopbackOrigin } from "../../api/endpoint.ts";
import type { ApiAccess } from "../../api-importer.ts";
import { parseJson } from "../../reading/json.ts";
import { createConnectionBudget } from "./connection-budget.ts";
import { type Trouble, troubleOf, troubleOnTheWay } from "./refusal.ts";

/** An answer that was read whole. */
export interface Answer {
  body: Record<string, unknown>;
  /** The body as received. */
  raw: string;
  /** The vendor's clock in microseconds since 1970; null where it told none. */
  at: number | null;
}

export interface MailchimpClient {
  /** Entries to ask for at once. */
  pageSize: number;
  /**
   * Makes one call until it is answered whole, or gives up.
   * @param what what is read, in words: `the members of “News”`
   * @throws Failure; {@link answerTooLarge} where asking for fewer entries may help
   */
  call(what: string, invoke: (api: MailchimpMarketing) => Promise<HttpInfo>): Promise<Answer>;
}

export interface ClientSettings {
  /** Default 1,000, the most that Mailchimp gives at once (reference/mailchimp.md §4). */
  pageSize?: number;
  /** Mailchimp cuts a call after 120 s itself (reference/mailchimp.md §2). */
  timeoutMs?: number;
  /** The wait before the first repetition; it doubles with each. */
  firstWaitMs?: number;
  /** How often one call is tried. */
  attempts?: number;
  /** Bytes of one answer. */
  largestAnswer?: number;
}

/** Of the 10 connections that all tools of one Mailchimp user share (reference/mailchimp.md §2): two are left to those. */
export const connections = 8;
const longestWaitMs = 60_000;
/** A call that is too slow or too large is tried again once as it is: the cause may have passed. */
const attemptsTooMuch = 2;

/**
 * The vendor's own package as transport, one instance per export, with its traps closed (reference/mailchimp.md §10):
 * errors that hold the key never leave; redirects are not followed; an answer counts only if it came whole.
 * @throws Failure `bad_input` where the key cannot be one
 */
export function createClient(access: ApiAccess, settings: ClientSettings = {}): MailchimpClient {
  const { timeoutMs = 120_000, firstWaitMs = 500, attempts = 9, largestAnswer = 16_000_000 } = settings;
  const { signal } = access;
  const budget = createConnectionBudget({ connections, firstWaitMs, signal });
  const apiKey = checkedKey(access.key);
  const basePath = `${originOf(access)}/3.0`;
  // Every call under way and every wait listens.
  setMaxListeners(0, signal);

  const agent = new (access.endpoint === undefined ? HttpsAgent : HttpAgent)({
    keepAlive: true,
    maxSockets: connections,
  });
  let started: OutgoingRequest | undefined;
  const load = async (): Promise<MailchimpMarketing> => {
    const { default: shared } = await import("@mailchimp/mailchimp_marketing");
    const api = new shared.constructor();
    api.setConfig({ apiKey });
    api.basePath = basePath;
    api.timeout = timeoutMs;
    // The one place where the package hands out its request before it is sent.
    api.enableCookies = true;
    api.agent = {
      attachCookies(request) {
        started = request.agent(agent).redirects(0).buffer(true).parse(readText(largestAnswer));
      },
      saveCookies() {},
    };
    return api;
  };
  // The package takes long to load, so it is loaded by those who use it.
  let loading: Promise<MailchimpMarketing> | undefined;

  async function tryOnce(
    what: string,
    invoke: (api: MailchimpMarketing) => Promise<HttpInfo>,
  ): Promise<Answer | Trouble> {
    loading ??= load();
    const api = await loading;
    signal.throwIfAborted();
    const answering = invoke(api);
    const request = started;
    let stop = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => {
        request?.abort();
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      const { data, response } = await Promise.race([answering, stopped]);
      const body = typeof data === "string" ? readObject(data) : null;
      if (body === null) return { kind: "passing", reason: "its answer was no JSON" };
      const at = Date.parse(response.headers.date ?? "") * 1000;
      return { body, raw: data as string, at: Number.isNaN(at) ? null : at };
    } catch (error) {
      signal.throwIfAborted();
      const { status, response } = (error ?? {}) as { status?: unknown; response?: ErrorResponse };
      if (typeof status !== "number" || !response) return troubleOnTheWay(error);
      const text = typeof response.body === "string" ? response.body : "";
      return troubleOf({ status, retryAfter: response.headers?.["retry-after"], text }, what);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  return {
    pageSize: settings.pageSize ?? 1000,
    async call(what, invoke) {
      let tooMuch = 0;
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await budget.run(() => tryOnce(what, invoke));
        if ("body" in outcome) {
          budget.admitted();
          return outcome;
        }
        if (outcome.kind === "final") throw outcome.failure;
        if (outcome.kind === "too_much") tooMuch += 1;
        if (tooMuch === attemptsTooMuch) throw tooLarge(what, outcome.reason);
        if (attempt === attempts) throw gaveUp(what, outcome.reason, attempts);
        if (outcome.kind === "busy") budget.refused(retryAfterMs(outcome.retryAfter));
        else {
          const wait = Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
          await pause(wait * (0.5 + Math.random() / 2), signal);
        }
      }
    },
  };
}

interface ErrorResponse {
  body?: unknown;
  headers?: Record<string, string | undefined>;
}

/**
 * Hands over the text of a whole answer. Left to itself the package would parse it and lose digits of long numbers;
 * its own limit of size waits for the time-out where the answer is compressed.
 */
function readText(largest: number) {
  return (response: IncomingMessage, done: (error: Error | null, text?: string) => void): void => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      if (bytes > largest) return;
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= largest) return;
      done(Object.assign(new Error("too large"), { code: "ETOOLARGE" }));
      // The rest is not wanted, and what cutting it off causes was told already.
      response.removeAllListeners("error").on("error", () => {});
      response.destroy();
    });
    response.on("end", () => {
      if (bytes <= largest) done(null, Buffer.concat(chunks).toString("utf8"));
    });
  };
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function checkedKey(key: string): string {
  const trimmed = key.trim();
  if (/^[\x21-\x7e]{8,200}$/.test(trimmed)) return trimmed;
  throw badInput(
    "MAILCHIMP_KEY_MALFORMED",
    "This is no Mailchimp API key.",
    "Copy the whole key, with its ending such as -us6, from Mailchimp under Account, Extras, API keys.",
  );
}

/** The data centre is what follows the key's last dash (reference/mailchimp.md §1); nothing else can be a host here. */
function originOf({ key, endpoint }: ApiAccess): string {
  if (endpoint !== undefined) return loopbackOrigin(endpoint, "Mailchimp");
  const dataCentre = /-([a-z]{2,5}\d{1,3})$/i.exec(key.trim())?.[1]?.toLowerCase();
  if (dataCentre !== undefined) return `https://${dataCentre}.api.mailchimp.com`;
  throw badInput(
    "MAILCHIMP_KEY_MALFORMED",
    "The API key does not name its data centre: it ends without a part such as -us6.",
    "Copy the whole key, with that ending, from Mailchimp under Account, Extras, API keys.",
  );
}

function gaveUp(what: string, reason: string, attempts: number): Failure {
  return failed(
    "MAILCHIMP_UNREACHABLE",
    `Mailchimp did not give ${what}: ${reason}, ${attempts} times in a row.`,
    "Check the connection, the key's ending such as -us6, which names the host, and Mailchimp's status page, then start again: the export goes on where it stopped.",
  );
}

/** The code of the Failure for an answer that is too large or takes too long. */
export const answerTooLarge = "MAILCHIMP_ANSWER_TOO_LARGE";

function tooLarge(what: string, reason: string): Failure {
  return failed(
    answerTooLarge,
    `Mailchimp did not give ${what}: ${reason}.`,
    "Look for people with very large fields in this audience, shorten these, then start again.",
  );
}
