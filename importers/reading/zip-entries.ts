import { basename, posix } from "node:path";
import yauzl from "yauzl";
import { badInput, Failure } from "../../contract/failure.ts";
import type { ByteSource } from "./byte-source.ts";
import { emptyFile } from "./byte-source.ts";
import { crc32 } from "./crc32.ts";

/** Bounds against ZIP bombs. Sizes are bytes. */
export interface ZipLimits {
  entries: number;
  /** For one entry, and for all entries together. */
  uncompressedSize: number;
  /** Uncompressed to compressed size, looked at in entries larger than `ratioFrom`. */
  ratio: number;
  ratioFrom: number;
}

export const zipLimits: ZipLimits = {
  entries: 1_000,
  uncompressedSize: 20 * 2 ** 30,
  ratio: 200,
  ratioFrom: 100 * 2 ** 20,
};

const importable = /\.(csv|txt|ndjson|json)$/i;

/**
 * The importable entries of a ZIP, in its order. Folders, `__MACOSX/` and dot files are left out; any other entry
 * that cannot be imported refuses the whole ZIP, so that nothing in it is skipped in silence.
 *
 * @throws Failure `bad_input` for a ZIP that is damaged, encrypted, nested, a bomb, or reaches outside itself.
 */
export async function zipSources(path: string, limits: ZipLimits = zipLimits): Promise<ByteSource[]> {
  const zipName = basename(path);
  const entries = await listEntries(path, zipName, limits);
  const files = entries.filter(({ name }) => !isLeftOut(name));
  if (files.some(({ name }) => name === "[Content_Types].xml"))
    throw badInput(
      "FILE_IS_SPREADSHEET",
      `${zipName} is a spreadsheet or an office document, not an export.`,
      "Open it and save it as CSV (UTF-8).",
    );
  if (!files.some(({ name }) => importable.test(name)))
    throw badInput(
      "ZIP_WITHOUT_CSV",
      `${zipName} holds no .csv, .txt, .ndjson or .json file.`,
      "Save the data as CSV and import that.",
    );
  let total = 0;
  for (const { entry, name } of files) {
    const where = `${zipName}/${name}`;
    if (!importable.test(name))
      throw badInput(
        "ZIP_ENTRY_UNKNOWN",
        `${where} is not a .csv, .txt, .ndjson or .json file${/\.zip$/i.test(name) ? " but a ZIP inside the ZIP" : ""}.`,
        "Unpack the ZIP and import the export files in it one by one.",
      );
    if (entry.isEncrypted())
      throw badInput(
        "ZIP_ENCRYPTED",
        `${where} is locked with a password.`,
        "Unpack the ZIP with its password and import the files in it.",
      );
    if (!entry.canDecodeFileData())
      throw badInput(
        "ZIP_COMPRESSION_UNKNOWN",
        `${where} is compressed in a way that is not supported.`,
        "Unpack the ZIP and import the files in it.",
      );
    if (entry.uncompressedSize === 0) throw emptyFile(where);
    // Declared sizes serve as limits here; `readEntry` holds the real bytes to them.
    total += entry.uncompressedSize;
    if (
      total > limits.uncompressedSize ||
      (entry.uncompressedSize > limits.ratioFrom &&
        entry.uncompressedSize > limits.ratio * entry.compressedSize)
    )
      throw badInput(
        "ZIP_TOO_LARGE",
        `${where} unpacks to more than is sound (${entry.uncompressedSize} bytes from ${entry.compressedSize}, ${total} in all).`,
        "If you trust the file, unpack it yourself and import the files in it.",
      );
  }
  return files.map(({ entry, name }) => ({
    name: `${zipName}/${name}`,
    baseName: posix.basename(name),
    size: entry.uncompressedSize,
    open: () => readEntry(path, entry, `${zipName}/${name}`),
  }));
}

function isLeftOut(name: string): boolean {
  return name.endsWith("/") || name.split("/").some((part) => part === "__MACOSX" || part.startsWith("."));
}

async function listEntries(
  path: string,
  zipName: string,
  limits: ZipLimits,
): Promise<{ entry: yauzl.Entry; name: string }[]> {
  try {
    const zip = await yauzl.openPromise(path, { decodeStrings: false, autoClose: false });
    try {
      if (zip.entryCount > limits.entries)
        throw badInput(
          "ZIP_TOO_LARGE",
          `${zipName} holds ${zip.entryCount} files; the limit is ${limits.entries}.`,
          "Unpack it and import only the export files.",
        );
      const entries: { entry: yauzl.Entry; name: string }[] = [];
      for await (const entry of zip.eachEntry()) entries.push({ entry, name: entryName(entry, zipName) });
      return entries;
    } finally {
      zip.close();
    }
  } catch (error) {
    throw damaged(zipName, error);
  }
}

/** The entry's name, refused where it could reach outside the ZIP. */
function entryName(entry: yauzl.Entry, zipName: string): string {
  const name = yauzl.getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    true,
  );
  if (yauzl.validateFileName(name) !== null || /^[a-z]:|\0/i.test(name))
    throw badInput(
      "ZIP_PATH_ESCAPES",
      `${zipName} holds an entry whose path leads out of the ZIP (“${name.slice(0, 100)}”).`,
      "Do not trust this file; export it again from the vendor.",
    );
  return name;
}

async function* readEntry(path: string, entry: yauzl.Entry, name: string): AsyncIterable<Buffer> {
  try {
    const zip = await yauzl.openPromise(path, { decodeStrings: false, autoClose: false });
    try {
      const stream = await zip.openReadStreamPromise(entry);
      let size = 0;
      let checksum = 0;
      for await (const piece of stream as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > entry.uncompressedSize) throw new Error("more bytes than declared");
        checksum = crc32(piece, checksum);
        yield piece;
      }
      if (size !== entry.uncompressedSize || checksum !== entry.crc32)
        throw new Error("bytes do not match the size and checksum declared");
    } finally {
      zip.close();
    }
  } catch (error) {
    throw damaged(name, error);
  }
}

function damaged(name: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  return badInput(
    "ZIP_DAMAGED",
    `${name} cannot be unpacked: the ZIP is damaged or not complete (${error instanceof Error ? error.message : "unknown"}).`,
    "Download or export it again.",
    error,
  );
}
