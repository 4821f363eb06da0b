import { badInput, Failure, failed } from "../contract/failure.ts";
import type { Pace } from "../pacing/pace.ts";
import { pause } from "../pacing/pause.ts";
import { retryAfterMs } from "../pacing/retry-after.ts";
import { redirectTarget } from "./allowed-hosts.ts";
import { parseJson } from "./json.ts";

/** One call of the API, ready to be sent any number of times. */
export interface ApiCall {
  api: "track" | "app";
  method: "GET" | "POST" | "DELETE";
  origin: string;
  /** Percent-encoded, with the query. */
  path: string;
  /** The path for messages, without any value: `/v1/esp/suppression/{type}/{email}`. */
  template: string;
  body?: string;
}

/** An answer that was read whole: 2xx with a JSON body or 204, or a 4xx that says something about the request. */
export interface ApiAnswer {
  status: number;
  /** Undefined for 204, and for a 4xx whose body is no JSON. */
  body: unknown;
}

export interface CallSettings {
  authorization: Record<"track" | "app", string>;
  pace: Record<"track" | "app", Pace>;
  timeoutMs: number;
  retries: number;
  retryDelayMs: number;
  signal: AbortSignal | undefined;
}

/** What went wrong with one attempt, where another one may go better. */
interface Trouble {
  code:
    | "CUSTOMER_IO_UNREACHABLE"
    | "CUSTOMER_IO_RATE_LIMITED"
    | "CUSTOMER_IO_SERVER_ERROR"
    | "CUSTOMER_IO_UNREADABLE";
  what: string;
  /** False only where it is certain that the request had no effect. */
  maybeDone: boolean;
}

const longestDelayMs = 30_000;
const mostRedirects = 3;
/** The connection was never made, so nothing was sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * Sends a call that is safe to repeat, again where that may help.
 * @throws Failure `failed` where trouble outlasted the retries; `bad_input` where the key is refused.
 */
export async function callUntilAnswered(call: ApiCall, settings: CallSettings): Promise<ApiAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await attemptCall(call, settings);
    if (!("code" in result)) return result;
    settings.signal?.throwIfAborted();
    if (attempt === settings.retries) throw troubleFailure(call, result);
    const delay = Math.min(longestDelayMs, settings.retryDelayMs * 2 ** attempt);
    await pause(delay * (0.5 + Math.random() / 2), settings.signal);
  }
}

/**
 * Sends a call once.
 * @throws Failure as `callUntilAnswered`; with code `SEND_UNCLEAR` where it may have taken effect.
 */
export async function callOnce(call: ApiCall, settings: CallSettings): Promise<ApiAnswer> {
  const result = await attemptCall(call, settings);
  if (!("code" in result)) return result;
  throw result.maybeDone ? sendUnclear(result.what) : troubleFailure(call, result);
}

export function sendUnclear(what: string): Failure {
  return failed(
    "SEND_UNCLEAR",
    `Customer.io did not say clearly whether it was sent: ${what}. It may have gone out, so it was not tried again.`,
    "Look in Customer.io whether it was sent before you send again.",
  );
}

async function attemptCall(call: ApiCall, settings: CallSettings): Promise<ApiAnswer | Trouble> {
  const pace = settings.pace[call.api];
  return pace.run(async () => {
    let response: Raw;
    try {
      response = await request(call, settings);
    } catch (error) {
      if (error instanceof Failure) throw error;
      return unreachable(error, settings);
    }
    const { status } = response;
    if (status === 429) {
      pace.rateLimited(response.retryAfterMs);
      return { code: "CUSTOMER_IO_RATE_LIMITED", what: "too many requests (HTTP 429)", maybeDone: false };
    }
    pace.admitted();
    if (status === 401 || status === 403) throw keyRefused(call, status);
    if (status === 408 || status >= 500) {
      return {
        code: "CUSTOMER_IO_SERVER_ERROR",
        what: `trouble at the server (HTTP ${status})`,
        maybeDone: true,
      };
    }
    if (status >= 400) return { status, body: parseJson(response.text) };
    const body = status === 204 ? undefined : parseJson(response.text);
    if (status >= 300 || (status !== 204 && body === undefined)) {
      return {
        code: "CUSTOMER_IO_UNREADABLE",
        what: `an answer that cannot be read (HTTP ${status})`,
        maybeDone: true,
      };
    }
    return { status, body };
  });
}

interface Raw {
  status: number;
  text: string;
  retryAfterMs: number | null;
}

/** One attempt; the body is read within the same time limit. Track redirects keep method, body and key. */
async function request(call: ApiCall, settings: CallSettings): Promise<Raw> {
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  settings.signal?.addEventListener("abort", giveUp, { once: true });
  if (settings.signal?.aborted) giveUp();
  const timer = setTimeout(giveUp, settings.timeoutMs);
  try {
    let url = call.origin + call.path;
    for (let redirects = 0; ; redirects += 1) {
      const response = await fetch(url, {
        method: call.method,
        headers: {
          authorization: settings.authorization[call.api],
          accept: "application/json",
          ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(call.body === undefined ? {} : { body: call.body }),
        redirect: "manual",
        signal: controller.signal,
      });
      const text = await response.text();
      const redirected = [301, 302, 307, 308].includes(response.status);
      if (!redirected || call.api !== "track" || redirects === mostRedirects) {
        return {
          status: response.status,
          text,
          retryAfterMs: retryAfterMs(response.headers.get("retry-after"), response.headers.get("date")),
        };
      }
      url = redirectTarget(url, response.headers.get("location"));
    }
  } finally {
    clearTimeout(timer);
    settings.signal?.removeEventListener("abort", giveUp);
  }
}

function unreachable(error: unknown, { timeoutMs, signal }: CallSettings): Trouble {
  const trouble = { code: "CUSTOMER_IO_UNREACHABLE", maybeDone: true } as const;
  if (signal?.aborted) return { ...trouble, what: "it was cancelled under way" };
  if (error instanceof Error && error.name === "AbortError") {
    return { ...trouble, what: `no answer within ${timeoutMs / 1000} s` };
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "connection lost";
  return { ...trouble, what: `the connection failed (${code})`, maybeDone: !neverSent.has(code) };
}

function troubleFailure(call: ApiCall, { code, what }: Trouble): Failure {
  return failed(
    code,
    `Customer.io did not answer ${call.method} ${call.template} as it should: ${what}.`,
    "Check the connection and Customer.io's status page, then start this step again; what is done stays done.",
  );
}

function keyRefused(call: ApiCall, status: number): Failure {
  return call.api === "track"
    ? badInput(
        "TRACK_KEY_REFUSED",
        `Customer.io refused the Track site ID or API key (HTTP ${status}).`,
        "Copy the site ID and the Track API key again from the same workspace's settings.",
      )
    : badInput(
        "APP_KEY_REFUSED",
        `Customer.io refused the App API key for ${call.method} ${call.template} (HTTP ${status}).`,
        "Copy the App API key again from the same account and region as the Track key, with a scope that allows this call.",
      );
}
