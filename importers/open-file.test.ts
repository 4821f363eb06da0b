import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importText, zipOf } from "./importer-suite.ts";
import { previewFile } from "./open-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function preview(name: string, bytes: string | Buffer) {
  await writeFile(join(folder, name), bytes);
  return previewFile(join(folder, name));
}

test("a file that is not recognised is refused with the headers seen and those known", async () => {
  await expect(importText("mailchimp", "x.csv", "mail,foo\na@x.com,1\n")).rejects.toMatchObject({
    kind: "bad_input",
    code: "FILE_NOT_RECOGNISED",
    message: expect.stringMatching(/“mail”, “foo”.*profileUpdatedAt.*Klaviyo ID.*Email Address and LEID/),
  });
});

test("where one file of a ZIP is not recognised nothing of the ZIP is read", async () => {
  const bytes = await zipOf({
    "subscribed_a.csv": "Email Address,LEID\na@x.com,1\n",
    "other.csv": "a,b\n1,2\n",
  });
  await expect(importText("mailchimp", "export.zip", bytes)).rejects.toMatchObject({
    code: "FILE_NOT_RECOGNISED",
    message: expect.stringContaining("export.zip/other.csv"),
  });
});

test("a ZIP that calls itself .csv is opened as a ZIP, and one inside a ZIP is refused", async () => {
  const inner = await zipOf({ "subscribed_a.csv": "Email Address,LEID\na@x.com,1\n" });
  expect((await importText("mailchimp", "export.csv", inner)).records).toHaveLength(1);
  const outer = await zipOf({ "inner.csv": inner });
  await expect(importText("mailchimp", "export.zip", outer)).rejects.toMatchObject({
    code: "FILE_NOT_TEXT",
    message: expect.stringContaining("a ZIP inside a ZIP"),
  });
});

test("a large file comes in batches of about 2,000 rows with the bytes read so far", async () => {
  const text = `email,x\n${"a@x.com,1\n".repeat(50_000)}`;
  const { records } = await importText("csv", "x.csv", text, { means: "profiles" });
  expect(records).toHaveLength(50_000);
  expect(records.at(-1)).toMatchObject({ line: 50_001, email: "a@x.com" });
});

test("the preview tells the source and kind, or what is missing", async () => {
  expect(await preview("cleaned_a.csv", "Email Address,LEID\na@x.com,1\n")).toEqual({
    file: join(folder, "cleaned_a.csv"),
    source: "mailchimp",
    parts: [
      {
        name: "cleaned_a.csv",
        kind: "cleaned",
        headers: ["Email Address", "LEID"],
        sample: [["a@x.com", "1"]],
        problem: null,
      },
    ],
  });
  const renamed = await preview("renamed.csv", "Email Address,LEID\na@x.com,1\n");
  expect(renamed).toMatchObject({
    source: "mailchimp",
    parts: [{ kind: null, problem: expect.stringContaining("--means") }],
  });
  const users = await preview("users.json", '{"email":"a@x.com","profileUpdatedAt":1,"tags":["x"]}\n');
  expect(users).toMatchObject({
    source: "iterable",
    parts: [{ kind: "users", sample: [["a@x.com", "1", '["x"]']] }],
  });
});

test("the preview of a file that cannot be read is a problem in words, not a failure", async () => {
  const missing = await previewFile(join(folder, "none.csv"));
  expect(missing).toMatchObject({
    source: null,
    parts: [{ name: "none.csv", problem: expect.stringContaining("does not exist") }],
  });
  const zip = await preview(
    "x.zip",
    await zipOf({ "subscribed_a.csv": "Email Address,LEID\n", "b.csv": "\n" }),
  );
  expect(zip.parts.map(({ kind, problem }) => [kind, problem === null])).toEqual([
    ["subscribed", true],
    [null, false],
  ]);
});
