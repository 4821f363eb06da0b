import { failureOf } from "./session.ts";

/** Exit codes (interfaces §2). */
export const exitCodes = { done: 0, failed: 1, bad_input: 2, locked: 3 } as const;

/** With `--json` one JSON object on one line of standard output and nothing else there; else words. */
export function tell(json: boolean | undefined, result: unknown, words: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(result) : words()}\n`);
}

/** What failed and what to do, on standard error. @returns the exit code */
export function tellFailure(error: unknown): number {
  const failure = failureOf(error);
  if (!failure) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exitCodes.failed;
  }
  process.stderr.write(`${failure.message}\n${failure.nextStep}\n`);
  return exitCodes[failure.kind];
}

export function number(count: number): string {
  return count.toLocaleString("en");
}

/** `1 row`, `2 rows`; `2 people` where that is given. */
export function counted(count: number, word: string, words = `${word}s`): string {
  return `${number(count)} ${count === 1 ? word : words}`;
}
