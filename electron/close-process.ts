import type { UtilityProcess } from "electron";

/** How long a process may take to put its files away, in milliseconds. */
const patience = 10_000;

/** Asks a process to end with its own `close` message; ends it where it takes too long. */
export function closeProcess(process: UtilityProcess): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => process.kill(), patience);
    process.once("exit", () => {
      clearTimeout(impatience);
      resolve();
    });
    process.postMessage({ type: "close" });
  });
}
