import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-project.ts";
import { byCodePoint, listCell, writeCsv } from "./csv-file.ts";
import { guardCell, unguardCell } from "./spreadsheet-guard.ts";

const anyCell = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "\n", ",", '"', "|", "\\", "a", "0"),
  }),
);
const formulaTrigger = /^[=+\-@\t\r\n]/;

async function* once<T>(piece: T): AsyncGenerator<T> {
  yield piece;
}

describe("spreadsheet guard", () => {
  it("leaves no cell that a spreadsheet would run, and undoing it gives back exactly what was there", () => {
    fc.assert(
      fc.property(anyCell, (cell) => {
        expect(guardCell(cell)).not.toMatch(formulaTrigger);
        expect(unguardCell(guardCell(cell))).toBe(cell);
      }),
    );
  });

  it("leaves ordinary cells alone, apostrophes included", () => {
    expect(guardCell("O'Brien")).toBe("O'Brien");
    expect(guardCell("'quoted'")).toBe("'quoted'");
    expect(unguardCell("'quoted'")).toBe("'quoted'");
  });
});

describe("CSV files that Sendgate writes", () => {
  it("read back cell for cell, in both kinds", async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyCell, anyCell, anyCell), { minLength: 1, maxLength: 20 }),
        fc.constantFrom("human" as const, "machine" as const),
        async (rows, audience) => {
          const file = join(folder, "out.csv");
          const written = await writeCsv(file, ["a", "b", "c"], audience, once(rows));
          expect(written.rows).toBe(rows.length);
          const text = await readFile(file, "utf8");
          expect(text.endsWith("\r\n")).toBe(true);
          const [, ...back] = Papa.parse<string[]>(text.slice(0, -2), {
            newline: "\r\n",
            delimiter: ",",
          }).data;
          expect(audience === "human" ? back.map((row) => row.map(unguardCell)) : back).toEqual(rows);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("never stand half-written under their name", async () => {
    const folder = await temporaryFolder();
    async function* breaks(): AsyncGenerator<string[][]> {
      yield [["1"]];
      throw new Error("gone");
    }
    await expect(writeCsv(join(folder, "out.csv"), ["a"], "machine", breaks())).rejects.toThrow("gone");
    expect(await readdir(folder)).toEqual([]);
  });

  it("say where they cannot be written and what to do", async () => {
    const folder = await temporaryFolder();
    await expect(writeCsv(join(folder, "no", "out.csv"), ["a"], "machine", once([]))).rejects.toMatchObject({
      code: "OUTPUT_NO_FOLDER",
      message: expect.stringContaining(join(folder, "no", "out.csv")),
    });
  });
});

describe("lists inside a cell", () => {
  it("are sorted by code point and keep | and \\ apart from the separator", () => {
    expect(listCell(["b", "a|c", "a\\", "é", "B"])).toBe("B|a\\\\|a\\|c|b|é");
  });

  it("sort by code points, not by UTF-16 units", () => {
    expect(["\u{1F600}", "\uFF21"].sort(byCodePoint)).toEqual(["\uFF21", "\u{1F600}"]);
  });
});
