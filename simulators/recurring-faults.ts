/** Every n-th request meets the fault. Counts from the first request that it is asked about. */
export function everyNth<Fault>(n: number, fault: Fault): () => Fault | undefined {
  let seen = 0;
  return () => {
    seen += 1;
    return seen % n === 0 ? fault : undefined;
  };
}

/** The first source that strikes. Every source counts every request, whether an earlier one strikes or not. */
export function firstStriking<Fault>(...sources: (() => Fault | undefined)[]): () => Fault | undefined {
  return () => sources.map((source) => source()).find((fault) => fault !== undefined);
}
