import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import Papa from "papaparse";
import { badInput, failed } from "../../contract/failure.ts";
import { guardCell } from "./spreadsheet-guard.ts";

/** Machine files hold the values untouched; human files are guarded for spreadsheets (interfaces §3). */
export type Audience = "machine" | "human";

/**
 * Writes a CSV as interfaces §3 says: UTF-8 without BOM, RFC 4180, CRLF, a header row.
 * The file appears under its name only when it is whole.
 * @param pieces rows of cells, in pieces of any size
 * @returns the file's full path and its number of rows, the header left out
 */
export async function writeCsv(
  file: string,
  header: readonly string[],
  audience: Audience,
  pieces: AsyncIterable<readonly (readonly string[])[]>,
): Promise<{ file: string; rows: number }> {
  const target = resolve(file);
  const temporary = join(dirname(target), `.${process.pid}-${Date.now()}.csv.part`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    let rows = 0;
    try {
      await handle.writeFile(csvText([header], audience));
      for await (const piece of pieces) {
        if (piece.length === 0) continue;
        await handle.writeFile(csvText(piece, audience));
        rows += piece.length;
      }
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
    return { file: target, rows };
  } catch (error) {
    await rm(temporary, { force: true });
    throw writingFailure(target, error);
  }
}

function csvText(rows: readonly (readonly string[])[], audience: Audience): string {
  const cells = audience === "human" ? rows.map((row) => row.map(guardCell)) : (rows as string[][]);
  return `${Papa.unparse(cells as string[][], { newline: "\r\n" })}\r\n`;
}

/** Turns database rows into cells, piece by piece. */
export async function* mapPieces<T>(
  pieces: AsyncIterable<T[]>,
  cells: (row: T) => string[],
): AsyncGenerator<string[][]> {
  for await (const piece of pieces) yield piece.map(cells);
}

/** Sorted by code point, joined with `|`; a `|` or `\` inside an item is written `\|` or `\\` (interfaces §3). */
export function listCell(items: readonly string[]): string {
  return [...items]
    .sort(byCodePoint)
    .map((item) => item.replace(/[|\\]/g, "\\$&"))
    .join("|");
}

/** The order of UTF-8 bytes, which is that of code points; JavaScript's own order is that of UTF-16 units. */
export function byCodePoint(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function writingFailure(file: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return badInput(
      "OUTPUT_NO_FOLDER",
      `The folder of ${file} does not exist.`,
      "Make it, or choose another place.",
      error,
    );
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "EISDIR") {
    return badInput(
      "OUTPUT_UNWRITABLE",
      `${file} cannot be written.`,
      "Choose another place, or give yourself write access.",
      error,
    );
  }
  if (code === "ENOSPC") {
    return failed(
      "DISK_FULL",
      `There is no space left for ${file}.`,
      "Free some disk space and try again.",
      error,
    );
  }
  return error;
}
