import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "../store/store.ts";

/** What the journal holds of an event: counts, hashes and codes; never a key, never an address (invariant 9). */
export type JournalData = Record<string, string | number | boolean | null | readonly (string | number)[]>;

export interface JournalLine {
  number: number;
  at: string;
  event: string;
  data: JournalData;
  /** Hash of the line before; it chains the lines, so that none can be changed or taken out unseen. */
  previous: string;
  hash: string;
}

/** The journal's last line as the database remembers it: lines cut off the end show by it. */
interface Head {
  [key: string]: string | number;
  number: number;
  hash: string;
}

const beginning = "0".repeat(64);
const fileName = "journal.ndjson";
const headSetting = "journal_head";

/**
 * `journal.ndjson`: what was done to this project, one line an event, only ever appended, each line chained
 * to the one before by SHA-256. A line is on disk before `append` returns, and the database then knows it as the last:
 * a kill in between leaves the file one line ahead, never behind.
 */
export class Journal {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #store: Store;
  /** Once the file is not what was written, the database's last line stays where it was, so that this shows for good. */
  readonly #intact: boolean;
  #number: number;
  #previous: string;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, store: Store, intact: boolean, last: Head) {
    this.#path = path;
    this.#file = file;
    this.#store = store;
    this.#intact = intact;
    this.#number = last.number;
    this.#previous = last.hash;
  }

  /** Opens or creates the journal. A torn last line, left by a kill in mid-write, was never acknowledged and is cut off. */
  static async open(folder: string, store: Store): Promise<Journal> {
    const path = join(folder, fileName);
    const file = await open(path, "a+", 0o600);
    const text = await file.readFile("utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
    const lines = linesOf(whole);
    const last = { number: lines.length, hash: parseLine(lines.at(-1) ?? "")?.hash ?? beginning };
    const intact = troubleOf(lines, await storedHead(store)) === null;
    // A line that a kill left unknown to the database is made known first, so that it is never ahead by two.
    if (intact && lines.length > 0) await store.changeSetting(headSetting, last);
    return new Journal(path, file, store, intact, last);
  }

  async append(event: string, data: JournalData = {}): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      const body = {
        number: this.#number + 1,
        at: new Date().toISOString(),
        event,
        data,
        previous: this.#previous,
      };
      const hash = lineHash(body);
      await this.#file.appendFile(`${JSON.stringify({ ...body, hash })}\n`);
      await this.#file.datasync();
      this.#number = body.number;
      this.#previous = hash;
      if (this.#intact) await this.#store.changeSetting(headSetting, { number: body.number, hash });
    });
    await this.#queue;
  }

  /**
   * The journal as it stands on disk at this moment.
   * `trouble` says in words what is wrong with it; null where every line follows from the one before, none is missing
   * at the end and none was added from outside.
   */
  async read(): Promise<{ lines: JournalLine[]; trouble: string | null }> {
    // In the queue, so that no line is written between looking at the file and looking at the database.
    const before = this.#queue;
    const reading = before.catch(() => undefined).then(() => this.#look());
    this.#queue = reading.then(() => before);
    this.#queue.catch(() => undefined);
    return reading;
  }

  async #look(): Promise<{ lines: JournalLine[]; trouble: string | null }> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      return { lines: [], trouble: "The project's journal is missing or cannot be read." };
    }
    const written = linesOf(text);
    const lines = written.map(parseLine).filter((line) => line !== null);
    return { lines, trouble: troubleOf(written, await storedHead(this.#store)) };
  }

  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#file.close();
  }
}

async function storedHead(store: Store): Promise<Head> {
  return ((await store.setting(headSetting)) as Head | undefined) ?? { number: 0, hash: beginning };
}

function troubleOf(lines: readonly string[], head: Head): string | null {
  const broken = firstBrokenLine(lines);
  if (broken !== null) return `The project's journal was changed at line ${broken}.`;
  if (lines.length < head.number) {
    return `The end of the project's journal is missing: ${head.number} lines were written and ${lines.length} are there.`;
  }
  if (head.number > 0 && parseLine(lines[head.number - 1]!)?.hash !== head.hash) {
    return `The project's journal was replaced: its line ${head.number} is not the one that was written.`;
  }
  if (lines.length > head.number + 1) {
    return `The project's journal has ${lines.length} lines and its database knows of ${head.number}: lines were added from outside, or the database is an older copy.`;
  }
  return null;
}

function lineHash(body: Omit<JournalLine, "hash">): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

function linesOf(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

/** The number of the first line that was changed, moved or follows a gap; null where the whole chain holds. */
function firstBrokenLine(lines: readonly string[]): number | null {
  let previous = beginning;
  for (const [index, line] of lines.entries()) {
    const parsed = parseLine(line);
    if (!parsed || parsed.previous !== previous || parsed.number !== index + 1) return index + 1;
    const { hash, ...body } = parsed;
    // As it was written, byte for byte.
    if (lineHash(body) !== hash || JSON.stringify({ ...body, hash }) !== line) return index + 1;
    previous = hash;
  }
  return null;
}

function parseLine(line: string): JournalLine | null {
  try {
    return JSON.parse(line) as JournalLine;
  } catch {
    return null;
  }
}
