import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { AccountsApi, ApiKeySession, ListsApi, ProfilesApi, RetryWithExponentialBackoff } from "klaviyo-api";

/** The vendor's client, bound to one key and one host. Types as `klaviyo-api` has them. */
export interface KlaviyoApis {
  accounts: AccountsApi;
  lists: ListsApi;
  profiles: ProfilesApi;
}

export interface TransportOptions {
  key: string;
  /** Null for the vendor's own host. */
  origin: string | null;
  signal: AbortSignal;
  /** Milliseconds that one attempt may take, its body included. */
  timeoutMs: number;
  /** Bytes of the largest answer that is read. */
  largestAnswer: number;
}

type RequestConfig = Parameters<ApiKeySession["applyToRequest"]>[0];

/**
 * `klaviyo-api` as a bare transport. It answers whatever came, with any status and the body as bytes; only
 * trouble with the connection throws, and that error holds the key: it must not leave the importer.
 */
export function createTransport(options: TransportOptions): KlaviyoApis {
  const session = new SingleAttemptSession(options);
  const apis = {
    accounts: new AccountsApi(session),
    lists: new ListsApi(session),
    profiles: new ProfilesApi(session),
  };
  if (options.origin !== null) for (const api of Object.values(apis)) api.basePath = options.origin;
  return apis;
}

/** What the package lacks or does too well (reference/klaviyo.md §7): time-outs, abortion, no proxy, no retries. */
class SingleAttemptSession extends ApiKeySession {
  readonly #options: TransportOptions;
  readonly #httpAgent = new HttpAgent({ keepAlive: true });
  readonly #httpsAgent = new HttpsAgent({ keepAlive: true });

  constructor(options: TransportOptions) {
    super(options.key, new RetryWithExponentialBackoff({ numRetries: 1 }));
    this.#options = options;
  }

  override applyToRequest(config: RequestConfig): void {
    super.applyToRequest(config);
    // A revision that is gone must say so; a newer one in its place might mean other things by the same words.
    Object.assign(config.headers ?? {}, { "X-Klaviyo-Revision-Fall-Forward-Opt-Out": "1" });
  }

  override async requestWithRetry(config: RequestConfig) {
    const { signal, timeoutMs, largestAnswer } = this.#options;
    const controller = new AbortController();
    const giveUp = () => controller.abort();
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const timer = setTimeout(giveUp, timeoutMs);
    try {
      return await super.requestWithRetry({
        ...config,
        signal: controller.signal,
        httpAgent: this.#httpAgent,
        httpsAgent: this.#httpsAgent,
        proxy: false,
        maxRedirects: 0,
        maxContentLength: largestAnswer,
        responseType: "arraybuffer",
        transformResponse: [(data: unknown) => data],
        validateStatus: () => true,
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }
}
