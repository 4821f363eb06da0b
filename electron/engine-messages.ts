import * as z from "zod";
import { CustomerIoKeysSchema } from "../contract/host-contract.ts";
import { WorkspaceRoleSchema } from "../contract/project.ts";

/** Between main and the engine's process, besides the ports that carry the contract. */

export const ToEngineSchema = z.discriminatedUnion("type", [
  /** Comes with one MessagePort, which the engine then serves. */
  z.object({ type: z.literal("connect") }),
  z.object({ type: z.literal("keys"), id: z.number().int(), keys: CustomerIoKeysSchema.nullable() }),
  /** The engine closes the project and ends. */
  z.object({ type: z.literal("close") }),
]);
export type ToEngine = z.infer<typeof ToEngineSchema>;

export const KeysWantedSchema = z.object({
  type: z.literal("keys-wanted"),
  id: z.number().int(),
  role: WorkspaceRoleSchema,
  /** Whether the open project is a practice migration. */
  practice: z.boolean(),
});
export type KeysWanted = z.infer<typeof KeysWantedSchema>;
