/**
 * Works on items as they come, several at once, each begun in order and only when there is room.
 * The first that fails ends it: nothing more is begun, what is under way is waited for, and the failure is thrown.
 */
export async function severalAtOnce<T>(
  items: AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let trouble: { error: unknown } | null = null;
  try {
    for await (const item of items) {
      const working: Promise<void> = work(item)
        .catch((error: unknown) => {
          trouble ??= { error };
        })
        .finally(() => underWay.delete(working));
      underWay.add(working);
      if (underWay.size >= most) await Promise.race(underWay);
      if (trouble) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (trouble) throw (trouble as { error: unknown }).error;
}
