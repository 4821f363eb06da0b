import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { badInput, Failure } from "../../contract/failure.ts";

/** Bytes that can be read from their beginning as often as needed: a file, or one entry of a ZIP. */
export interface ByteSource {
  /** For messages and reports: the file's name, or `export.zip/folder/entry.csv`. */
  name: string;
  /** The file's or entry's own name, without folders. */
  baseName: string;
  /** Uncompressed, in bytes. */
  size: number;
  open(): AsyncIterable<Buffer>;
}

/** Larger reads make papaparse slower (measured). */
const pieceSize = 64 * 1024;

/** @throws Failure `bad_input` for a path that is missing, a folder, no ordinary file or empty. */
export async function fileSource(path: string): Promise<ByteSource> {
  const name = basename(path);
  const status = await stat(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  if (status.isDirectory())
    throw badInput(
      "FILE_IS_FOLDER",
      `${name} is a folder, not a file.`,
      "Name the files in it one by one, or one ZIP.",
    );
  if (!status.isFile())
    throw badInput("FILE_UNREADABLE", `${name} is not an ordinary file.`, "Name a CSV, NDJSON or ZIP file.");
  if (status.size === 0) throw emptyFile(name);
  return { name, baseName: name, size: status.size, open: () => readPieces(path, name) };
}

export function emptyFile(name: string): Failure {
  return badInput("FILE_EMPTY", `${name} is empty.`, "Export it again, or leave it out.");
}

async function* readPieces(path: string, name: string): AsyncIterable<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: pieceSize });
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error) || error instanceof Failure) return error;
  if (error.code === "ENOENT" || error.code === "ENOTDIR")
    return badInput("FILE_MISSING", `${name} does not exist.`, "Check the path and the spelling.", error);
  if (error.code === "EACCES" || error.code === "EPERM")
    return badInput(
      "FILE_UNREADABLE",
      `${name} may not be read by this user.`,
      "Give yourself permission to read the file.",
      error,
    );
  return badInput(
    "FILE_UNREADABLE",
    `${name} could not be read (${String(error.code)}).`,
    "Copy the file to a local disk and try again.",
    error,
  );
}
