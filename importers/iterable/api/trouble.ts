import { badInput, type Failure, failed } from "../../../contract/failure.ts";

/** What went wrong with one attempt, where another one may go better. Its message completes "…: ". */
export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly code: "UNREACHABLE" | "RATE_LIMITED" | "SERVER_ERROR" | "UNREADABLE" | "CUT_SHORT";

  constructor(code: Trouble["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** @param call the call without any value, e.g. `GET /api/export/{jobId}/files` */
export function troubleFailure(call: string, { code, message }: Trouble): Failure {
  return failed(
    `ITERABLE_${code}`,
    `Iterable did not answer ${call} as it should: ${message}.`,
    "Check the connection and Iterable's status page, then pull again; what is read stays read.",
  );
}

export function keyRefused(): Failure {
  return badInput(
    "ITERABLE_KEY_REFUSED",
    "Iterable refused the API key (HTTP 401). It is wrong, expired or revoked, belongs to another data centre than the endpoint, or is of a kind for apps and web pages (mobile, JavaScript, JWT).",
    "Create a server-side API key in the Iterable project (Integrations, API keys) and enter it again.",
  );
}

export function keyNotAllowed(call: string): Failure {
  return badInput(
    "ITERABLE_KEY_NOT_ALLOWED",
    `The API key is not allowed to call ${call} (HTTP 403).`,
    "Use a server-side key of the project with access to exports, lists and users; read-only and client-side keys may lack it.",
  );
}

export function unexpected(call: string, what: string): Failure {
  return failed(
    "ITERABLE_UNEXPECTED",
    `Iterable answered ${call} in an unknown way: ${what}.`,
    "Pull again; if it stays so, Iterable's API has changed and Sendgate needs an update.",
  );
}
