import { badInput, Failure, failed } from "../../../contract/failure.ts";
import type { Endpoint } from "./client.ts";
import type { JsonObject } from "./json.ts";

/** What went wrong with one attempt, where another one may go better. Its message completes "…: ". */
export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly code: "UNREACHABLE" | "RATE_LIMITED" | "SERVER_ERROR" | "BLOCKED" | "UNREADABLE" | "TOO_LARGE";
  /** Milliseconds after which the vendor wants to be asked again; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(code: Trouble["code"], message: string, retryAfterMs: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The code of a page that is too large to hold. */
export const tooLarge = "KLAVIYO_TOO_LARGE";

export function troubleFailure(endpoint: Endpoint, { code, message }: Trouble): Failure {
  return failed(
    code === "TOO_LARGE" ? tooLarge : `KLAVIYO_${code}`,
    `Klaviyo did not answer GET /api/${endpoint} as it should: ${message}.`,
    code === "TOO_LARGE"
      ? "Look in Klaviyo for a profile with a very large custom property, make it smaller, then pull again."
      : "Check the connection and Klaviyo's status page, then pull again; what is read stays read.",
  );
}

export function keyRefused(): Failure {
  return badInput(
    "KLAVIYO_KEY_REFUSED",
    "Klaviyo refused the private API key (HTTP 401). It is wrong, expired or revoked.",
    "Create a private API key in Klaviyo (Settings, API keys) and enter it again; it begins with pk_.",
  );
}

const scopeMissing = "KLAVIYO_SCOPE_MISSING";
const notAllowed = "KLAVIYO_FORBIDDEN";

/** True where Klaviyo keeps an endpoint from a key that is otherwise good. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Failure && (error.code === scopeMissing || error.code === notAllowed);
}

/** @param error the first error of the answer */
export function forbidden(endpoint: Endpoint, error: JsonObject): Failure {
  if (error.code === "permission_denied") {
    return badInput(
      scopeMissing,
      `The private API key lacks the scope ${endpoint}:read (HTTP 403).`,
      "Create a key with read-only access, or with the scopes profiles:read, lists:read and accounts:read.",
    );
  }
  return badInput(
    notAllowed,
    `Klaviyo lets nobody read ${endpoint} with this private API key (HTTP ${[403, ...wordsOf(error)].join(", ")}).`,
    "Look in Klaviyo whether the account is active and the key may be used, then pull again.",
  );
}

/** The codes of a refused request. */
export const requestRefused = "KLAVIYO_REQUEST_REFUSED";
export const revisionGone = "KLAVIYO_REVISION_GONE";

/** @param error the first error of the answer; empty where it has none */
export function refusal(endpoint: Endpoint, status: number, error: JsonObject): Failure {
  if (status === 410) {
    return failed(
      revisionGone,
      "Klaviyo no longer serves the revision of its API that this Sendgate was made for (HTTP 410).",
      "Update Sendgate.",
    );
  }
  return failed(
    requestRefused,
    `Klaviyo refused GET /api/${endpoint} (HTTP ${[status, ...wordsOf(error)].join(", ")}).`,
    "Pull again; if it stays so, Klaviyo's API has changed and Sendgate needs an update.",
  );
}

/** What an error names, where it is a word: longer text may hold anything. */
function wordsOf(error: JsonObject): string[] {
  const source = error.source as JsonObject | null | undefined;
  return [error.code, source?.parameter].filter(
    (word): word is string => typeof word === "string" && /^[\w.[\]-]{1,80}$/.test(word),
  );
}
