/** Bytes of the heap in use from which on garbage is collected between two pieces of work. */
const enough = 64 * 1024 * 1024;

/**
 * V8 lets the garbage of pages and rows pile up to hundreds of megabytes before it looks, beside a database that needs
 * them. Called between two pieces it keeps work of any length in the same memory, where the process was started with
 * `--expose-gc`; elsewhere it does nothing.
 */
export function collectGarbage(): void {
  if (globalThis.gc && process.memoryUsage().heapUsed > enough) globalThis.gc();
}
