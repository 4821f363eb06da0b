/**
 * Every failure that an operator can meet has a code, a sentence that says what and where,
 * and a next step. It travels whole over the contract.
 */
export const failureKinds = ["bad_input", "failed", "locked"] as const;

/** `bad_input`: the operator can mend it (exit code 2). `failed`: it went wrong (1). `locked`: the gate says no (3). */
export type FailureKind = (typeof failureKinds)[number];

export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** Stable, for scripts, in capitals: `FILE_EMPTY`. */
  readonly code: string;
  /** What the operator does next, in one sentence. */
  readonly nextStep: string;

  constructor(kind: FailureKind, code: string, message: string, nextStep: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
    this.nextStep = nextStep;
  }
}

export function badInput(code: string, message: string, nextStep: string, cause?: unknown): Failure {
  return new Failure("bad_input", code, message, nextStep, cause);
}

export function failed(code: string, message: string, nextStep: string, cause?: unknown): Failure {
  return new Failure("failed", code, message, nextStep, cause);
}

export function locked(code: string, message: string, nextStep: string): Failure {
  return new Failure("locked", code, message, nextStep);
}
