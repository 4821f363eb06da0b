/** Holds `calls` and loses them evenly over `perMs` milliseconds; a call that finds it full is refused. */
export function createLeakyBucket(calls: number, perMs: number) {
  let level = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    /** 0 where the call is admitted, else the milliseconds until one would be. */
    admit(now: number): number {
      level = Math.max(0, level - ((now - last) * calls) / perMs);
      last = now;
      if (level <= calls - 1) {
        level += 1;
        return 0;
      }
      return ((level - (calls - 1)) * perMs) / calls;
    },
  };
}
