import type { JournalLine } from "../journal/journal.ts";

/**
 * Tables of the database that something else wrote to while the project was closed, as opening it found them
 * (engine/project/closing-seal.ts). That stays so: what was made of such rows since cannot be told from what was not.
 */
export function changedOutside(
  lines: readonly JournalLine[],
): { tables: string[]; noticedAt: string } | null {
  const noticed = lines.filter(({ event }) => event === "database_changed");
  if (noticed.length === 0) return null;
  const tables = noticed.flatMap(({ data }) => (Array.isArray(data.tables) ? data.tables.map(String) : []));
  return { tables: [...new Set(tables)], noticedAt: noticed[0]!.at };
}
