import { setMaxListeners } from "node:events";
import { Failure, failed } from "../../../contract/failure.ts";
import { pause } from "../../../pacing/pause.ts";
import { retryAfterMs } from "../../../pacing/retry-after.ts";
import { isLoopback, loopbackOrigin, parseUrl } from "../../api/endpoint.ts";
import type { ApiAccess } from "../../api-importer.ts";
import { parseJson } from "../../reading/json.ts";
import { type Budget, createPaces } from "./paces.ts";
import type { Timing } from "./timing.ts";
import { keyNotAllowed, keyRefused, Trouble, troubleFailure, unexpected } from "./trouble.ts";

/** One call of the API, safe to repeat. */
export interface Call {
  budget: Budget;
  method: "GET" | "POST";
  /** The path; `{name}` stands for the value of that name. */
  template: string;
  values?: Record<string, string>;
  query?: Record<string, string>;
  body?: Record<string, string>;
  /** True where the kind of project may be why it is refused, so that a 403 need not be about the key. */
  dependsOnProject?: boolean;
}

/** An answer that was read whole: 2xx, or a 4xx that says something about the request. */
export interface Answer {
  status: number;
  /** A number that JavaScript cannot hold is text. Empty for a 4xx whose body is no JSON object. */
  body: Record<string, unknown>;
  text: string;
}

/** The body of an answer, piece by piece, while it arrives. */
export interface Stream {
  /**
   * Ends only where the body is proven to be whole.
   * @throws Trouble where it broke off
   */
  pieces: AsyncIterable<Buffer>;
}

/** Iterable's data centres (reference/iterable.md §1). A key belongs to one of them. */
const vendorOrigins = { US: "https://api.iterable.com", EU: "https://api.eu.iterable.com" } as const;

/** What is gathered before it is answered. */
const slowBudgets: ReadonlySet<Budget> = new Set(["export_data", "list_members"]);

/** Refusals for lack of budget are waited out this many times. */
const mostRefusals = 12;
const longestDelayMs = 30_000;
const mostRedirects = 3;
/** Codes with which a server error may be about the request, not the server (reference/iterable.md §8). */
const unknownUserCode = /^error\.users\.no/;

/** Talks to one project. All its calls share the project's budgets, so make one for each export. */
export class Connection {
  readonly signal: AbortSignal;
  readonly timing: Timing;
  readonly #key: string;
  readonly #endpoint: string | null;
  readonly #paces: ReturnType<typeof createPaces>;
  #found: Promise<{ origin: string; place: string }> | undefined;
  /** What the vendor's clock is ahead of ours, in milliseconds, as its last answer said. */
  #aheadMs = 0;

  /** @throws Failure `bad_input` where the endpoint is not on loopback, or the key is no header value */
  constructor(access: ApiAccess, timing: Timing) {
    this.signal = access.signal;
    // Every call that is under way listens to it.
    setMaxListeners(0, access.signal);
    this.timing = timing;
    this.#key = access.key.trim();
    this.#endpoint = access.endpoint === undefined ? null : loopbackOrigin(access.endpoint, "Iterable");
    this.#paces = createPaces(timing.minuteMs, access.signal);
    if (!/^[\x21-\x7e]+$/.test(this.#key)) throw keyRefused();
  }

  /** In words, e.g. `US data centre`. @throws Failure `bad_input` where no data centre knows the key */
  async place(): Promise<string> {
    return (await this.#home()).place;
  }

  /** The vendor's time and ours, in milliseconds since 1970: neither is sure to be right. */
  clocks(): { earlier: number; later: number } {
    const ours = Date.now();
    const theirs = ours + this.#aheadMs;
    return { earlier: Math.min(ours, theirs), later: Math.max(ours, theirs) };
  }

  pause(ms: number): Promise<void> {
    return pause(ms, this.signal);
  }

  /**
   * Asks until there is an answer.
   * @throws Failure `failed` for trouble that outlasted the retries; `bad_input` where the key is refused
   */
  async answer(call: Call): Promise<Answer> {
    const { origin } = await this.#home();
    return this.#untilAnswered(call, () => this.#answerOnce(origin, call));
  }

  /** As `answer`, for calls that must succeed. @throws Failure `failed` also where the request is refused */
  async object(call: Call): Promise<Record<string, unknown>> {
    const { status, body } = await this.answer(call);
    if (status >= 400) throw refused(call, status, body);
    return body;
  }

  /** As `object`, for a body that is too large to hold: retried until it begins, not after that. */
  async stream(call: Call): Promise<Stream> {
    const { origin } = await this.#home();
    return this.#untilAnswered(call, async () => {
      const response = await this.#send(origin, call);
      if (response.status < 300) return { pieces: wholeBody(response) };
      const { status, body } = await readAnswer(response);
      throw refused(call, status, body);
    });
  }

  /**
   * Downloads an exported file from where the vendor put it: over https, or on loopback in practice. That place
   * is not the vendor's API, so it never gets the key.
   * @param redirects how many more of them are followed, to places that are allowed
   * @returns the file's bytes; null where the link is no longer good
   * @throws Failure `failed`
   */
  async file(link: string, redirects = mostRedirects): Promise<Buffer | null> {
    const call = "the download of an exported file";
    const url = parseUrl(link);
    const allowed = url !== null && (this.#endpoint === null ? url.protocol === "https:" : isLoopback(url));
    if (!allowed || url.username !== "")
      throw unexpected(call, "its link leads to a place that is not allowed; it was not followed");
    return this.#retrying(call, async () => {
      const response = await this.#fetch(url.href, this.timing.idleMs, { redirect: "manual" });
      const moved = response.status >= 300 && response.status < 400 && response.headers.get("location");
      if (moved) {
        await response.cancel();
        if (redirects === 0) throw unexpected(call, "its link leads from one place to the next without end");
        return this.file(new URL(moved, url).href, redirects - 1);
      }
      if (response.status >= 500 || response.status === 408 || response.status === 429)
        throw new Trouble("SERVER_ERROR", `trouble at the server (HTTP ${response.status})`);
      if (response.status >= 300) {
        await response.cancel();
        return null;
      }
      const pieces: Buffer[] = [];
      for await (const piece of wholeBody(response)) pieces.push(piece);
      return Buffer.concat(pieces);
    });
  }

  /** Where the project lives. The question may go to either data centre: both are Iterable's. */
  #home(): Promise<{ origin: string; place: string }> {
    this.#found ??= this.#findHome().catch((error) => {
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  async #findHome(): Promise<{ origin: string; place: string }> {
    if (this.#endpoint !== null) return { origin: this.#endpoint, place: "on this computer" };
    const call: Call = { budget: "schema", method: "GET", template: "/api/channels" };
    for (const [name, origin] of Object.entries(vendorOrigins)) {
      try {
        await this.#untilAnswered(call, () => this.#answerOnce(origin, call));
        return { origin, place: `${name} data centre` };
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== "ITERABLE_KEY_REFUSED") throw error;
      }
    }
    throw keyRefused();
  }

  #untilAnswered<T>(call: Call, attempt: () => Promise<T>): Promise<T> {
    const pace = this.#paces[call.budget];
    return this.#retrying(`${call.method} ${call.template}`, () => pace.run(attempt));
  }

  async #retrying<T>(call: string, attempt: () => Promise<T>): Promise<T> {
    let troubles = 0;
    let refusals = 0;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        this.signal.throwIfAborted();
        if (!(error instanceof Trouble)) throw error;
        // After a refusal the pace waits before the next call.
        if (error.code === "RATE_LIMITED" && ++refusals <= mostRefusals) continue;
        if (error.code === "RATE_LIMITED" || troubles === this.timing.retries)
          throw troubleFailure(call, error);
        await this.backOff(troubles++);
      }
    }
  }

  /** Waits before a retry. @param earlier how many there were before */
  backOff(earlier: number): Promise<void> {
    const delay = Math.min(longestDelayMs, this.timing.retryDelayMs * 2 ** earlier);
    return this.pause(delay * (0.5 + Math.random() / 2));
  }

  async #answerOnce(origin: string, call: Call): Promise<Answer> {
    return readAnswer(await this.#send(origin, call));
  }

  /** Sends the call once. @returns 2xx, or a 4xx that is about the request */
  async #send(origin: string, call: Call): Promise<RawResponse> {
    const { method, template, values = {}, query = {}, body, budget } = call;
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const { idleMs, shortIdleMs } = this.timing;
    const url = origin + path + (pairs.length > 0 ? `?${pairs.join("&")}` : "");
    const response = await this.#fetch(url, slowBudgets.has(budget) ? idleMs : shortIdleMs, {
      method,
      headers: {
        "Api-Key": this.#key,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
    });
    const { status } = response;
    const date = Date.parse(response.headers.get("date") ?? "");
    if (Number.isFinite(date)) this.#aheadMs = date - Date.now();
    if (status === 429) {
      const { headers } = response;
      this.#paces[budget].rateLimited(retryAfterMs(headers.get("retry-after"), headers.get("date")));
      await response.cancel();
      throw new Trouble("RATE_LIMITED", "too many requests (HTTP 429)");
    }
    this.#paces[budget].admitted();
    if (status < 300) return response;
    if (status === 401) {
      await response.cancel();
      throw keyRefused();
    }
    if (status >= 500 || status === 408 || status === 403) {
      const { body: said } = await readAnswer(response);
      if (status >= 500 && unknownUserCode.test(String(said.code)))
        return { ...response, status: 404, pieces: fromText(JSON.stringify(said)) };
      // A 403 without Iterable's own words comes from something that stands before it, and may pass.
      if (status === 403 && typeof said.code === "string") {
        if (call.dependsOnProject) return { ...response, pieces: fromText(JSON.stringify(said)) };
        throw keyNotAllowed(`${method} ${template}`);
      }
      throw new Trouble("SERVER_ERROR", `trouble at the server (HTTP ${status})`);
    }
    if (status < 400) {
      await response.cancel();
      throw new Trouble("UNREADABLE", `a redirect, which was not followed (HTTP ${status})`);
    }
    return response;
  }

  /** One request; a time without a byte ends it. */
  async #fetch(url: string, idleMs: number, init: RequestInit): Promise<RawResponse> {
    const { signal } = this;
    signal.throwIfAborted();
    const controller = new AbortController();
    const giveUp = () => controller.abort();
    signal.addEventListener("abort", giveUp, { once: true });
    const inTime = async <T>(step: Promise<T>): Promise<T> => {
      const timer = setTimeout(giveUp, idleMs);
      try {
        return await step;
      } catch (error) {
        signal.throwIfAborted();
        throw connectionTrouble(error, idleMs);
      } finally {
        clearTimeout(timer);
      }
    };
    const release = () => signal.removeEventListener("abort", giveUp);
    let response: Response;
    try {
      response = await inTime(fetch(url, { ...init, signal: controller.signal }));
    } catch (error) {
      release();
      throw error;
    }
    const { body, headers, status } = response;
    async function* pieces(): AsyncGenerator<Buffer> {
      const reader = body?.getReader();
      let isWhole = false;
      try {
        for (;;) {
          const { done, value } = reader ? await inTime(reader.read()) : { done: true, value: undefined };
          if (done) {
            isWhole = true;
            return;
          }
          yield Buffer.from(value!.buffer, value!.byteOffset, value!.byteLength);
        }
      } finally {
        release();
        if (!isWhole) controller.abort();
      }
    }
    const stream = pieces();
    return {
      status,
      headers,
      pieces: stream,
      async cancel() {
        release();
        controller.abort();
        await stream.return(undefined);
      },
    };
  }
}

interface RawResponse {
  status: number;
  headers: Headers;
  pieces: AsyncIterable<Buffer>;
  /** Leaves the body unread. */
  cancel(): Promise<void>;
}

const longestAnswer = 256 * 2 ** 20;

/** Without a length or chunks a body that broke off looks like one that ended. */
async function* wholeBody({ headers, pieces }: RawResponse): AsyncGenerator<Buffer> {
  yield* pieces;
  if (!headers.has("content-length") && !headers.has("transfer-encoding"))
    throw new Trouble("CUT_SHORT", "an answer that does not say where it ends");
}

/** @throws Trouble where a 2xx is no JSON object */
async function readAnswer({ status, pieces }: RawResponse): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > longestAnswer) throw new Trouble("UNREADABLE", "an answer without end");
    chunks.push(piece);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const body = readObject(text);
  if (body === null && status < 300)
    throw new Trouble("UNREADABLE", `an answer that cannot be read (HTTP ${status})`);
  return { status, body: body ?? {}, text };
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function* fromText(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

function refused({ method, template }: Call, status: number, { code }: Record<string, unknown>): Failure {
  const name = typeof code === "string" && /^[\w.]{1,80}$/.test(code) ? `, ${code}` : "";
  return failed(
    "ITERABLE_REFUSED",
    `Iterable refused ${method} ${template} (HTTP ${status}${name}).`,
    "Pull again; if it stays so, Iterable's API has changed and Sendgate needs an update.",
  );
}

function connectionTrouble(error: unknown, idleMs: number): unknown {
  if (error instanceof Trouble || error instanceof Failure) return error;
  if (error instanceof Error && error.name === "AbortError")
    return new Trouble("UNREACHABLE", `nothing came for ${idleMs / 1000} s`);
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "connection lost";
  return new Trouble("UNREACHABLE", `the connection failed (${code})`, error);
}
