import type { Certificate } from "../../contract/certificate.ts";
import type { Gate, Plan } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import type { Verification } from "../delivery/verification.ts";
import type { JournalLine } from "../journal/journal.ts";
import type { StoredMerge } from "../merge/merge.ts";
import type { Project } from "../project/project.ts";

/** Why the gate is locked, and how to unlock it. */
export type Blocker = Gate["blockers"][number];

/** When and of which workspace the gate is asked, and what is stored at that moment: read once, so that all look at the same. */
export interface GateMoment {
  /** Null before the project is connected to one. */
  workspace: Workspace | null;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  at: number;
  /** For how many microseconds a reading back proves anything. */
  validity: number;
  /** Undefined before the first merge. */
  merge: StoredMerge | undefined;
  /** Null before the first plan. */
  plan: Plan | null;
  /** The last reading back of the workspace; undefined before the first one. */
  verification: Verification | undefined;
  /** The certificate of that reading back, its form and signature checked; null where it proved nothing. */
  certificate: { certificate: Certificate } | { trouble: string } | null;
  journal: { lines: JournalLine[]; trouble: string | null };
}

/** Looks at stored facts alone, those of the moment first. An empty list means that nothing of its matter stands in the way. */
export type FindBlockers = (project: Project, moment: GateMoment) => Promise<Blocker[]>;

/** Clocks are set right by less than this, in microseconds: what is of a later time proves nothing about now. */
export const clockTolerance = 5 * 60_000_000;
