import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import Papa from "papaparse";
import { badInput, failed } from "../../contract/failure.ts";
import { guardCell } from "./spreadsheet-guard.ts";

/** Machine files hold the values untouched; human files are guarded for spreadsheets (interfaces §3). */
export type Audience = "machine" | "human";

/**
 * Writes a CSV as interfaces §3 says: UTF-8 without BOM, RFC 4180, CRLF, a header row.
 * The file appears under its name only when it is whole.
 */
export async function csvWriter(file: string, header: readonly string[], audience: Audience): Promise<CsvWriter> {
  const target = resolve(file);
  const temporary = join(dirname(target), `.${process.pid}-${Date.now()}.csv.part`);
  let handle: FileHandle;
  try {
    handle = await open(temporary, "wx", 0o600);
  } catch (error) {
    throw writingFailure(target, error);
  }
  const writer = new CsvWriter(target, temporary, handle, audience);
  await writer.write([header]);
  return writer;
}

class CsvWriter {
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #audience: Audience;
  #rows = -1;

  constructor(target: string, temporary: string, handle: FileHandle, audience: Audience) {
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#audience = audience;
  }

  async write(rows: readonly (readonly string[])[]): Promise<void> {
    if (rows.length === 0) return;
    const cells = this.#audience === "human" ? rows.map((row) => row.map(guardCell)) : rows;
    const text = `${Papa.unparse(cells as string[][], { newline: "\r\n" })}\r\n`;
    this.#rows += rows.length;
    try {
      await this.#handle.writeFile(text);
    } catch (error) {
      await this.abandon();
      throw writingFailure(this.#target, error);
    }
  }

  /** @returns the file's full path and its number of rows, the header left out */
  async close(): Promise<{ file: string; rows: number }> {
    await this.#handle.close();
    await rename(this.#temporary, this.#target).catch(async (error) => {
      await rm(this.#temporary, { force: true });
      throw writingFailure(this.#target, error);
    });
    return { file: this.#target, rows: this.#rows };
  }

  async abandon(): Promise<void> {
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }
}

export type { CsvWriter };

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
    return badInput("OUTPUT_NO_FOLDER", `The folder of ${file} does not exist.`, "Make it, or choose another place.", error);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "EISDIR") {
    return badInput("OUTPUT_UNWRITABLE", `${file} cannot be written.`, "Choose another place, or give yourself write access.", error);
  }
  if (code === "ENOSPC") {
    return failed("DISK_FULL", `There is no space left for ${file}.`, "Free some disk space and try again.", error);
  }
  return error;
}
