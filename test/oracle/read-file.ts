/**
 * Reads an export file into rows, following the last paragraphs of interfaces §4.
 * Works on the whole text at once; clarity before speed.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { inflateRawSync } from "node:zlib";

/** What a cell holds: text from CSV, any JSON from NDJSON, where numbers keep their digits as text. */
export type CellValue = string | boolean | null | CellValue[] | { [key: string]: CellValue };

export interface Row {
  /** Physical line on which the row starts, the header being line 1. */
  line: number;
  /** Header and value, in the order of the file. */
  cells: [header: string, value: CellValue][];
  /** The row's content, whatever its place in the file. */
  content: string;
}

export interface FileContent {
  /** Path of the file; for a file in a ZIP the ZIP's path, `/` and the entry's name. */
  file: string;
  format: "csv" | "ndjson";
  /** Every header or key that occurs, in order. */
  headers: string[];
  rows: Row[];
  rejectedLines: number[];
}

export function readExportFile(path: string): FileContent[] {
  const bytes = readFileSync(path);
  const isZip = bytes.subarray(0, 4).toString("latin1") === "PK\x03\x04";
  if (!isZip) return [readText(path, decode(bytes))];
  return unzip(bytes)
    .filter((entry) => /\.csv$/i.test(entry.name) && !basename(entry.name).startsWith("."))
    .map((entry) => readText(`${path}/${entry.name}`, decode(entry.bytes)));
}

/** ZIP as in PKWARE's APPNOTE.TXT: end record, central directory, local headers; stored or deflated. */
function unzip(bytes: Buffer): { name: string; bytes: Buffer }[] {
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const method = bytes.readUInt16LE(at + 10);
    const packedSize = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + packedSize);
    return { name, bytes: method === 0 ? packed : inflateRawSync(packed) };
  });
}

/** Bytes that are no valid text become lone surrogates, which valid text never has. */
function decode(bytes: Buffer): string {
  const isLittleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  if (isLittleEndian || isBigEndian) {
    const pairs = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
    const halfCharacter = bytes.length % 2 === 1 ? "\udc00" : "";
    return (isLittleEndian ? pairs : pairs.swap16()).toString("utf16le") + halfCharacter;
  }
  const hasBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return decodeUtf8(hasBom ? bytes.subarray(3) : bytes);
}

function decodeUtf8(bytes: Buffer): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return strict.decode(bytes);
  } catch {
    // No line break is ever part of a longer character, so pieces between breaks decode on their own.
    return splitAfterBreaks(bytes)
      .map((piece) => {
        try {
          return strict.decode(piece);
        } catch {
          return piece
            .toString("latin1")
            .replace(/[^\0-\x7f]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
        }
      })
      .join("");
  }
}

function splitAfterBreaks(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] !== 0x0a && bytes[i] !== 0x0d) continue;
    pieces.push(bytes.subarray(start, i + 1));
    start = i + 1;
  }
  pieces.push(bytes.subarray(start));
  return pieces;
}

const isValidText = (text: string): boolean => !/\p{Surrogate}/u.test(text);

function readText(file: string, text: string): FileContent {
  return text.trimStart().startsWith("{") ? readNdjson(file, text) : readCsv(file, text);
}

function readNdjson(file: string, text: string): FileContent {
  const content: FileContent = { file, format: "ndjson", headers: [], rows: [], rejectedLines: [] };
  const headers = new Set<string>();
  text.split(/\r\n|\n|\r/).forEach((lineText, index) => {
    if (lineText.trim() === "") return;
    const line = index + 1;
    const value = isValidText(lineText) ? parseJsonLine(lineText) : undefined;
    if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) {
      content.rejectedLines.push(line);
      return;
    }
    const cells = Object.entries(value);
    for (const [header] of cells) headers.add(header);
    content.rows.push({ line, cells, content: lineText });
  });
  content.headers = [...headers];
  return content;
}

/** JSON with every number as text, so that no digit of an id is lost. Undefined where it is broken. */
export function parseJsonLine(text: string): CellValue | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
  return JSON.parse(text.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}

function readCsv(file: string, text: string): FileContent {
  const [header, ...body] = parseCsv(text, sniffDelimiter(text));
  if (header === undefined) throw new Error(`${file} is empty`);
  while (body.at(-1)?.blank) body.pop();
  const headers = header.cells.map(removeGuard);
  const content: FileContent = { file, format: "csv", headers, rows: [], rejectedLines: [] };
  for (const row of body) {
    const whole = !row.blank && !row.broken && row.cells.length === headers.length;
    if (!whole || !row.cells.every(isValidText)) {
      content.rejectedLines.push(row.line);
      continue;
    }
    content.rows.push({
      line: row.line,
      cells: headers.map((name, i) => [name, removeGuard(row.cells[i]!)]),
      content: JSON.stringify(row.cells),
    });
  }
  return content;
}

/** A leading `'` before `= + - @` TAB CR LF is a spreadsheet guard. */
function removeGuard(cell: string): string {
  return /^'[=+\-@\t\r\n]/.test(cell) ? cell.slice(1) : cell;
}

/** The delimiter that cuts the header row into the most cells. */
function sniffDelimiter(text: string): string {
  const width = (delimiter: string): number => parseCsv(text, delimiter, 1)[0]?.cells.length ?? 0;
  return [",", ";", "\t", "|"].reduce((best, next) => (width(next) > width(best) ? next : best));
}

interface CsvRow {
  line: number;
  cells: string[];
  /** Nothing at all stands on the line. */
  blank: boolean;
  /** A quote that never closes, or text after a closing quote. */
  broken: boolean;
}

/** RFC 4180 with any delimiter; CRLF, LF or CR end a row, and each counts as one physical line. */
function parseCsv(text: string, delimiter: string, maxRows = Number.POSITIVE_INFINITY): CsvRow[] {
  const rows: CsvRow[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length && rows.length < maxRows) {
    const row: CsvRow = { line, cells: [], blank: text[at] === "\r" || text[at] === "\n", broken: false };
    for (;;) {
      let cell = "";
      const quoted = text[at] === '"';
      if (quoted) {
        at += 1;
        for (;;) {
          const quote = text.indexOf('"', at);
          const end = quote === -1 ? text.length : quote;
          cell += text.slice(at, end);
          at = end + 1;
          if (quote === -1) row.broken = true;
          if (quote === -1 || text[at] !== '"') break;
          cell += '"';
          at += 1;
        }
        line += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
      }
      const start = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== "\r" && text[at] !== "\n") at += 1;
      if (quoted && at > start) row.broken = true;
      row.cells.push(cell + text.slice(start, at));
      if (text[at] !== delimiter) break;
      at += 1;
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line += 1;
    rows.push(row);
  }
  return rows;
}
