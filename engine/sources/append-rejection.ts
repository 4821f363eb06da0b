import type { DuckDBAppender } from "@duckdb/node-api";
import type { RejectedRow } from "../../contract/source.ts";

/** Appends one row to the table `unreadable_row`. @param before how many lines of the same file come before the row's page */
export function appendRejection(
  appender: DuckDBAppender,
  fileId: number,
  { line, reason, row, lasting = false }: RejectedRow,
  before = 0,
): void {
  appender.appendInteger(fileId);
  appender.appendBigInt(BigInt(before + line));
  appender.appendVarchar(reason);
  appender.appendVarchar(row);
  appender.appendBoolean(lasting);
  appender.endRow();
}
