import * as z from "zod";
import { CustomerIoKeysSchema, PracticeSchema } from "../contract/host-contract.ts";

/** Between main and the simulators' process. */

export const ToSimulatorSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run"),
    id: z.number().int(),
    /** Where the simulated workspace is kept. */
    stateFile: z.string(),
    /** The people to invent and the folder for their export files; null for a practice project opened again. */
    exports: z.object({ folder: z.string(), people: z.number().int(), seed: z.number().int() }).nullable(),
  }),
  /** The simulators put their state away and end. */
  z.object({ type: z.literal("close") }),
]);
export type ToSimulator = z.infer<typeof ToSimulatorSchema>;
export type RunSimulator = Extract<ToSimulator, { type: "run" }>;

export const FromSimulatorSchema = z.discriminatedUnion("type", [
  PracticeSchema.extend({
    type: z.literal("running"),
    id: z.number().int(),
    keys: CustomerIoKeysSchema,
  }),
  z.object({ type: z.literal("failed"), id: z.number().int(), message: z.string() }),
]);
export type FromSimulator = z.infer<typeof FromSimulatorSchema>;
export type RunningSimulator = Extract<FromSimulator, { type: "running" }>;
