import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { consentLevels } from "../../contract/consent.ts";
import { conflictCodes } from "../../contract/merge.ts";
import { readEmail } from "./keys.ts";
import { writeNastyExports } from "./nasty-exports.ts";
import { type OracleOutcome, runOracle } from "./oracle.ts";
import { type OracleInput, type OracleRecord, readSource } from "./source-records.ts";

const folder = mkdtempSync(join(tmpdir(), "nasty-"));
afterAll(() => rmSync(folder, { recursive: true }));

let inputs: OracleInput[];
let outcome: OracleOutcome;
let records: OracleRecord[];
beforeAll(async () => {
  inputs = await writeNastyExports(join(folder, "a"), { people: 2000, seed: 1 });
  outcome = runOracle(inputs);
  records = inputs.flatMap((input) => readSource(input).records);
}, 60_000);

test("the same seed writes the same bytes, another seed others", async () => {
  const bytesOf = (written: OracleInput[], root: string) =>
    written.map(({ file, ...rest }) => ({
      ...rest,
      name: relative(root, file),
      bytes: readFileSync(file, "base64"),
    }));
  const write = async (name: string, seed: number) =>
    bytesOf(await writeNastyExports(join(folder, name), { people: 100, seed }), join(folder, name));
  const first = await write("b", 1);
  expect(await write("c", 1)).toEqual(first);
  expect(await write("d", 2)).not.toEqual(first);
});

test("every conflict code comes up, for rows with and without an id of their own", () => {
  for (const code of conflictCodes) expect(outcome.summary.conflicts[code], code).toBeGreaterThan(0);
  for (const code of ["BAD_EMAIL", "NO_IDENTIFIER"]) {
    const subjects = outcome.conflicts.filter((id) => id.startsWith(`${code}:`));
    expect(subjects.some((id) => id.endsWith("/*"))).toBe(true);
    expect(subjects.some((id) => !id.endsWith("/*"))).toBe(true);
  }
});

test("every level comes up that a file can say; only Iterable's API tells who is forgotten", () => {
  const levels = new Set(records.flatMap(({ states }) => states.map(({ level }) => level)));
  expect([...levels].sort()).toEqual(consentLevels.filter((level) => level !== "forgotten").sort());
});

test("addresses are suppressed directly and through a person, dated and undated, at every suppressing level", () => {
  const rows = outcome.suppressions.split("\r\n").slice(1, -1);
  const seen = new Set(rows.map((row) => /,(\w+),(direct|person),/.exec(row)!.slice(1).join(" ")));
  expect([...seen].sort()).toEqual([
    "complaint direct",
    "complaint person",
    "hard_bounce direct",
    "manual direct",
    "manual person",
    "unsubscribed_all direct",
    "unsubscribed_all person",
  ]);
  expect(rows.some((row) => row.endsWith(",,"))).toBe(true);
  expect(rows.some((row) => /\.\d{6}Z$/.test(row))).toBe(true);
});

test("every file has rows that are read, and all but the smallest have damaged ones", () => {
  const counts = inputs.map((input) => {
    const { records: read, rejectedRows } = readSource(input);
    return { file: relative(folder, input.file), read: read.length, rejected: rejectedRows.length };
  });
  expect(counts.filter(({ read }) => read < 10)).toEqual([]);
  expect(counts.filter(({ rejected }) => rejected > 0).length).toBeGreaterThan(inputs.length - 6);
});

test("every way in which an address can be bad comes up", () => {
  const reasons = new Set(
    records.flatMap(({ email }) => {
      const reading = readEmail(email);
      return reading.kind === "bad" ? [reading.why] : [];
    }),
  );
  expect([...reasons].sort()).toEqual([
    "IDNA refuses the domain",
    "IP address",
    "an empty side",
    "domain without a dot",
    "foreign character in the domain",
    "label",
    "label empty or over 63 octets",
    "local part over 64 octets",
    "not exactly one @",
    "over 254 octets",
    "white space inside",
  ]);
});

test("identifiers with five addresses stay and with six are quarantined", () => {
  expect(outcome.conflicts).toContain("ID_MANY_EMAILS:crowd5-30");
  expect(outcome.conflicts).toContain("ID_BLOCKED:crowd6-30");
  expect(outcome.conflicts).not.toContain("ID_BLOCKED:crowd5-30");
});

test("unsubscribe events stand both with and without a user row of their address", () => {
  const iterable = records.filter(({ source }) => source === "iterable");
  const userRows = new Set(iterable.filter(({ kind }) => kind === "profile").map(({ email }) => email));
  const history = iterable.filter(({ states }) => states.some((state) => state.history));
  expect(history.some(({ email }) => userRows.has(email))).toBe(true);
  expect(history.some(({ email }) => !userRows.has(email))).toBe(true);
});
