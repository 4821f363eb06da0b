import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** Rows that one call brings; the contract allows 1,000. */
const pageSize = 200;

interface Page<Row> {
  total: number;
  rows: Row[];
}

/** Rows `first` to `last`, both counted from 0. */
export interface RowRange {
  first: number;
  last: number;
}

/**
 * Rows of a long list that the engine hands out in pages: only the pages on show are asked for.
 * `key` names the list and its filter; where it changes the list begins anew. `openRow` is wanted even when it is
 * scrolled out of sight.
 */
export function usePagedRows<Row>(
  key: readonly unknown[],
  fetchPage: (range: { offset: number; limit: number }) => Promise<Page<Row>>,
  openRow = 0,
) {
  const [range, setRange] = useState<RowRange>({ first: 0, last: 0 });
  const pages = pagesOf(range, openRow);
  const queries = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...key, page],
      queryFn: () => fetchPage({ offset: page * pageSize, limit: pageSize }),
    })),
  });
  const answered = queries.find((query) => query.data !== undefined)?.data?.total;
  // Under a new filter the old length stays until the new one is known, so that the table does not come and go.
  const [lastTotal, setLastTotal] = useState<number | null>(null);
  useEffect(() => {
    if (answered !== undefined) setLastTotal(answered);
  }, [answered]);
  return {
    /** How many rows there are; null before the first answer. */
    total: answered ?? lastTotal,
    /** The row, or null while its page is on the way. */
    row: (index: number): Row | null =>
      queries[pages.indexOf(Math.floor(index / pageSize))]?.data?.rows[index % pageSize] ?? null,
    error: queries.find((query) => query.isError)?.error ?? null,
    retry: () => {
      for (const query of queries) void query.refetch();
    },
    onRange: setRange,
  };
}

/** The pages that hold the rows of a range and one more row, and page 0, which tells the total. */
export function pagesOf({ first, last }: RowRange, openRow: number): number[] {
  const pages = new Set([0, Math.floor(openRow / pageSize)]);
  for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page += 1)
    pages.add(page);
  return [...pages].sort((one, other) => one - other);
}
