import { ORPCError } from "@orpc/client";
import { ValidationError } from "@orpc/contract";
import * as z from "zod";
import { windowWords } from "./window-words.ts";

/** What a screen shows of anything that went wrong. */
export interface ShownFailure {
  /** Of a FAILURE of the contract; null for faults of the program. */
  code: string | null;
  message: string;
  nextStep: string;
}

const FailureData = z.object({ code: z.string(), message: z.string().min(1), nextStep: z.string() });

/**
 * The message and next step of a failed call. A FAILURE of the contract tells them itself;
 * anything else is a fault of the program and gets words that a person can act on, never a stack.
 */
export function shownFailure(error: unknown): ShownFailure {
  if (error instanceof ORPCError && error.code === "FAILURE") {
    const told = FailureData.safeParse(error.data);
    if (told.success) {
      const { code, message, nextStep } = told.data;
      return { code, message: windowWords(message), nextStep: windowWords(nextStep) };
    }
  }
  if (error instanceof ValidationError) {
    return {
      code: null,
      message: "The answer was not in the form that was agreed on, so it was not used.",
      nextStep: "Close Sendgate and open it again. Your migration is kept on disk.",
    };
  }
  return {
    code: null,
    message: "Sendgate met a fault of its own and did not finish this.",
    nextStep:
      "Try once more. If it happens again, close Sendgate and open it again; your migration is kept on disk.",
  };
}
