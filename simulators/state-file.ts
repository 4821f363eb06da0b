import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Milliseconds of quiet before a change is written. */
const quietMs = 500;
/** Milliseconds after which it is written although changes go on. */
const patienceMs = 10_000;

/**
 * Keeps a JSON file in step with a state that changes: written after a pause, whole or not at all,
 * readable by the owner only.
 */
export function createStateFile(file: string, save: () => unknown) {
  let timer: NodeJS.Timeout | undefined;
  let waitingSince = 0;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    writeFileSync(`${file}.new`, JSON.stringify(save()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return {
    /** The state as saved; null where there is no file. */
    read<State>(): State | null {
      try {
        return JSON.parse(readFileSync(file, "utf8")) as State;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    changed(): void {
      const now = Date.now();
      if (timer === undefined) waitingSince = now;
      clearTimeout(timer);
      timer = setTimeout(write, Math.min(quietMs, Math.max(0, waitingSince + patienceMs - now)));
    },
    write,
  };
}
