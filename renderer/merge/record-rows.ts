import type { ConflictDetail } from "../../contract/merge.ts";

type SourceRow = ConflictDetail["records"][number];
export type RecordState = SourceRow["states"][number];

/** One line of the side-by-side view: a field with its value in every record, null where a record has none. */
export interface RecordLine {
  field: string;
  /** True where two records that have a value have different ones. */
  differs: boolean;
  values: (string | null)[];
}

/** The fields of all records, the identifying ones first, then the attributes by name. */
export function recordLines(records: SourceRow[]): RecordLine[] {
  const line = (field: string, values: (string | null)[]): RecordLine => ({
    field,
    values,
    differs: new Set(values.filter((value) => value !== null && value !== "")).size > 1,
  });
  const names = new Set(records.flatMap(({ attributes }) => Object.keys(attributes)));
  return [
    line(
      "User ID",
      records.map(({ userId }) => userId),
    ),
    line(
      "Address",
      records.map(({ email }) => email),
    ),
    ...[...names].sort().map((name) =>
      line(
        name,
        records.map(({ attributes }) => attributes[name] ?? null),
      ),
    ),
  ];
}

/** True where the records do not all say the same about consent. */
export function statesDiffer(records: SourceRow[]): boolean {
  return (
    new Set(
      records.map(({ states }) =>
        states
          .map(({ level }) => level)
          .sort()
          .join(),
      ),
    ).size > 1
  );
}
