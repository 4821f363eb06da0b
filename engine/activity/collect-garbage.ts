/** Bytes of garbage that may pile up before it is collected between two pieces of work. */
const enough = 32 * 1024 * 1024;

/** Bytes of the heap that were in use after the last collection. */
let kept = 0;

/**
 * V8 lets the garbage of pages and rows pile up to hundreds of megabytes before it looks, beside a database that needs
 * them. Called between two pieces it keeps work of any length in the same memory, where the process was started with
 * `--expose-gc`; elsewhere it does nothing. What is still in use is not looked through again until as much has piled up
 * anew.
 */
export function collectGarbage(): void {
  if (!globalThis.gc) return;
  const { heapUsed } = process.memoryUsage();
  // Lower where V8 has collected by itself.
  kept = Math.min(kept, heapUsed);
  if (heapUsed < kept + enough) return;
  globalThis.gc();
  kept = process.memoryUsage().heapUsed;
}
