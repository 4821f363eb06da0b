/** Writes rows as CSV or NDJSON in many dialects and strews damage over them. For nasty-exports.ts. */
import type { Random } from "./random.ts";

export interface Dialect {
  delimiter: "," | ";" | "\t" | "|";
  newline: "\n" | "\r\n" | "\r";
  encoding: "utf8" | "utf8-bom" | "utf16le" | "utf16be";
  /** The last row breaks off inside a quoted cell, as after a broken download. */
  cutOff?: boolean;
}

/** A row as text, or as bytes where they are no valid text. */
type Line = string | Buffer;

/** One row in about `DAMAGE_EVERY` is followed by a damaged one. */
const DAMAGE_EVERY = 60;

/** CSV of rows that fit the headers. Each damaged row is made from a good one, so that mending it shows. */
export function csvFile(
  random: Random,
  headers: readonly string[],
  rows: readonly string[][],
  dialect: Dialect,
): Buffer {
  const writeCell = (value: string): string => {
    const text = value.replace(
      /\n/g,
      random.chance(0.5) && dialect.newline === "\r\n" ? "\n" : dialect.newline,
    );
    const guarded = /^[=+\-@\t\r\n]/.test(text) && random.chance(0.5) ? `'${text}` : text;
    const mustQuote = /[",;\t|\r\n]/.test(guarded) || random.chance(0.05);
    return mustQuote ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  };
  const writeRow = (cells: readonly string[]): string => cells.map(writeCell).join(dialect.delimiter);
  const lines: Line[] = [writeRow(headers)];
  rows.forEach((row, index) => {
    lines.push(writeRow(row));
    const isLast = index === rows.length - 1;
    if (!isLast && random.chance(1 / DAMAGE_EVERY)) lines.push(damagedRow(random, row, writeRow, dialect));
  });
  if (dialect.cutOff)
    lines.push(`${writeRow(rows[0]!.slice(0, -1))}${dialect.delimiter}"cut off${dialect.newline}here`);
  const blankEnd = dialect.cutOff ? "" : random.pick(["", dialect.newline, dialect.newline.repeat(3)]);
  return encode(lines, blankEnd, dialect);
}

function damagedRow(
  random: Random,
  row: readonly string[],
  writeRow: (cells: readonly string[]) => string,
  dialect: Dialect,
): Line {
  const text = writeRow(row);
  const kinds: Line[] = [
    "",
    writeRow([...row, "one too many"]),
    invalidText(text, dialect),
    ...(row.length > 1 ? [writeRow(row.slice(0, -1))] : []),
  ];
  return random.pick(kinds);
}

/** NDJSON, one object a line. The first line stays whole. */
export function ndjsonFile(random: Random, rows: readonly object[], dialect: Dialect): Buffer {
  const lines: Line[] = [];
  rows.forEach((row, index) => {
    const text = JSON.stringify(row).replace(/"#number:(\d+)"/g, "$1");
    lines.push(text);
    if (index === 0 || !random.chance(1 / DAMAGE_EVERY)) return;
    lines.push(
      random.pick([text.slice(0, -2), `${text},`, "[]", '"text"', invalidText(text, dialect), "", "  "]),
    );
  });
  return encode(lines, random.pick(["", dialect.newline, dialect.newline.repeat(2)]), dialect);
}

/** Marks a number that JSON.stringify could not write without losing digits. */
export const exactNumber = (digits: string): string => `#number:${digits}`;

function invalidText(text: string, { encoding }: Dialect): Line {
  if (encoding.startsWith("utf16")) return text.replace(/[a-z]/, "\ud800");
  const bytes = Buffer.from(text, "utf8");
  const at = bytes.findIndex((byte) => byte >= 0x61 && byte <= 0x7a);
  bytes[at] = 0xe9;
  return bytes;
}

function encode(lines: readonly Line[], end: string, { encoding, newline }: Dialect): Buffer {
  const parts = lines.flatMap((line, index) => (index === 0 ? [line] : [newline, line]));
  if (encoding.startsWith("utf16")) {
    const littleEndian = Buffer.from(`\ufeff${parts.join("")}${end}`, "utf16le");
    return encoding === "utf16le" ? littleEndian : littleEndian.swap16();
  }
  const bytes = parts.map((part) => (typeof part === "string" ? Buffer.from(part, "utf8") : part));
  return Buffer.concat([Buffer.from(encoding === "utf8-bom" ? "\ufeff" : ""), ...bytes, Buffer.from(end)]);
}
