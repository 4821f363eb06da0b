/** Bytes of the heap in use from which on garbage is collected between two pages. */
const enough = 80 * 1024 * 1024;

/**
 * V8 lets garbage of read pages pile up to hundreds of megabytes before it looks, beside a database that needs them.
 * Called between pages it keeps an export of any length in the same memory, where the process was started with
 * `--expose-gc`, as the command line is; elsewhere it does nothing. (Exposing it in mid-run made Electron 25 hang.)
 */
export function collectGarbage(): void {
  if (globalThis.gc && process.memoryUsage().heapUsed > enough) globalThis.gc();
}
