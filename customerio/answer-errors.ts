import { isObject } from "./json.ts";

/** One complaint out of an error body. */
export interface AnswerError {
  /** The item of a batch that it is about; null where the answer does not say. */
  batchIndex: number | null;
  /** In the vendor's words, with e-mail addresses taken out. */
  text: string;
}

/** Reads every shape of error body that Customer.io uses (reference/customerio.md §1.10, §1.11, §2.1). */
export function readErrors(body: unknown): AnswerError[] {
  if (!isObject(body)) return [];
  const meta = isObject(body.meta) ? body.meta : {};
  const listed = [body.errors, meta.errors].flatMap((errors) =>
    errors === undefined || errors === null ? [] : (errors as unknown),
  );
  if (meta.error !== undefined) listed.push(meta.error);
  return listed.map(readError);
}

/** All complaints as one sentence; a stand-in where there are none. */
export function errorSentence(errors: AnswerError[]): string {
  return errors.map(({ text }) => text).join("; ") || "no reason given";
}

function readError(error: unknown): AnswerError {
  if (!isObject(error)) return { batchIndex: null, text: clean(String(error)) };
  const pointer = isObject(error.source) ? error.source.pointer : undefined;
  const parts = [error.reason, error.field ?? pointer, error.message ?? error.detail];
  const text = parts.filter((part) => typeof part === "string" && part !== "").join(": ");
  const index = error.batch_index;
  return {
    batchIndex: Number.isInteger(index) ? (index as number) : null,
    text: clean(text || "no reason given"),
  };
}

function clean(text: string): string {
  return text.replace(/[^\s"'<>(),;]+(@|%40)[^\s"'<>(),;]+/gi, "[address]").slice(0, 300);
}
