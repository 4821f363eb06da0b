import * as z from "zod";
import { CustomerIoKeysSchema } from "../contract/host-contract.ts";
import { SourceNameSchema, WorkspaceRoleSchema } from "../contract/project.ts";

/** Between main and the engine's process, besides the ports that carry the contract. */

export const ToEngineSchema = z.discriminatedUnion("type", [
  /** Comes with one MessagePort, which the engine then serves. */
  z.object({ type: z.literal("connect") }),
  z.object({ type: z.literal("keys"), id: z.number().int(), keys: CustomerIoKeysSchema.nullable() }),
  z.object({ type: z.literal("source-key"), id: z.number().int(), key: z.string().nullable() }),
  /** The engine closes the project and ends. */
  z.object({ type: z.literal("close") }),
]);
export type ToEngine = z.infer<typeof ToEngineSchema>;

const Asked = z.object({
  id: z.number().int(),
  /** Whether the open project is a practice migration. */
  practice: z.boolean(),
});

export const FromEngineSchema = z.discriminatedUnion("type", [
  Asked.extend({ type: z.literal("keys-wanted"), role: WorkspaceRoleSchema }),
  Asked.extend({ type: z.literal("source-key-wanted"), source: SourceNameSchema }),
]);
export type FromEngine = z.infer<typeof FromEngineSchema>;
