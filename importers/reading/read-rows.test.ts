import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import type { RejectedRow } from "../../contract/source.ts";
import type { RawRow } from "../file-importer.ts";
import { memorySource } from "./memory-source.ts";
import { readHead, readRows } from "./read-rows.ts";

async function readAll(bytes: Buffer | string, pieceSize?: number) {
  const source = memorySource(bytes, pieceSize);
  const found = await readHead(source);
  const rows: RawRow[] = [];
  const rejections: RejectedRow[] = [];
  let bytesRead = 0;
  for await (const batch of readRows(source, found)) {
    rows.push(...batch.rows);
    rejections.push(...batch.rejections);
    bytesRead = batch.bytesRead;
  }
  return {
    headers: found.head.headers,
    rows: rows.map((row) => ("cells" in row ? row.cells : row.object)),
    lines: rows.map(({ line }) => line),
    rejections,
    bytesRead,
  };
}

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
}

describe("CSV", () => {
  test("a row that is too narrow or too wide is rejected with its line, the others are read", async () => {
    const { rows, lines, rejections } = await readAll("a,b\n1,2\n3\n4,5,6\n7,8\n");
    expect(rows).toEqual([
      ["1", "2"],
      ["7", "8"],
    ]);
    expect(lines).toEqual([2, 5]);
    expect(rejections).toEqual([
      { line: 3, row: "3", reason: expect.stringContaining("1 cell, the header has 2") },
      { line: 4, row: "4,5,6", reason: expect.stringContaining("3 cells, the header has 2") },
    ]);
  });

  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("quoted new lines count as lines where rows end in %s", async (_, newline) => {
    const text = ["a,b", '"one\ntwo\r\nthree\rfour",x', "short", 'y,"z"', ""].join(newline);
    const { rows, lines, rejections } = await readAll(text);
    expect(rows).toEqual([
      ["one\ntwo\r\nthree\rfour", "x"],
      ["y", "z"],
    ]);
    expect(lines).toEqual([2, 7]);
    expect(rejections.map(({ line, row }) => [line, row])).toEqual([[6, "short"]]);
  });

  test("CRLF, LF and CR may be mixed in one file", async () => {
    const { rows, lines } = await readAll('a,b\r\n1,2\n3,"4"\r5,6\r\n"7",8');
    expect(rows).toEqual([
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
      ["7", "8"],
    ]);
    expect(lines).toEqual([2, 3, 4, 5]);
  });

  test("a blank line between rows is rejected, blank lines at the end are nothing", async () => {
    const { rows, rejections } = await readAll("a,b\n1,2\n\n\r\n3,4\n\n\n");
    expect(rows).toHaveLength(2);
    expect(rejections.map(({ line, row }) => [line, row])).toEqual([
      [3, ""],
      [4, ""],
    ]);
  });

  test("a file of one column is read, its blank lines rejected and its empty cells kept", async () => {
    const { headers, rows, rejections } = await readAll('email\na@x.com\n""\n\nb@x.com;c\n');
    expect(headers).toEqual(["email"]);
    expect(rows).toEqual([["a@x.com"], [""], ["b@x.com;c"]]);
    expect(rejections.map(({ line }) => line)).toEqual([4]);
  });

  test("text after a closing quote is rejected, with the lines the row takes up", async () => {
    const { rows, lines, rejections } = await readAll('a,b\n"x"y\nz",2\n3,4\n');
    expect(rejections).toEqual([
      { line: 2, row: '"x"y\nz",2', reason: expect.stringContaining("quote is malformed") },
    ]);
    expect(rows).toEqual([["3", "4"]]);
    expect(lines).toEqual([4]);
  });

  test("a quote that is never closed is one rejected row that says where the quote opens", async () => {
    const { rows, rejections } = await readAll('a,b\n1,2\n"x\ny","never\nclosed,1\n2,3\n');
    expect(rows).toEqual([["1", "2"]]);
    expect(rejections).toHaveLength(1);
    expect(rejections[0]).toMatchObject({ line: 3, row: '"x\ny","never\nclosed,1\n2,3' });
    expect(rejections[0]!.reason).toContain("opened on line 4 is never closed");
  });

  test("a row longer than 16 MiB makes the import fail with its line, wherever pieces are cut", async () => {
    const text = `a,b\n1,2\n3,"${"x".repeat(17 * 2 ** 20)}`;
    await expect(readAll(text)).rejects.toMatchObject({
      kind: "bad_input",
      code: "ROW_TOO_LONG",
      message: expect.stringContaining("file.csv, line 3"),
    });
  });

  test("a malformed quote that runs on over 1 MiB of rows makes the import fail with its line", async () => {
    const text = `a,b\n1,2\n3,"x\n${'"y"z\n'.repeat(300_000)}`;
    await expect(readAll(text)).rejects.toMatchObject({
      code: "ROW_TOO_LONG",
      message: expect.stringMatching(/line 3: .*1 MiB.*not closed/),
    });
  });

  test("of a long rejected row 64 KiB are kept", async () => {
    const { rejections } = await readAll(`a,b\n${"ä".repeat(100_000)}\n`);
    expect(Buffer.byteLength(rejections[0]!.row)).toBe(64 * 1024);
  });

  test.each([",", ";", "\t", "|"])(
    "the delimiter %j is found although cells hold the others",
    async (delimiter) => {
      const rows = [
        ["Email", "Note, long", "N"],
        ["a@x.com", "1,5;2|3\t4", "1"],
        ["b@x.com", 'say "hi"', "2"],
      ];
      const found = await readAll(Papa.unparse(rows, { delimiter }));
      expect([found.headers, ...found.rows]).toEqual(rows);
    },
  );

  test("ragged rows do not hide the delimiter", async () => {
    const { headers, rejections } = await readAll("a;b;c\n1,5;2\n1;2;3;4\n");
    expect(headers).toEqual(["a", "b", "c"]);
    expect(rejections).toHaveLength(2);
  });

  test("a file with a header alone has no rows", async () => {
    expect(await readAll("a,b\r\n")).toMatchObject({ headers: ["a", "b"], rows: [], rejections: [] });
  });

  test.each([1, 2, 3, 5, 7])("nothing depends on where pieces of %i bytes are cut", async (pieceSize) => {
    const text = '\ufeffnäme,b\r\n"x ""y""\r\nz",1\r\n\r\n"q"w,1\r\n€🎉,2\rlast,3';
    expect(await readAll(text, pieceSize)).toEqual(await readAll(text));
  });

  test("any table comes back cell for cell, whatever the delimiter, line break and encoding", async () => {
    const cell = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }).filter((text) => !text.includes("\0")),
      fc.string({ unit: fc.constantFrom('"', ",", ";", "\n", "\r", "a", " ", "'", "|", "\t"), maxLength: 6 }),
    );
    const table = fc.integer({ min: 2, max: 5 }).chain((columns) =>
      fc.record({
        header: fc.uniqueArray(fc.stringMatching(/^[A-Za-z]{1,8}$/), {
          minLength: columns,
          maxLength: columns,
        }),
        rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 12 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(",", ";", "\t", "|"),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom("UTF-8", "UTF-8 BOM", "UTF-16 LE", "UTF-16 BE"),
        fc.integer({ min: 1, max: 100 }),
        async ({ header, rows }, delimiter, newline, encoding, pieceSize) => {
          const text = Papa.unparse([header, ...rows], { delimiter, newline, quotes: true });
          const bytes = encoding.startsWith("UTF-16")
            ? utf16(text, encoding.endsWith("BE"))
            : Buffer.from(encoding.endsWith("BOM") ? `\ufeff${text}` : text);
          const found = await readAll(bytes, pieceSize);
          expect([found.headers, ...found.rows]).toEqual([header, ...rows]);
          expect(found.rejections).toEqual([]);
          expect(found.bytesRead).toBe(bytes.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("every line stands in exactly one row or rejected row, however broken the file and wherever it is cut", async () => {
    const noise = fc.string({ unit: fc.constantFrom('"', ",", "a", "\r", "\n", " ", "é"), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(noise, noise), { maxLength: 20 }),
        fc.integer({ min: 1, max: 20 }),
        async (lines, pieceSize) => {
          const text = ["x,y", ...lines.map(([before, after], n) => `${before}#${n}#${after}`)].join("\n");
          const { rows, rejections, lines: rowLines } = await readAll(text, pieceSize);
          const all = JSON.stringify([rows, rejections.map(({ row }) => row)]);
          expect(all.match(/#\d+#/g)?.sort() ?? []).toEqual(lines.map((_, n) => `#${n}#`).sort());
          expect(new Set([...rowLines, ...rejections.map(({ line }) => line)]).size).toBe(
            rows.length + rejections.length,
          );
          expect(await readAll(text)).toMatchObject({ rows, rejections });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("text", () => {
  test("bytes that are no valid UTF-8 reject only their row; a genuine U+FFFD is valid", async () => {
    const bytes = Buffer.concat([
      Buffer.from("a,b\n1,\ufffd\n2,"),
      Buffer.from([0xe4]), // ä in Windows-1252
      Buffer.from("\n3,€🎉\n"),
    ]);
    const { rows, rejections } = await readAll(bytes);
    expect(rows).toEqual([
      ["1", "\ufffd"],
      ["3", "€🎉"],
    ]);
    expect(rejections).toEqual([
      { line: 3, row: "2,\ufffd", reason: expect.stringMatching(/UTF-8.*save the file as UTF-8/) },
    ]);
  });

  test.each([
    ["overlong", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["cut at the end of the file", [0xe2, 0x82]],
    ["NUL", [0x00]],
  ])("%s is not valid text", async (_, invalid) => {
    const { rejections } = await readAll(
      Buffer.concat([Buffer.from(`a,b\n${"1,2\n".repeat(200)}x,`), Buffer.from(invalid)]),
    );
    expect(rejections.map(({ line }) => line)).toEqual([202]);
  });

  test("half a surrogate pair and half a unit in UTF-16 reject only their rows", async () => {
    const bytes = Buffer.concat([utf16("a,b\n1,\ud83d\n2,🎉\n3,x", false), Buffer.from([0x41])]);
    const { rows, rejections } = await readAll(bytes, 5);
    expect(rows).toEqual([["2", "🎉"]]);
    expect(rejections.map(({ line }) => line)).toEqual([2, 4]);
  });

  test("a header that is no text makes the file fail, not the rows", async () => {
    await expect(readAll(Buffer.from([0x61, 0xe4, 0x2c, 0x62, 0x0a, 0x31]))).rejects.toMatchObject({
      code: "HEADER_UNREADABLE",
    });
  });
});

describe("NDJSON", () => {
  test("is told from CSV by its content; broken lines are rejected, blank ones are nothing", async () => {
    const { headers, rows, lines, rejections } = await readAll(
      '\n{"a":1}\n\n{"b":[2,{"c":null}]}\r\n[1]\nnull\n{"a":\n  \n{"a":"last"}',
    );
    expect(headers).toEqual(["a", "b"]);
    expect(rows).toEqual([{ a: 1 }, { b: [2, { c: null }] }, { a: "last" }]);
    expect(lines).toEqual([2, 4, 9]);
    expect(rejections.map(({ line, row }) => [line, row])).toEqual([
      [5, "[1]"],
      [6, "null"],
      [7, '{"a":'],
    ]);
  });

  test("a number too long for JavaScript keeps every digit as text", async () => {
    const { rows } = await readAll(
      '{"userId":12345678901234567890,"n":-0.12345678901234567,"s":"in \\"12345678901234567890\\"","x":1e999,"m":123456789012345,"e":1.5e3}\n',
    );
    expect(rows).toEqual([
      {
        userId: "12345678901234567890",
        n: "-0.12345678901234567",
        s: 'in "12345678901234567890"',
        x: "1e999",
        m: 123456789012345,
        e: 1500,
      },
    ]);
  });

  test("escapes that are no text reject their row; an escaped backslash before u does not", async () => {
    const { rows, rejections } = await readAll(
      '{"a":"\\ud83d"}\n{"a":"\\ud83c\\udf89"}\n{"a":"\\\\ud83d"}\n{"a":"\\u0000"}\n',
    );
    expect(rows).toEqual([{ a: "🎉" }, { a: "\\ud83d" }]);
    expect(rejections.map(({ line }) => line)).toEqual([1, 4]);
  });

  test("a line longer than 16 MiB makes the import fail with its line", async () => {
    await expect(readAll(`{"a":1}\n{"a":"${"x".repeat(17 * 2 ** 20)}"}`)).rejects.toMatchObject({
      message: expect.stringContaining("line 2"),
    });
  });
});

describe("a file that holds no rows as text fails and says why", () => {
  test.each([
    ["only blank", "  \r\n\n\t", "FILE_EMPTY", "empty"],
    ["only a byte order mark", "\ufeff", "FILE_EMPTY", "empty"],
    ["gzip", Buffer.from([0x1f, 0x8b, 8, 0]), "FILE_NOT_TEXT", "gzip"],
    ["old Excel", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), "FILE_NOT_TEXT", "Excel"],
    ["UTF-16 without a mark", Buffer.from("a,b\n1,2", "utf16le"), "FILE_NOT_TEXT", "byte order mark"],
    ["a JSON array", '[\n  {"email": "a@x.com"}]', "JSON_ARRAY", "JSON array"],
    ["indented JSON", '{\n  "email": "a@x.com"\n}', "NDJSON_UNREADABLE", "no line of it can be read"],
    ["no header", "jo@example.com,1\nan@example.com,2\n", "HEADER_MISSING", "no header row"],
  ])("%s", async (_, bytes, code, words) => {
    await expect(readAll(bytes)).rejects.toMatchObject({
      kind: "bad_input",
      code,
      message: expect.stringContaining(words),
    });
  });
});
