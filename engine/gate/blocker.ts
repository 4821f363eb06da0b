import type { Gate } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import type { Project } from "../project/project.ts";

/** Why the gate is locked, and how to unlock it. */
export type Blocker = Gate["blockers"][number];

/** When and of which workspace the gate is asked. */
export interface GateMoment {
  /** Null before the project is connected to one. */
  workspace: Workspace | null;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  at: number;
  /** For how many microseconds a reading back proves anything. */
  validity: number;
}

/** Looks at stored facts alone. An empty list means that nothing of its matter stands in the way. */
export type FindBlockers = (project: Project, moment: GateMoment) => Promise<Blocker[]>;

/** Clocks are set right by less than this, in microseconds: what is of a later time proves nothing about now. */
export const clockTolerance = 5 * 60_000_000;
