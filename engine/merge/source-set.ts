import { type SourceName, sourceNames } from "../../contract/source.ts";

/** Sorted, so that the bits of a set stand in the order of the names. */
const sortedSources = [...sourceNames].sort();
/** A set of sources is one number in the database: the sum of their bits. */
export const bitOf = (source: SourceName): number => 1 << sortedSources.indexOf(source);

/** Names of the sources in a set of bits, sorted. */
export function sourcesOf(bits: number): SourceName[] {
  return sortedSources.filter((source) => (bits & bitOf(source)) !== 0);
}
