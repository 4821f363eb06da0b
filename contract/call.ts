import { oc } from "@orpc/contract";
import * as z from "zod";
import { failureKinds } from "./failure.ts";

/** Every call can fail this way, and in no other way that an operator should meet. */
export const call = oc.errors({
  FAILURE: {
    data: z.object({
      kind: z.enum(failureKinds),
      code: z.string(),
      message: z.string(),
      nextStep: z.string(),
    }),
  },
});
