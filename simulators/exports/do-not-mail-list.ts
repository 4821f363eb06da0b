import { join } from "node:path";
import { doNotMailEntries } from "../world/do-not-mail-entries.ts";
import type { World } from "../world/world.ts";
import { csvText, fileTime, type RowCounter, writeText } from "./text-rows.ts";

const header = ["Email", "Customer ID", "Date", "Reason"];

/** Writes the company's own do-not-mail list, saved from a spreadsheet, and returns its path. */
export async function writeDoNotMailList(folder: string, world: World, counter: RowCounter): Promise<string> {
  const file = join(folder, "do_not_mail.csv");
  const rows = counter.count(rowsOf(world));
  await writeText(file, csvText(header, rows, { newline: "\r\n", byteOrderMark: true }));
  return file;
}

/**
 * The first entry was typed in an editor, with a comma that made it one cell too long, and then once more
 * and properly; before the second stands a heading that is no entry. Both lines can be accepted safely.
 */
function* rowsOf(world: World): Generator<string[]> {
  let position = 0;
  for (const person of world) {
    for (const entry of doNotMailEntries(person)) {
      const row = [entry.email, entry.userId ?? "", fileTime(entry.addedAt), entry.reason];
      if (position === 0) yield [...row, "twice"];
      if (position === 1) yield ["--- from the old list ---"];
      yield row;
      position += 1;
    }
  }
}
