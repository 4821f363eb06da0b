import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Store } from "../store/store.ts";
import { temporaryFolder } from "../testing/temporary-project.ts";
import { Journal } from "./journal.ts";

let folder: string;
let store: Store;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, "journal.ndjson");
  store = await Store.open(folder);
  onTestFinished(() => store.close());
});

/** Opens the journal, writes that many lines, and closes it again, as a process that ends. */
async function write(lines: number): Promise<void> {
  const journal = await Journal.open(folder, store);
  for (let line = 1; line <= lines; line++) await journal.append("something_happened", { line });
  await journal.close();
}

/** What a process that starts now finds wrong, also after it went on writing. */
async function trouble(): Promise<string | null> {
  const journal = await Journal.open(folder, store);
  const first = (await journal.read()).trouble;
  for (let line = 1; line <= 4; line++) await journal.append("went_on");
  const later = (await journal.read()).trouble;
  await journal.close();
  expect(later === null).toBe(first === null);
  return first;
}

const lines = async () => (await readFile(file, "utf8")).trimEnd().split("\n");
const replace = (kept: readonly string[]) => writeFile(file, kept.map((line) => `${line}\n`).join(""));

describe("the journal notices", () => {
  beforeEach(() => write(6));

  test.each([
    ["the first line", [0]],
    ["a line in the middle", [3]],
    ["the last line", [5]],
    ["several last lines", [3, 4, 5]],
    ["all lines", [0, 1, 2, 3, 4, 5]],
  ])("that %s was taken out, however much is written afterwards", async (_, gone) => {
    const all = await lines();
    await replace(all.filter((_line, index) => !gone.includes(index)));
    expect(await trouble()).not.toBeNull();
  });

  test("that two lines changed places", async () => {
    const [one, two, three, ...rest] = await lines();
    await replace([one!, three!, two!, ...rest]);
    expect(await trouble()).toBe("The project's journal was changed at line 2.");
  });

  test("that its file is gone", async () => {
    await rm(file);
    expect(await trouble()).toContain("6 lines were written and 0 are there");
  });

  test("that its file is gone while it is in use", async () => {
    const journal = await Journal.open(folder, store);
    await rm(file);
    expect((await journal.read()).trouble).toContain("missing");
    await journal.close();
  });

  test("another project's journal in its place", async () => {
    await rm(file);
    await store.changeSetting("journal_head", null);
    await write(8);
    const other = await readFile(file);
    const head = await store.setting("journal_head");
    await rm(file);
    await store.changeSetting("journal_head", null);
    await write(8);
    const own = (await store.setting("journal_head")) as { number: number };
    expect(own.number).toBe((head as { number: number }).number);
    await writeFile(file, other);
    expect(await trouble()).toContain("was replaced");
  });

  test("a database that is older than it", async () => {
    const head = await store.setting("journal_head");
    await write(3);
    await store.changeSetting("journal_head", head!);
    expect(await trouble()).toContain("the database is an older copy");
  });

  test("any byte that was changed", async () => {
    const whole = await readFile(file);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, difference) => {
          const changed = Buffer.from(whole);
          changed[at] = changed[at]! ^ difference;
          await writeFile(file, changed);
          const journal = await Journal.open(folder, store);
          const found = (await journal.read()).trouble;
          await journal.close();
          expect(found).not.toBeNull();
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("after a kill the journal", () => {
  test("may be one line ahead of the database", async () => {
    await write(3);
    const head = await store.setting("journal_head");
    await write(1);
    await store.changeSetting("journal_head", head!);
    expect(await trouble()).toBeNull();
  });

  test("may be one line ahead again and again", async () => {
    await write(3);
    for (let kill = 0; kill < 3; kill++) {
      const head = (await store.setting("journal_head")) as { number: number };
      const journal = await Journal.open(folder, store);
      const adopted = await store.setting("journal_head");
      await journal.append("something_happened");
      await journal.close();
      expect((adopted as { number: number }).number).toBeGreaterThanOrEqual(head.number);
      await store.changeSetting("journal_head", adopted!);
    }
    expect(await trouble()).toBeNull();
  });

  test("loses a line that was torn, which nobody was told is written", async () => {
    await write(3);
    const text = await readFile(file, "utf8");
    await writeFile(file, `${text}{"number":4,"at":"20`);
    expect(await trouble()).toBeNull();
    expect((await lines())[3]).toContain("went_on");
  });
});

test("lines that are read while others are written are never in trouble", async () => {
  const journal = await Journal.open(folder, store);
  const found: (string | null)[] = [];
  const work = Array.from({ length: 40 }, async (_, line) => {
    await journal.append("something_happened", { line });
    found.push((await journal.read()).trouble);
  });
  await Promise.all(work);
  expect(new Set(found)).toEqual(new Set([null]));
  expect((await journal.read()).lines).toHaveLength(40);
  await journal.close();
});
