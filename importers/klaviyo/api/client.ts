import type { Failure } from "../../../contract/failure.ts";
import { pause } from "../../../pacing/pause.ts";
import { retryAfterMs } from "../../../pacing/retry-after.ts";
import { loopbackOrigin } from "../../api/endpoint.ts";
import type { ApiAccess } from "../../api-importer.ts";
import { parseJson } from "../../reading/json.ts";
import { isObject, type JsonObject } from "./json.ts";
import { Pace } from "./pace.ts";
import type { KlaviyoApis } from "./transport.ts";
import { forbidden, keyRefused, refusal, Trouble, troubleFailure } from "./trouble.ts";

/** How long things take. Tests are less patient than the vendor deserves. */
export interface ClientSettings {
  /** Milliseconds that one attempt may take, its body included. */
  timeoutMs: number;
  /** Attempts after the first one where the trouble may pass. */
  retries: number;
  /** Milliseconds before the first retry, where the vendor does not say; doubles with each, with jitter, up to 30 s. */
  retryDelayMs: number;
  /** Bytes of the largest answer that is read. */
  largestAnswer: number;
}

export const vendorSettings: ClientSettings = {
  timeoutMs: 60_000,
  retries: 6,
  retryDelayMs: 500,
  largestAnswer: 16 * 2 ** 20,
};

/** Each has a budget of calls of its own, and a scope of the key. */
export type Endpoint = keyof KlaviyoApis;

/** One request, through the method of the vendor's client that builds it. */
type Ask = (apis: KlaviyoApis) => Promise<{ response: RawAnswer }>;

/** What the importer takes of an answer. The package's typed bodies lose fields and digits of times. */
interface RawAnswer {
  status: number;
  data: unknown;
  headers: Record<string, unknown>;
}

/** Refusals for lack of budget are waited out this many times in a row. */
const mostRefusals = 12;
const longestDelayMs = 30_000;

/** Talks to one account. All its calls share the account's budget, so make one for each export. */
export class KlaviyoClient {
  readonly #access: ApiAccess;
  readonly #settings: ClientSettings;
  readonly #origin: string | null;
  readonly #paces: Record<Endpoint, Pace>;
  #apis: Promise<KlaviyoApis> | undefined;
  /** What the vendor's clock is ahead of ours, in milliseconds, as its last answer said. */
  #aheadMs = 0;

  /** @throws Failure `bad_input` where the endpoint is not on loopback, or the key is no key at all */
  constructor(access: ApiAccess, settings: ClientSettings) {
    const key = access.key.trim();
    if (!/^[\x21-\x7e]+$/.test(key)) throw keyRefused();
    this.#access = { ...access, key };
    this.#settings = settings;
    this.#origin = access.endpoint === undefined ? null : loopbackOrigin(access.endpoint, "Klaviyo");
    const clock = {
      now: () => performance.now(),
      pause: (ms: number) => pause(ms, access.signal),
    };
    this.#paces = { accounts: new Pace(clock), lists: new Pace(clock), profiles: new Pace(clock) };
  }

  /** Bytes of the largest answer that is read. */
  get largestAnswer(): number {
    return this.#settings.largestAnswer;
  }

  /** The vendor's time in milliseconds since 1970, as far as its answers tell it. */
  vendorTime(): number {
    return Date.now() + this.#aheadMs;
  }

  /**
   * Asks until there is an answer, and reads it.
   * @param read takes what it needs; it throws Trouble where the answer is not what was asked for
   * @throws Failure `failed` for trouble that outlasted the retries, and where the request is refused;
   *   `bad_input` where the key is
   */
  async get<T>(endpoint: Endpoint, ask: Ask, read: (body: JsonObject, text: string) => T): Promise<T> {
    const { signal } = this.#access;
    const pace = this.#paces[endpoint];
    let troubles = 0;
    let refusals = 0;
    for (;;) {
      await pace.turn();
      signal.throwIfAborted();
      try {
        return await this.#attempt(endpoint, ask, read);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Trouble)) throw error;
        if (error.code === "RATE_LIMITED") {
          refusals += 1;
          if (refusals > mostRefusals) throw troubleFailure(endpoint, error);
          // The pace waits before the next turn.
          continue;
        }
        // Another attempt would only bring the same load again.
        if (error.code === "TOO_LARGE" || troubles === this.#settings.retries)
          throw troubleFailure(endpoint, error);
        const own = this.#settings.retryDelayMs * 2 ** troubles * (0.5 + Math.random() / 2);
        troubles += 1;
        await pause(Math.min(longestDelayMs, Math.max(own, error.retryAfterMs ?? 0)), signal);
      }
    }
  }

  async #attempt<T>(endpoint: Endpoint, ask: Ask, read: (body: JsonObject, text: string) => T): Promise<T> {
    const { status, data, headers } = await this.#send(ask);
    const header = (name: string) => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    };
    const date = Date.parse(header("date") ?? "");
    if (Number.isFinite(date)) this.#aheadMs = date - Date.now();
    const pace = this.#paces[endpoint];
    const retryAfter = retryAfterMs(header("retry-after"), header("date"));
    if (status === 429) {
      pace.refused(retryAfter);
      throw new Trouble("RATE_LIMITED", "too many requests (HTTP 429)");
    }
    pace.admitted({
      limit: header("ratelimit-limit"),
      remaining: header("ratelimit-remaining"),
      reset: header("ratelimit-reset"),
    });
    const text = readText(data);
    const body = text === null ? null : readObject(text);
    if (status === 200 && body !== null) return read(body, text!);
    throw unwanted(endpoint, status, body, retryAfter);
  }

  /** One attempt. Whatever is thrown here is made anew: the package's errors hold the key. */
  async #send(ask: Ask): Promise<RawAnswer> {
    const { key, signal } = this.#access;
    const { timeoutMs, largestAnswer } = this.#settings;
    // The package takes a second to load, so it is loaded by those who use it.
    this.#apis ??= import("./transport.ts").then(({ createTransport }) =>
      createTransport({ key, origin: this.#origin, signal, timeoutMs, largestAnswer }),
    );
    const apis = await this.#apis;
    try {
      return (await ask(apis)).response;
    } catch (error) {
      signal.throwIfAborted();
      throw connectionTrouble(error, timeoutMs);
    }
  }
}

/** Null where the bytes are not valid UTF-8. */
function readText(data: unknown): string | null {
  if (!(data instanceof Uint8Array)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return null;
  }
}

function readObject(text: string): JsonObject | null {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** What an answer means that is no JSON with status 200. */
function unwanted(
  endpoint: Endpoint,
  status: number,
  body: JsonObject | null,
  retryAfterMs: number | null,
): Failure | Trouble {
  const errors = body?.errors;
  const error: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (status === 401) return keyRefused();
  if (status === 403) {
    // Without Klaviyo's own words it comes from something that stands before the API, and may pass.
    return isObject(error)
      ? forbidden(endpoint, error)
      : new Trouble("BLOCKED", "a page instead of an answer (HTTP 403)");
  }
  if (status >= 500 || status === 408)
    return new Trouble("SERVER_ERROR", `trouble at the server (HTTP ${status})`, retryAfterMs);
  if (status >= 400) return refusal(endpoint, status, isObject(error) ? error : {});
  const what = status >= 300 ? "a redirect, which was not followed" : "an answer that cannot be read";
  return new Trouble("UNREADABLE", `${what} (HTTP ${status})`);
}

function connectionTrouble(error: unknown, timeoutMs: number): Trouble {
  const code = error instanceof Error && "code" in error ? String(error.code) : "connection lost";
  if (code === "ERR_CANCELED")
    return new Trouble("UNREACHABLE", `no whole answer within ${timeoutMs / 1000} s`);
  return /maxContentLength/.test(String((error as Error).message))
    ? new Trouble("TOO_LARGE", "an answer that is too large to hold")
    : new Trouble("UNREACHABLE", `the connection failed (${code})`);
}
