import { basename } from "node:path";
import { badInput, Failure } from "../contract/failure.ts";
import type { SourceName } from "../contract/source.ts";
import type { FilePreview } from "../contract/sources.ts";
import type {
  FileHead,
  FileImporter,
  ImportOptions,
  RawRow,
  ReadBatch,
  RecordMapper,
  SourceFilePart,
} from "./file-importer.ts";
import { listHeaders } from "./headers.ts";
import { type ByteSource, fileSource } from "./reading/byte-source.ts";
import { readHead, readRows, type SourceHead } from "./reading/read-rows.ts";
import { zipSources } from "./reading/zip-entries.ts";
import { importers } from "./registry.ts";

const previewRows = 5;

/**
 * Opens an export file of the given source: one part per file, or per importable entry of a ZIP. All parts are
 * recognised before a row of any is read.
 *
 * @throws Failure `bad_input` where the file or any part of it cannot be read or is not recognised as this source's
 */
export async function openSourceFile(
  path: string,
  source: SourceName,
  options: ImportOptions,
): Promise<SourceFilePart[]> {
  const importer = importers[source].files;
  const parts: SourceFilePart[] = [];
  for (const bytes of await byteSources(path)) {
    const found = await readHead(bytes);
    parts.push(filePart(bytes, found, recognise(importer, found.head, bytes.name, options)));
  }
  return parts;
}

/**
 * What a file looks like, for the operator to confirm before it is imported. What is wrong with it comes as the
 * `problem` of a part, so that one bad file does not hide the others.
 */
export async function previewFile(path: string): Promise<FilePreview> {
  let sources: ByteSource[];
  try {
    sources = await byteSources(path);
  } catch (error) {
    return { file: path, source: null, parts: [emptyPart(basename(path), problemOf(error))] };
  }
  const found: (SourceName | null)[] = [];
  const parts: FilePreview["parts"] = [];
  for (const bytes of sources) {
    try {
      const { head, rows } = await readHead(bytes);
      const importer = vendorOf(head);
      found.push(importer?.source ?? null);
      parts.push({
        ...emptyPart(bytes.name, null),
        headers: head.headers,
        sample: rows.slice(0, previewRows).map((row) => sampleCells(row, head.headers)),
        ...(importer ? kindOrProblem(importer, head) : { problem: unrecognised(bytes.name, head, null) }),
      });
    } catch (error) {
      parts.push(emptyPart(bytes.name, problemOf(error)));
    }
  }
  const source = found.length > 0 && found.every((each) => each === found[0]) ? found[0]! : null;
  return { file: path, source, parts };
}

async function byteSources(path: string): Promise<ByteSource[]> {
  const file = await fileSource(path);
  return (await isZip(file)) ? zipSources(path) : [file];
}

/** By content; `PK 05 06` begins a ZIP without entries. */
async function isZip(file: ByteSource): Promise<boolean> {
  for await (const piece of file.open()) {
    const start = piece.toString("latin1", 0, 4);
    return start === "PK\x03\x04" || start === "PK\x05\x06";
  }
  return false;
}

function recognise(
  importer: FileImporter,
  head: FileHead,
  partName: string,
  options: ImportOptions,
): RecordMapper {
  const vendor = vendorOf(head, importer.source);
  if (vendor && vendor !== importer)
    throw badInput(
      "FILE_OF_OTHER_SOURCE",
      `${partName} looks like an export of ${vendor.source}, not of ${importer.source}. Headers seen: ${listHeaders(head.headers)}.`,
      `Import it with --source ${vendor.source}.`,
    );
  const mapper = importer.recognise(head, options);
  if (mapper) return mapper;
  throw badInput(
    "FILE_NOT_RECOGNISED",
    unrecognised(partName, head, importer.source),
    "Export the file again with these columns, or import it with --source csv, --means and --map.",
  );
}

/** The vendor whose export this looks like, whatever the operator would still have to say; `first` is asked first. */
function vendorOf(head: FileHead, first: SourceName = "csv"): FileImporter | null {
  const vendors = Object.values(importers)
    .map(({ files }) => files)
    .filter(({ source }) => source !== "csv")
    .sort((a, b) => Number(b.source === first) - Number(a.source === first));
  for (const vendor of vendors) {
    try {
      if (vendor.recognise(head, {})) return vendor;
    } catch {
      // It is this vendor's, and the operator must say more.
      return vendor;
    }
  }
  return null;
}

function unrecognised(partName: string, head: FileHead, source: SourceName | null): string {
  const known = Object.values(importers)
    .map(({ files }) => `${files.source}: ${files.recognisedBy}`)
    .join("; ");
  return `${partName} is not recognised${source ? ` as an export of ${source}` : ""}. Headers seen: ${listHeaders(head.headers)}. Known are: ${known}.`;
}

function kindOrProblem(
  importer: FileImporter,
  head: FileHead,
): { kind: string | null; problem: string | null } {
  try {
    return { kind: importer.recognise(head, {})?.kind ?? null, problem: null };
  } catch (error) {
    return { kind: null, problem: problemOf(error) };
  }
}

function filePart(bytes: ByteSource, format: SourceHead, mapper: RecordMapper): SourceFilePart {
  return {
    name: bytes.name,
    kind: mapper.kind,
    carriesSuppressions: mapper.carriesSuppressions,
    bytes: bytes.size,
    async *read(): AsyncIterable<ReadBatch> {
      for await (const { rows, rejections, bytesRead } of readRows(bytes, format))
        yield { records: rows.map((row) => mapper.map(row)), rejections, bytesRead };
    },
  };
}

function sampleCells(row: RawRow, headers: readonly string[]): string[] {
  if ("cells" in row) return row.cells;
  return headers.map((header) => {
    const value = row.object[header];
    if (value === undefined || value === null) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function emptyPart(name: string, problem: string | null): FilePreview["parts"][number] {
  return { name, kind: null, headers: [], sample: [], problem };
}

function problemOf(error: unknown): string {
  if (error instanceof Failure) return `${error.message} ${error.nextStep}`;
  throw error;
}
