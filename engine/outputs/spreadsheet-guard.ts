/**
 * Keeps a spreadsheet from running a cell as a formula.
 * A cell that starts with a trigger gets a leading `'`; so does one that starts with `'` and a trigger,
 * for else reading back could not tell the two apart (docs/decisions/0002-bijective-spreadsheet-guard.md).
 * Triggers: `= + - @` TAB CR LF, OWASP "CSV Injection" (reference/identity-and-consent.md §6).
 */

const guarded = /^'*[=+\-@\t\r\n]/;

export function guardCell(cell: string): string {
  return guarded.test(cell) ? `'${cell}` : cell;
}

/** Undoes `guardCell`, and nothing else. */
export function unguardCell(cell: string): string {
  return cell.startsWith("'") && guarded.test(cell) ? cell.slice(1) : cell;
}
