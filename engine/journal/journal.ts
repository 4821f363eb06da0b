import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** What the journal holds of an event: counts, hashes and codes; never a key, never an address (invariant 9). */
export type JournalData = Record<string, string | number | boolean | null | readonly (string | number)[]>;

interface Line {
  number: number;
  at: string;
  event: string;
  data: JournalData;
  /** Hash of the line before; it chains the lines, so that none can be changed or taken out unseen. */
  previous: string;
  hash: string;
}

const beginning = "0".repeat(64);

/**
 * `journal.ndjson`: what was done to this project, one line an event, only ever appended, each line chained
 * to the one before by SHA-256. A line is on disk before `append` returns.
 */
export class Journal {
  readonly #file: FileHandle;
  #number: number;
  #previous: string;
  #queue: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, number: number, previous: string) {
    this.#file = file;
    this.#number = number;
    this.#previous = previous;
  }

  /** Opens or creates the journal. A torn last line, left by a kill in mid-write, was never acknowledged and is cut off. */
  static async open(folder: string): Promise<Journal> {
    const file = await open(join(folder, "journal.ndjson"), "a+", 0o600);
    const text = await file.readFile("utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
    const lines = whole.split("\n").filter((line) => line !== "");
    const last = lines.at(-1);
    return new Journal(file, lines.length, last ? (JSON.parse(last) as Line).hash : beginning);
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
    });
    await this.#queue;
  }

  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#file.close();
  }
}

function lineHash(body: Omit<Line, "hash">): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

/**
 * Checks the whole chain of a journal's text.
 * @returns the number of the first line that was changed, moved or follows a gap; null where all is well
 */
export function firstBrokenLine(text: string): number | null {
  let previous = beginning;
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const parsed = parseLine(line);
    if (!parsed || parsed.previous !== previous || parsed.number !== index + 1) return index + 1;
    const { hash, ...body } = parsed;
    if (lineHash(body) !== hash) return index + 1;
    previous = hash;
  }
  return null;
}

function parseLine(line: string): Line | null {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}
