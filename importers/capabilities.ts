/** What one way of reading a source can do: declared, never guessed. The suite in `test/importers/` holds it to that. */
export interface Capabilities {
  /** One reading brings everybody whom the source has. A file holds what somebody chose to export. */
  full: boolean;
  /** Can ask for what changed since a mark; otherwise everything is read each time. */
  delta: boolean;
  /** The source declares how much there is; otherwise only end marks, page chains or a file's own rows prove completeness. */
  declaredTotals: boolean;
  topics: boolean;
}
