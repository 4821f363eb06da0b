import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import yazl from "yazl";
import { fileSource } from "./byte-source.ts";
import { readRows } from "./read-rows.ts";
import { type ZipLimits, zipLimits, zipSources } from "./zip-entries.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zip-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a ZIP; `change` may forge its bytes. */
async function zip(
  entries: Record<string, string | Buffer>,
  change: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<string> {
  const file = new yazl.ZipFile();
  for (const [name, content] of Object.entries(entries))
    if (name.endsWith("/")) file.addEmptyDirectory(name);
    else file.addBuffer(Buffer.from(content), name);
  file.end();
  const pieces: Buffer[] = [];
  for await (const piece of file.outputStream) pieces.push(piece as Buffer);
  const path = join(folder, "export.zip");
  await writeFile(path, change(Buffer.concat(pieces)));
  return path;
}

/** Puts another text of the same length in the place of `from`, everywhere. */
function forge(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}

async function readZip(path: string, limits?: ZipLimits) {
  const found: Record<string, string> = {};
  for (const source of await zipSources(path, limits)) {
    const pieces: Buffer[] = [];
    for await (const piece of source.open()) pieces.push(piece);
    found[source.name] = Buffer.concat(pieces).toString();
  }
  return found;
}

test("all export files of a ZIP are read, again and again; folders, dot files and __MACOSX are left out", async () => {
  const path = await zip({
    "audience/": "",
    "audience/subscribed_x.csv": "a,b\n1,2\n",
    "users.ndjson": '{"a":1}\n',
    "__MACOSX/audience/._subscribed_x.csv": "x",
    ".DS_Store": "x",
  });
  const expected = {
    "export.zip/audience/subscribed_x.csv": "a,b\n1,2\n",
    "export.zip/users.ndjson": '{"a":1}\n',
  };
  expect(await readZip(path)).toEqual(expected);
  expect(await readZip(path)).toEqual(expected);
});

test("a reader that stops early leaves no file open behind it and can start again", async () => {
  const path = await zip({ "a.csv": `x\n${"1\n".repeat(200_000)}` });
  const [source] = await zipSources(path);
  for (let again = 0; again < 3; again++)
    for await (const batch of readRows(source!, { format: "csv", delimiter: "," })) {
      expect(batch.rows[0]).toEqual({ line: 2, cells: ["1"] });
      break;
    }
});

describe("a ZIP that is not sound is refused as a whole", () => {
  const csv = "a,b\n1,2\n";
  test.each([
    [
      "an unknown file beside the export",
      { "a.csv": csv, "notes.docx": "x" },
      "ZIP_ENTRY_UNKNOWN",
      "notes.docx",
    ],
    ["a ZIP inside", { "a.csv": csv, "more.zip": "x" }, "ZIP_ENTRY_UNKNOWN", "a ZIP inside the ZIP"],
    ["no export file", { "readme.md": "x" }, "ZIP_WITHOUT_CSV", "export.zip"],
    [
      "a spreadsheet",
      { "[Content_Types].xml": "<x/>", "xl/a.xml": "<x/>" },
      "FILE_IS_SPREADSHEET",
      "spreadsheet",
    ],
    ["an empty file", { "a.csv": csv, "cleaned_a.csv": "" }, "FILE_EMPTY", "cleaned_a.csv"],
  ] as [string, Record<string, string>, string, string][])("%s", async (_, entries, code, words) => {
    await expect(readZip(await zip(entries))).rejects.toMatchObject({
      kind: "bad_input",
      code,
      message: expect.stringContaining(words),
    });
  });

  test.each(["../evil.csv", "/xevil.csv", "c:/evil.csv", "x\\\\evil.csv", "a/../b.csv"])(
    "the path %s",
    async (name) => {
      const placeholder = "p".repeat(name.length);
      const path = await zip({ [placeholder]: csv, "a.csv": csv }, (bytes) =>
        forge(bytes, placeholder, name),
      );
      await expect(readZip(path)).rejects.toMatchObject({ code: "ZIP_PATH_ESCAPES" });
    },
  );

  test("a password", async () => {
    const path = await zip({ "a.csv": csv }, (bytes) => {
      const central = bytes.indexOf("PK\x01\x02", 0, "latin1");
      bytes.writeUInt16LE(bytes.readUInt16LE(central + 8) | 1, central + 8);
      return bytes;
    });
    await expect(readZip(path)).rejects.toMatchObject({ code: "ZIP_ENCRYPTED" });
  });

  test("a cut file", async () => {
    const path = await zip({ "a.csv": csv }, (bytes) => bytes.subarray(0, -30));
    await expect(readZip(path)).rejects.toMatchObject({ code: "ZIP_DAMAGED" });
  });

  test("changed bytes, by their checksum", async () => {
    const path = await zip({ "a.csv": csv }, (bytes) => {
      const central = bytes.indexOf("PK\x01\x02", 0, "latin1");
      bytes.writeUInt32LE(bytes.readUInt32LE(central + 16) ^ 1, central + 16);
      return bytes;
    });
    await expect(readZip(path)).rejects.toMatchObject({
      code: "ZIP_DAMAGED",
      message: expect.stringContaining("a.csv"),
    });
  });

  test("more bytes than the size declared", async () => {
    const path = await zip({ "a.csv": `a\n${"1\n".repeat(100_000)}` }, (bytes) => {
      const central = bytes.indexOf("PK\x01\x02", 0, "latin1");
      bytes.writeUInt32LE(1_000, central + 24);
      return bytes;
    });
    await expect(readZip(path)).rejects.toMatchObject({ code: "ZIP_DAMAGED" });
  });

  test.each([
    ["too many files", { entries: 1 }],
    ["too many bytes in all", { uncompressedSize: 300_000 }],
    ["bytes out of nearly nothing", { ratioFrom: 1_000 }],
  ] as [string, Partial<ZipLimits>][])("%s", async (_, limits) => {
    const bomb = `a\n${"1\n".repeat(100_000)}`;
    const path = await zip({ "a.csv": bomb, "b.csv": bomb });
    await expect(readZip(path, { ...zipLimits, ...limits })).rejects.toMatchObject({ code: "ZIP_TOO_LARGE" });
  });
});

test("a missing file, a folder and an empty file are told apart", async () => {
  await writeFile(join(folder, "empty.csv"), "");
  await expect(fileSource(join(folder, "none.csv"))).rejects.toMatchObject({ code: "FILE_MISSING" });
  await expect(fileSource(folder)).rejects.toMatchObject({ code: "FILE_IS_FOLDER" });
  await expect(fileSource(join(folder, "empty.csv"))).rejects.toMatchObject({ code: "FILE_EMPTY" });
});
