import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of the heap in use from which on garbage is collected between two pages. */
const enough = 80 * 1024 * 1024;

/**
 * V8 lets garbage of read pages pile up to hundreds of megabytes before it looks, beside a database that needs them.
 * Called between pages it keeps an export of any length in the same memory. Without V8's `gc` it does nothing.
 */
export function collectGarbage(): void {
  if (process.memoryUsage().heapUsed > enough) collect();
}

const collect = exposed();

function exposed(): () => void {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("typeof gc === 'function' ? gc : null");
  setFlagsFromString("--no-expose-gc");
  return typeof found === "function" ? (found as () => void) : () => {};
}
