import { describe, expect, it } from "vitest";
import type { FilePreview } from "../../contract/sources.ts";
import { firstChoice, guessMapping, importRequests, joinReports, missingFromChoice } from "./file-choices.ts";

const preview = (file: string, source: FilePreview["source"], headers: string[] = []): FilePreview => ({
  file,
  source,
  parts: [{ name: file, kind: null, headers, sample: [], problem: null }],
});

describe("what is asked before an import", () => {
  it("is nothing for a file that was recognised", () => {
    expect(missingFromChoice(firstChoice(preview("a.csv", "mailchimp")))).toBeNull();
  });

  it("is nothing that could be chosen for a file that cannot be read", () => {
    const { file, parts } = preview("a.csv", null);
    const unreadable = { file, source: null, parts: [{ ...parts[0]!, problem: "a.csv is empty." }] };
    expect(missingFromChoice(firstChoice(unreadable))).toMatch(/cannot be imported/);
  });

  it("is the source of a file that was not", () => {
    expect(missingFromChoice(firstChoice(preview("a.csv", null)))).toMatch(/where this file comes from/);
  });

  it("is the meaning and a column to know people by for any other CSV", () => {
    const choice = { ...firstChoice(preview("a.csv", null, ["who"])), source: "csv" as const };
    expect(missingFromChoice(choice)).toMatch(/mean/);
    const meant = { ...choice, means: "manual" as const };
    expect(missingFromChoice(meant)).toMatch(/address or the one with the user ID/);
    expect(missingFromChoice({ ...meant, map: { user_id: "who" } })).toBeNull();
  });
});

it("takes plain headers for what they say, whatever their case and punctuation, and guesses nothing else", () => {
  expect(guessMapping(["E-Mail", "External ID", "Updated_At", "Name of pet"])).toEqual({
    email: "E-Mail",
    user_id: "External ID",
    updated_at: "Updated_At",
  });
});

it("imports a vendor's files together and every other CSV with its own columns", () => {
  const csv = (file: string) => ({
    ...firstChoice(preview(file, null, ["email"])),
    source: "csv" as const,
    means: "bounced" as const,
  });
  const choices = [
    firstChoice(preview("m1.csv", "mailchimp")),
    csv("x.csv"),
    firstChoice(preview("m2.csv", "mailchimp")),
    csv("y.csv"),
  ];
  expect(importRequests(choices)).toEqual([
    { source: "mailchimp", files: ["m1.csv", "m2.csv"] },
    { source: "csv", files: ["x.csv"], means: "bounced", map: { email: "email" } },
    { source: "csv", files: ["y.csv"], means: "bounced", map: { email: "email" } },
  ]);
});

it("adds up the rows of several reports", () => {
  const report = { files: [], total: { rows: 10, imported: 7, rejected: 3 } };
  expect(joinReports([report, report]).total).toEqual({ rows: 20, imported: 14, rejected: 6 });
});
