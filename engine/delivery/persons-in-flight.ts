/**
 * Keeps two operations on one person from being under way at once: Customer.io does not promise to process them in the
 * order sent (reference/customerio.md §1.11).
 */
export class PersonsInFlight {
  /** Settles with the last work that named the person. */
  readonly #lastOf = new Map<string, Promise<void>>();

  /** Begins once all earlier work that names one of the persons has ended, well or not. */
  async run<T>(persons: ReadonlySet<string>, work: () => Promise<T>): Promise<T> {
    const earlier = new Set<Promise<void>>();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const person of persons) {
      const last = this.#lastOf.get(person);
      if (last) earlier.add(last);
      this.#lastOf.set(person, ended);
    }
    try {
      await Promise.all(earlier);
      return await work();
    } finally {
      for (const person of persons) if (this.#lastOf.get(person) === ended) this.#lastOf.delete(person);
      end();
    }
  }
}
