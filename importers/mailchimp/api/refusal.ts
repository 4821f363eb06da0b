import { badInput, Failure, failed } from "../../../contract/failure.ts";

/** What the client does about an answer that brought nothing. */
export type Trouble =
  /** Too many calls at once: everybody waits. */
  | { kind: "busy"; retryAfter: string | undefined; reason: string }
  /** May go well next time. */
  | { kind: "passing"; reason: string }
  /** It took too long or was too much to hold; fewer entries may fit. */
  | { kind: "too_much"; reason: string }
  | { kind: "final"; failure: Failure };

/** An answer of another status than 2xx. */
export interface ErrorAnswer {
  status: number;
  retryAfter: string | undefined;
  /** The body as text. */
  text: string;
}

const notFound = "MAILCHIMP_NOT_FOUND";

/** True for the Failure that says that Mailchimp has something no longer. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Failure && error.code === notFound;
}

/**
 * Reads a refusal (reference/mailchimp.md §2). Mailchimp's own sentence (`detail`) may quote an address, so only its
 * class (`title`) and its number for the support (`instance`) reach the message.
 * @param what the call in words: `the members of “News”`
 */
export function troubleOf({ status, retryAfter, text }: ErrorAnswer, what: string): Trouble {
  const problem = readProblem(text);
  const title = problem?.title ?? "";
  const final = (failure: Failure): Trouble => ({ kind: "final", failure });
  if (status === 429 || (status === 403 && problem === null))
    return { kind: "busy", retryAfter, reason: `it answered ${status}` };
  if (status === 401)
    return final(
      badInput(
        "MAILCHIMP_KEY_REFUSED",
        "Mailchimp does not know this API key: it is mistyped, revoked, or belongs to another data centre.",
        "Copy the whole key, with its ending such as -us6, from Mailchimp under Account, Extras, API keys.",
      ),
    );
  if (status === 403 && (problem?.namesDataCentre || title === "wrongdatacenter"))
    return final(
      badInput(
        "MAILCHIMP_WRONG_DATA_CENTRE",
        "This API key belongs to another of Mailchimp's data centres than its ending says.",
        "Copy the whole key again from Mailchimp, with its ending such as -us6.",
      ),
    );
  if (status === 403)
    return final(
      badInput(
        "MAILCHIMP_FORBIDDEN",
        `Mailchimp does not let this API key read ${what}${inBrackets(problem)}.`,
        "Use a key of a user with the role Manager, Admin or Owner whose account is not disabled.",
      ),
    );
  if (status === 404)
    return final(
      failed(
        notFound,
        `Mailchimp has ${what} no longer${inBrackets(problem)}: it was deleted.`,
        "Start the export again: it reads what is there now.",
      ),
    );
  if (title === "compliancerelated")
    return final(
      badInput(
        "MAILCHIMP_ACCOUNT_SUSPENDED",
        `Mailchimp has suspended this account${inBrackets(problem)}.`,
        "Settle it with Mailchimp, or import the export files that you already have.",
      ),
    );
  if (status >= 500 || status === 408) return { kind: "passing", reason: `it answered ${status}` };
  if (status >= 300 && status < 400)
    return final(
      failed(
        "MAILCHIMP_REDIRECTED",
        `The answer to ${what} points to another address (HTTP ${status}); the key is not taken there.`,
        "Check for a proxy between this computer and Mailchimp, then start the export again.",
      ),
    );
  return final(
    failed(
      "MAILCHIMP_REFUSED",
      `Mailchimp refused to give ${what} (HTTP ${status})${inBrackets(problem)}.`,
      "Start the export again; if it stays so, the API has changed and Sendgate needs an update.",
    ),
  );
}

const withoutConnection = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);

/** A failure on the way: no answer, or not the whole of one. The error itself holds the key and is dropped. */
export function troubleOnTheWay(error: unknown): Trouble {
  const { code, timeout } = (error ?? {}) as { code?: unknown; timeout?: unknown };
  if (timeout !== undefined) return { kind: "too_much", reason: "it took too long to answer" };
  if (code === "ETOOLARGE") return { kind: "too_much", reason: "its answer was too large" };
  const known = typeof code === "string" && /^[A-Z_]{3,40}$/.test(code) ? code : "connection broken";
  return {
    kind: "passing",
    reason: withoutConnection.has(known)
      ? `no connection came about (${known})`
      : `it could not be read to its end (${known})`,
  };
}

interface Problem {
  /** Lower case without spaces: which of both spellings comes over the wire is not confirmed. */
  title: string;
  instance: string;
  namesDataCentre: boolean;
}

function readProblem(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { title, instance, detail } = value as Record<string, unknown>;
    return {
      title: String(title ?? "")
        .replace(/[^a-z]/gi, "")
        .slice(0, 60)
        .toLowerCase(),
      instance: typeof instance === "string" && /^[\w-]{1,60}$/.test(instance) ? instance : "",
      namesDataCentre: /data\s?cent(?:er|re)|\.api\.mailchimp\.com|\bus\d{1,3}\b/i.test(String(detail ?? "")),
    };
  } catch {
    return null;
  }
}

function inBrackets(problem: Problem | null): string {
  return problem?.instance ? ` (request ${problem.instance})` : "";
}
