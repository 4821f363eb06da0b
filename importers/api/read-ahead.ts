/**
 * The same items in the same order, the next one on its way while one is used, so that a vendor's time to answer and
 * ours to store pass together. At most one item waits. What goes wrong with an item is thrown in its turn.
 */
export async function* readAhead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (let item = await next; !item.done; item = await next) {
      next = items.next();
      // It may be dropped before anybody waits for it.
      next.catch(() => {});
      yield item.value;
    }
  } finally {
    // Not waited for: whoever stops reading does not want the item that is still on its way.
    items.return(undefined).catch(() => {});
  }
}
