import type { MessagePortMain } from "electron";
import * as z from "zod";

/**
 * What oRPC's message-port client sends: a request, or the end of one. Files and streams, which the adapter
 * could carry too, never travel from the window.
 */
const RequestSchema = z.strictObject({
  i: z.string().max(64),
  p: z.strictObject({
    u: z.string().regex(/^(\/\w+)+$/),
    b: z.unknown().optional(),
    h: z
      .record(z.string().regex(/^(?!content-)[a-z-]+$/), z.union([z.string(), z.array(z.string())]))
      .optional(),
  }),
});
const abortSignal = 4;
const AbortSchema = z.strictObject({
  i: z.string().max(64),
  t: z.literal(abortSignal),
  p: z.unknown().optional(),
});
const MessageSchema = z.union([RequestSchema, AbortSchema]);

type Listener = (event?: { data: unknown }) => void;

/**
 * A port that lets only well-formed messages through to oRPC, whose adapter would end the process at
 * anything else with an unhandled rejection. What is inside a request is then checked against the contract.
 */
export function checkedPort(port: MessagePortMain) {
  return {
    postMessage: (data: unknown) => port.postMessage(data),
    on(event: string, listener: Listener) {
      if (event === "close") port.on("close", () => listener());
      if (event !== "message") return;
      port.on("message", (message) => {
        if (isWellFormed(message.data)) listener(message);
        else console.error("A malformed message from the window was dropped.");
      });
    },
  };
}

function isWellFormed(data: unknown): boolean {
  if (typeof data !== "string") return false;
  try {
    return MessageSchema.safeParse(JSON.parse(data)).success;
  } catch {
    return false;
  }
}
