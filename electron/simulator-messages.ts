import * as z from "zod";
import { CustomerIoKeysSchema, PracticeSchema } from "../contract/host-contract.ts";
import { SourceNameSchema } from "../contract/project.ts";

/** Between main and the simulators' process. */

export const ToSimulatorSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run"),
    id: z.number().int(),
    /** Where the simulated vendors keep what happens. */
    folder: z.string(),
    /** Whom to invent where the folder does not know it yet. */
    people: z.number().int(),
    seed: z.number().int(),
    /** The folder for the export files of what has no API; null for a practice project opened again. */
    exportFolder: z.string().nullable(),
  }),
  /** Something happens to the people of the vendors that run from this folder. */
  z.object({ type: z.literal("time-passes"), id: z.number().int(), folder: z.string() }),
  /** The simulators put their state away and end. */
  z.object({ type: z.literal("close") }),
]);
export type ToSimulator = z.infer<typeof ToSimulatorSchema>;
export type RunSimulators = Extract<ToSimulator, { type: "run" }>;
export type TimePasses = Extract<ToSimulator, { type: "time-passes" }>;

export const FromSimulatorSchema = z.discriminatedUnion("type", [
  PracticeSchema.extend({
    type: z.literal("running"),
    id: z.number().int(),
    keys: CustomerIoKeysSchema,
    sourceKeys: z.partialRecord(SourceNameSchema, z.string()),
  }),
  z.object({ type: z.literal("time-passed"), id: z.number().int(), events: z.number().int() }),
  z.object({ type: z.literal("failed"), id: z.number().int(), message: z.string() }),
]);
export type FromSimulator = z.infer<typeof FromSimulatorSchema>;
