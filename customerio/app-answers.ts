import { type Failure, failed } from "../contract/failure.ts";
import { errorSentence, readErrors } from "./answer-errors.ts";
import type { ApiAnswer } from "./calls.ts";
import { isObject } from "./json.ts";

/** How look-ups of the App API in files of their own send their calls; `{name}` in the template stands for the value of that name. */
export interface AppReader {
  /** The answer, a refusal included. */
  ask(
    method: "GET" | "POST",
    template: string,
    values?: Record<string, string>,
    query?: Record<string, string>,
    body?: unknown,
  ): Promise<ApiAnswer>;
  /** The object in the answer. @throws Failure `failed` where the call was refused */
  read(
    method: "GET" | "POST",
    template: string,
    values?: Record<string, string>,
    query?: Record<string, string>,
    body?: unknown,
  ): Promise<Record<string, unknown>>;
}

/** A list in an answer; null means empty (reference/customerio.md §2.1). */
export function listIn(body: unknown, key: string, method: string, template: string): unknown[] {
  const list = isObject(body) ? body[key] : undefined;
  if (list === null) return [];
  if (!Array.isArray(list)) throw unexpected(method, template, `it has no list "${key}"`);
  return list;
}

export function unexpected(method: string, template: string, why: string): Failure {
  return failed(
    "CUSTOMER_IO_UNREADABLE",
    `Customer.io's answer to ${method} ${template} is not as documented: ${why}.`,
    "Start this step again; if it stays so, the API has changed and Sendgate needs an update.",
  );
}

export function refused(method: string, template: string, status: number, body: unknown): Failure {
  return failed(
    "CUSTOMER_IO_REFUSED",
    `Customer.io refused ${method} ${template} (HTTP ${status}): ${errorSentence(readErrors(body))}.`,
    "Check that the keys belong to this workspace and allow this call, then start this step again.",
  );
}
