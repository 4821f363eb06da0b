import type { Checkpoint } from "../../api-importer.ts";
import { isObject } from "./connection.ts";
import type { Project } from "./project.ts";

/** What a complete pull leaves for the next one. */
export interface PullMark {
  /** Milliseconds since 1970: everything before it was read. */
  at: number;
  /** When everything was last read, not only what changed. */
  fullAt: number;
  /** What the meaning of the rows read so far rests on; where it changed, all of them must be read again. */
  basis: string;
}

export function basisOf({ mode, channels }: Project, userIdField: string | null): string {
  return JSON.stringify([mode, [...channels.kinds].sort(), userIdField]);
}

export function writeMark({ at, fullAt, basis }: PullMark): Checkpoint {
  return { at, fullAt, basis };
}

/** Null for anything that is no mark. */
export function readMark(since: Checkpoint | null): PullMark | null {
  if (!isObject(since)) return null;
  const { at, fullAt, basis } = since;
  if (typeof at !== "number" || typeof fullAt !== "number" || typeof basis !== "string") return null;
  return { at, fullAt, basis };
}
