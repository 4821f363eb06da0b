import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import yazl from "yazl";
import type { RejectedRow, SourceName, SourceRecord } from "../contract/source.ts";
import type { ImportOptions } from "./file-importer.ts";
import { openSourceFile, previewFile } from "./open-file.ts";

/** One sound file of a source, and what must come of it. */
export interface ImporterCase {
  /** The file's name. */
  name: string;
  /** CSV with commas and LF, or NDJSON. */
  text: string;
  options?: ImportOptions;
  kind: string;
  carriesSuppressions: boolean;
  records: SourceRecord[];
}

export interface ReadResult {
  kinds: string[];
  carriesSuppressions: boolean[];
  records: SourceRecord[];
  rejections: RejectedRow[];
}

/** Writes the file, opens it as the source's and reads all of it. */
export async function importText(
  source: SourceName,
  name: string,
  bytes: string | Buffer,
  options: ImportOptions = {},
): Promise<ReadResult> {
  const folder = await mkdtemp(join(tmpdir(), "importer-"));
  try {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const parts = await openSourceFile(path, source, options);
    const result: ReadResult = {
      kinds: parts.map(({ kind }) => kind),
      carriesSuppressions: parts.map((part) => part.carriesSuppressions),
      records: [],
      rejections: [],
    };
    for (const part of parts) {
      let bytesRead = 0;
      for await (const batch of part.read()) {
        result.records.push(...batch.records);
        result.rejections.push(...batch.rejections);
        bytesRead = batch.bytesRead;
      }
      expect(bytesRead).toBe(part.bytes);
    }
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A ZIP of the files, as bytes. */
export async function zipOf(files: Record<string, string | Buffer>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** What every importer must do with the files of its source. */
export function importerSuite(source: SourceName, cases: ImporterCase[]): void {
  describe.each(cases)(`${source}: $name`, (example) => {
    const { name, text, options = {}, kind, carriesSuppressions, records } = example;
    const isCsv = !text.startsWith("{");
    const read = (bytes: string | Buffer, as: ImportOptions = options) => importText(source, name, bytes, as);
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "importer-suite-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test("gives the expected records, the same every time", async () => {
      const expected = { kinds: [kind], carriesSuppressions: [carriesSuppressions], records, rejections: [] };
      expect(await read(text)).toEqual(expected);
      expect(await read(text)).toEqual(expected);
    });

    test.each<[string, string | Buffer]>([
      ["CRLF", text.replaceAll("\n", "\r\n")],
      ["CR", text.replaceAll("\n", "\r")],
      ["no line break at the end", text.trimEnd()],
      ["blank lines at the end", `${text}\n\n`],
      ["a byte order mark", `\ufeff${text}`],
      ["UTF-16 LE", Buffer.from(`\ufeff${text}`, "utf16le")],
      ["UTF-16 BE", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
      ...(isCsv
        ? [";", "\t", "|"].map((delimiter): [string, string] => [
            `the delimiter ${JSON.stringify(delimiter)}`,
            Papa.unparse(Papa.parse<string[]>(text.trimEnd(), { delimiter: "," }).data, {
              delimiter,
              newline: "\n",
            }),
          ])
        : []),
    ])("%s gives the same records", async (_, bytes) => {
      expect(await read(bytes)).toMatchObject({ records, rejections: [] });
    });

    test("inside a ZIP it gives the same records", async () => {
      const bytes = await zipOf({ [`folder/${name}`]: text });
      expect(await importText(source, "export.zip", bytes, options)).toMatchObject({
        kinds: [kind],
        records,
      });
    });

    test("broken rows are rejected with their lines, and no row is lost", async () => {
      const broken = isCsv ? ["just one cell", "", 'x"'.repeat(3)] : ["{", "[]", '{"email":'];
      const start = text.trimEnd();
      const firstLine = start.split("\n").length + 1;
      const after = start.slice(start.lastIndexOf("\n") + 1);
      const found = await read([start, ...broken, after].join("\n"));
      expect(found.rejections.map(({ line }) => line)).toEqual([firstLine, firstLine + 1, firstLine + 2]);
      expect(found.rejections.map(({ row }) => row)).toEqual(broken);
      expect(found.records.map(({ line }) => line)).toEqual([
        ...records.map(({ line }) => line),
        firstLine + 3,
      ]);
    });

    test("it is refused as another source's, naming the right one", async () => {
      const other = source === "klaviyo" ? "iterable" : "klaviyo";
      await expect(importText(other, name, text)).rejects.toMatchObject({
        kind: "bad_input",
        code: source === "csv" ? "FILE_NOT_RECOGNISED" : "FILE_OF_OTHER_SOURCE",
        nextStep: expect.stringContaining(`--source ${source}`),
      });
    });

    test("a mapping to a column that does not exist is refused with the headers seen", async () => {
      await expect(read(text, { ...options, map: { email: "No Such Column" } })).rejects.toMatchObject({
        code: "MAP_COLUMN_MISSING",
        message: expect.stringMatching(/No Such Column.*headers: “/),
      });
    });

    test("the preview shows headers and first rows", async () => {
      const path = join(folder, name);
      await writeFile(path, text);
      const preview = await previewFile(path);
      expect(preview.source).toBe(source === "csv" ? null : source);
      expect(preview.parts).toHaveLength(1);
      expect(preview.parts[0]!.headers.length).toBeGreaterThan(0);
      expect(preview.parts[0]!.sample).toHaveLength(Math.min(5, records.length));
      expect(preview.parts[0]!.sample.flat()).toContain(records[0]!.email);
    });
  });
}
