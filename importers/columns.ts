import { badInput } from "../contract/failure.ts";
import type { AttributeValue, ColumnMapping, SourceName } from "../contract/source.ts";
import type { FileHead, RawRow } from "./file-importer.ts";
import { headerKey, listHeaders, removeSpreadsheetGuard, standardAttributes } from "./headers.ts";
import { parseTime } from "./time.ts";

export interface ColumnRules<Field extends string> {
  source: SourceName;
  /** The header keys that may name each field, the best first. The operator's mapping comes before them. */
  fields: Record<Field, readonly string[]>;
  /** True for the vendor's bookkeeping columns, kept as `<source>.<column>` whether read or not (interfaces §4). */
  isBookkeeping(headerKey: string, header: string): boolean;
}

/** Which column is which, for one list of column names. */
interface ColumnPlan<Field extends string> {
  names: readonly string[];
  /** The position of each field's column, -1 where there is none. */
  positions: Record<Field, number>;
  attributes: { position: number; name: string }[];
}

/** Finds fields and attributes in the rows of one file, by the names of its columns and never by position. */
export class Columns<Field extends string> {
  readonly #rules: ColumnRules<Field>;
  readonly #map: ColumnMapping;
  #plan: ColumnPlan<Field>;

  /** @throws Failure `bad_input` where the mapping names a column that does not exist, or a field not read here. */
  constructor(rules: ColumnRules<Field>, head: FileHead, map: ColumnMapping = {}) {
    this.#rules = rules;
    this.#map = map;
    for (const [field, column] of Object.entries(map)) {
      if (!(field in rules.fields))
        throw badInput(
          "MAP_FIELD_NOT_READ",
          `${head.name}: “${field}” is mapped to “${column}”, but ${rules.source} files of this kind have no such field.`,
          `Leave out --map ${field}=…`,
        );
      if (positionOf(column, head.headers) === -1)
        throw badInput(
          "MAP_COLUMN_MISSING",
          `${head.name} has no column “${column}” for ${field}. Its headers: ${listHeaders(head.headers)}.`,
          `Map ${field} to one of these headers.`,
        );
    }
    this.#plan = this.#planFor(head.headers);
  }

  /** True if the file has a column for the field. NDJSON: as far as its first rows show. */
  has(field: Field): boolean {
    return this.#plan.positions[field] !== -1;
  }

  row(row: RawRow): MappedRow<Field> {
    if ("cells" in row) return new MappedRow(this.#plan, row.cells, removeSpreadsheetGuard);
    const names = Object.keys(row.object);
    // Rows that follow each other mostly have the same keys.
    if (!sameNames(names, this.#plan.names)) this.#plan = this.#planFor(names);
    return new MappedRow(this.#plan, Object.values(row.object), (cell) => cell);
  }

  #planFor(names: readonly string[]): ColumnPlan<Field> {
    const { fields, source, isBookkeeping } = this.#rules;
    const keys = names.map(headerKey);
    const positions = {} as Record<Field, number>;
    for (const field of Object.keys(fields) as Field[]) {
      const mapped = (this.#map as Partial<Record<string, string>>)[field];
      const found =
        mapped === undefined ? fields[field].map((key) => keys.indexOf(key)) : [positionOf(mapped, names)];
      positions[field] = found.find((position) => position !== -1) ?? -1;
    }
    const read = new Set<number>(Object.values(positions));
    const attributes: { position: number; name: string }[] = [];
    const seen = new Set<string>();
    const readKeys = new Set([...read].map((position) => keys[position]));
    for (const [position, name] of names.entries()) {
      const key = keys[position]!;
      const column = position + 1;
      // Of two columns with the same header the first counts (interfaces §4); the other is kept and never conflicts.
      if (seen.has(name) || (readKeys.has(key) && !read.has(position)))
        attributes.push({ position, name: `${source}.${name} (column ${column})` });
      else if (isBookkeeping(key, name)) attributes.push({ position, name: `${source}.${name}` });
      else if (!read.has(position))
        attributes.push({ position, name: standardAttributes.get(key) ?? (name || `column_${column}`) });
      if (name !== "") seen.add(name);
    }
    return { names, positions, attributes };
  }
}

/** One row, its cells found by field. */
export class MappedRow<Field extends string> {
  readonly #plan: ColumnPlan<Field>;
  readonly #cells: readonly unknown[];
  readonly #unguard: (cell: string) => string;

  constructor(plan: ColumnPlan<Field>, cells: readonly unknown[], unguard: (cell: string) => string) {
    this.#plan = plan;
    this.#cells = cells;
    this.#unguard = unguard;
  }

  /** The cell as it stands, without a spreadsheet guard; undefined where the row has none. */
  value(field: Field): unknown {
    return this.#cell(this.#plan.positions[field]);
  }

  /** The cell as text, not trimmed; null where the row has none. */
  text(field: Field): string | null {
    const value = this.value(field);
    if (value === undefined || value === null) return null;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  /** The cell's time in microseconds since 1970; null where missing or unreadable. */
  time(field: Field): number | null {
    const value = this.value(field);
    return typeof value === "string" || typeof value === "number" ? parseTime(value) : null;
  }

  /** Everything that is not a field, by merged name. Of columns with one name the first that is not empty counts. */
  attributes(): Record<string, AttributeValue> {
    const attributes: Record<string, AttributeValue> = {};
    for (const { position, name } of this.#plan.attributes) {
      const value = this.#cell(position);
      if (isEmpty(value) || Object.hasOwn(attributes, name)) continue;
      // A column may be called `__proto__`: assigning would lose it.
      if (name === "__proto__")
        Object.defineProperty(attributes, name, {
          value,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      else attributes[name] = value as AttributeValue;
    }
    return attributes;
  }

  #cell(position: number): unknown {
    const cell = this.#cells[position];
    return typeof cell === "string" ? this.#unguard(cell) : cell;
  }
}

/** Missing, `""`, null, `[]` and the text `[]` (merge-rules §3). */
export function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === "[]" ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** The column of exactly this name, else of the same header key; -1 where there is none. */
function positionOf(column: string, names: readonly string[]): number {
  const exact = names.indexOf(column);
  const key = headerKey(column);
  return exact !== -1 || key === "" ? exact : names.findIndex((name) => headerKey(name) === key);
}

function sameNames(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, position) => name === others[position]);
}
