import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ActivityDesk } from "../activity/activity.ts";
import { Project } from "../project/project.ts";
import { temporaryFolder, temporaryProject } from "../testing/temporary-project.ts";
import { importFiles } from "./import-files.ts";
import { listFiles } from "./list-files.ts";
import { acceptRejects, exportRejects, listRejects, lockingRejects } from "./rejects.ts";
import { replaceByWord } from "./replace-file.ts";

const mailchimp = (rows: string[]) =>
  ["Email Address,USER_ID,UNSUB_TIME,LEID,EUID", ...rows, ""].join("\r\n");
const unsubscribed = "unsubscribed_email_audience_export_0a1b.csv";

describe("importing files", () => {
  it("keeps a copy with its hash and counts every row", async () => {
    const { project, importText } = await temporaryProject();
    const text = mailchimp([
      "a@x.com,1,2024-01-01 10:00:00,1,e1",
      "b@x.com,2",
      "c@x.com,3,2024-01-02 10:00:00,3,e3",
    ]);
    const report = await importText("mailchimp", unsubscribed, text);
    expect(report.files[0]).toMatchObject({
      file: unsubscribed,
      kind: "unsubscribed",
      rows: 3,
      imported: 2,
      rejected: 1,
      rejections: [{ line: 3, reason: expect.stringContaining("2 cells") }],
    });
    const [file] = await listFiles(project.store);
    expect(file!.sha256).toBe(createHash("sha256").update(text).digest("hex"));
    expect(
      await readFile(join(project.folder, "landing", file!.sha256.slice(0, 16), unsubscribed), "utf8"),
    ).toBe(text);
  });

  it("changes nothing where the same file comes twice, under any name", async () => {
    const { importText, merge } = await temporaryProject();
    const text = mailchimp(["a@x.com,1,,1,e1"]);
    await importText("mailchimp", unsubscribed, text);
    const before = await merge();
    const again = await importText("mailchimp", "unsubscribed_copy.csv", text);
    expect(again.files[0]).toMatchObject({ unchanged: true, rows: 1, imported: 1 });
    expect(await merge()).toEqual(before);
  });

  it("takes the same bytes anew where they are read as something else", async () => {
    const { importText, merge } = await temporaryProject();
    await importText("csv", "list.csv", "email\na@x.com\n", { means: "profiles" });
    const report = await importText("csv", "list.csv", "email\na@x.com\n", { means: "unsubscribed" });
    expect(report.files[0]!.unchanged).toBe(false);
    expect((await merge()).suppressed_addresses).toBe(1);
  });

  it("applies nothing of a request in which one file is not recognised", async () => {
    const { project, folder } = await temporaryProject();
    const good = join(folder, unsubscribed);
    const bad = join(folder, "unknown.csv");
    await writeFile(good, mailchimp(["a@x.com,1,,1,e1"]));
    await writeFile(bad, "colour,size\nred,1\n");
    const desk = new ActivityDesk();
    await expect(
      desk.run("import", (progress) =>
        importFiles(project, { source: "mailchimp", files: [good, bad] }, progress),
      ),
    ).rejects.toMatchObject({ kind: "bad_input", message: expect.stringContaining("unknown.csv") });
    expect(await listFiles(project.store)).toEqual([]);
    expect(await readdir(join(project.folder, "landing"))).toEqual([]);
  });

  it("leaves nothing behind where it is cancelled on the way", async () => {
    const { project, folder } = await temporaryProject();
    const file = join(folder, unsubscribed);
    await writeFile(
      file,
      mailchimp(Array.from({ length: 30_000 }, (_, n) => `p${n}@x.com,${n},,${n},e${n}`)),
    );
    const desk = new ActivityDesk();
    const running = desk.run("import", (progress) =>
      importFiles(project, { source: "mailchimp", files: [file] }, progress),
    );
    for await (const state of desk.watch()) if (state?.step.startsWith("Reading")) break;
    desk.cancel();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await listFiles(project.store)).toEqual([]);
    expect(await project.store.row("SELECT count(*) AS records FROM source_record")).toEqual({ records: 0 });
  });

  it("leaves nothing behind where it is killed on the way, once the project is opened again", async () => {
    const { project, importText } = await temporaryProject();
    await importText("mailchimp", unsubscribed, mailchimp(["a@x.com,1,,1,e1"]));
    // What a kill leaves: rows that no file accounts for, and the mark that loading had begun.
    await project.store.changeSetting("loading", true);
    await project.store.run(
      "INSERT INTO source_record BY NAME SELECT 99 AS record, 7 AS file_id, * EXCLUDE (record, file_id) FROM source_record",
    );
    await project.store.run(
      "INSERT INTO source_state BY NAME SELECT 99 AS record, * EXCLUDE (record) FROM source_state",
    );
    await project.store.run(
      "INSERT INTO unreadable_row (file_id, line, reason, row_text) VALUES (7, 1, 'torn', 'x')",
    );
    await project.close();
    const again = await Project.open(project.folder);
    onTestFinished(() => again.close());
    expect(
      await again.store.row(
        `SELECT (SELECT count(*) FROM source_record) AS records, (SELECT count(*) FROM source_state) AS states,
           (SELECT count(*) FROM unreadable_row) AS rejects`,
      ),
    ).toEqual({ records: 1, states: 1, rejects: 0 });
  });

  it.each([
    ["a missing file", "no.csv", null, /does not exist/],
    ["an empty file", "subscribed_x.csv", "", /empty/i],
    ["a packed file", "subscribed_x.csv", Buffer.from("1f8b080000000000", "hex"), /gzip.*Unpack/],
  ])("says what to do about %s", async (_, name, content, message) => {
    const { project, folder } = await temporaryProject();
    const file = join(folder, name);
    if (content !== null) await writeFile(file, content);
    const desk = new ActivityDesk();
    const failure = await desk
      .run("import", (progress) => importFiles(project, { source: "mailchimp", files: [file] }, progress))
      .catch((error) => error);
    expect(failure).toMatchObject({ kind: "bad_input", nextStep: expect.stringMatching(/\w+/) });
    expect(`${failure.message} ${failure.nextStep}`).toMatch(message);
  });
});

describe("a newer export of the same audience", () => {
  const older = mailchimp(["a@x.com,1,,1,e1", "b@x.com,2,,2,e2", "c@x.com,3,,3,e3"]);
  const newer = mailchimp(["a@x.com,1,,1,e1", "b@x.com,2,,2,e2", "d@x.com,4,,4,e4"]);

  it("is noticed, and both count until the operator says otherwise", async () => {
    const { importText, merge, project } = await temporaryProject();
    const first = await importText("mailchimp", "unsubscribed_older.csv", older);
    const second = await importText("mailchimp", "unsubscribed_newer.csv", newer);
    expect(second.files[0]!.looksNewerThan).toEqual([first.files[0]!.id]);
    expect((await merge()).suppressed_addresses).toBe(4);
    await replaceByWord(project, first.files[0]!.id, second.files[0]!.id, "newer export");
    expect((await merge()).suppressed_addresses).toBe(3);
    const journal = await readFile(join(project.folder, "journal.ndjson"), "utf8");
    expect(journal).toContain("files_replaced");
  });

  it("can replace it in the same breath", async () => {
    const { importText, merge } = await temporaryProject();
    const first = await importText("mailchimp", "unsubscribed_older.csv", older);
    await importText("mailchimp", "unsubscribed_newer.csv", newer, { replaces: [first.files[0]!.id] });
    expect((await merge()).suppressed_addresses).toBe(3);
  });

  it("cannot replace a file of another source or itself", async () => {
    const { importText, project } = await temporaryProject();
    const first = await importText("mailchimp", "unsubscribed_older.csv", older);
    const other = await importText("csv", "list.csv", "email\na@x.com\n", { means: "profiles" });
    const id = first.files[0]!.id;
    await expect(replaceByWord(project, id, other.files[0]!.id, "x")).rejects.toMatchObject({
      code: "FILE_OTHER_SOURCE",
    });
    await expect(replaceByWord(project, id, id, "x")).rejects.toMatchObject({ code: "FILE_UNKNOWN" });
  });
});

describe("rejected rows", () => {
  const ragged = mailchimp(["a@x.com,1,,1,e1", "b@x.com,2", "c@x.com,3"]);

  it("are listed and written with file, line, reason and row", async () => {
    const { project, importText, folder } = await temporaryProject();
    await importText("mailchimp", unsubscribed, ragged);
    expect(await listRejects(project.store, 0, 10)).toMatchObject({
      total: 2,
      open: 2,
      rejects: [
        { file: unsubscribed, line: 3, row: "b@x.com,2" },
        { file: unsubscribed, line: 4, row: "c@x.com,3" },
      ],
    });
    await exportRejects(project.store, join(folder, "rejects.csv"));
    expect(await readFile(join(folder, "rejects.csv"), "utf8")).toContain(`${unsubscribed},3,`);
  });

  it("lock the gate until they are accepted with a reason, file by file", async () => {
    const { project, importText } = await temporaryProject();
    await importText("mailchimp", unsubscribed, ragged);
    await importText("mailchimp", "cleaned_x.csv", "Email Address,LEID,EUID,CLEAN_TIME\nx@x.com,1\n");
    expect(await lockingRejects(project.store)).toHaveLength(2);
    expect(await acceptRejects(project, unsubscribed, "left the company")).toEqual({ accepted: 2 });
    expect(await lockingRejects(project.store)).toEqual([{ name: "cleaned_x.csv", rows: 1 }]);
    await acceptRejects(project, "all", "checked by hand");
    expect(await lockingRejects(project.store)).toEqual([]);
    await expect(acceptRejects(project, "all", "again")).rejects.toMatchObject({ code: "NOTHING_TO_ACCEPT" });
    await expect(acceptRejects(project, "other.csv", "why")).rejects.toMatchObject({ code: "FILE_UNKNOWN" });
  });

  it("lock the gate no longer once a mended file has replaced theirs", async () => {
    const { project, importText } = await temporaryProject();
    const first = await importText("mailchimp", unsubscribed, ragged);
    await importText(
      "mailchimp",
      "unsubscribed_mended.csv",
      mailchimp(["a@x.com,1,,1,e1", "b@x.com,2,,2,e2", "c@x.com,3,,3,e3"]),
      { replaces: [first.files[0]!.id] },
    );
    expect(await lockingRejects(project.store)).toEqual([]);
  });

  it("do not lock where the file cannot carry suppressions, but do where a record without identifier carries one", async () => {
    const { project, importText, merge } = await temporaryProject();
    await importText("csv", "people.csv", "user_id,email\n1\n", { means: "profiles" });
    expect(await lockingRejects(project.store)).toEqual([]);
    await importText("csv", "optouts.csv", "user_id,email\nnull,nobody\n", { means: "unsubscribed" });
    const summary = await merge();
    expect(summary).toMatchObject({
      rejected: 2,
      conflicts: { NO_IDENTIFIER: 1, BAD_EMAIL: 1, ID_BLOCKED: 1 },
    });
    expect(await lockingRejects(project.store)).toEqual([{ name: "optouts.csv", rows: 1 }]);
    await acceptRejects(project, "optouts.csv", "nobody");
    await merge();
    expect(await lockingRejects(project.store)).toEqual([]);
  });
});

describe("a project's folder", () => {
  it("is readable by its owner only", async () => {
    const { project } = await temporaryProject();
    const { stat } = await import("node:fs/promises");
    expect((await stat(project.folder)).mode & 0o077).toBe(0);
  });

  it.each([
    ["is missing", async (folder: string) => join(folder, "none"), "NO_PROJECT"],
    [
      "is a file",
      async (folder: string) => {
        await writeFile(join(folder, "f"), "");
        return join(folder, "f");
      },
      "NO_FOLDER",
    ],
    [
      "holds a damaged database",
      async (folder: string) => {
        await mkdir(join(folder, "d"));
        await writeFile(join(folder, "d", "project.duckdb"), "this is no database at all ".repeat(400));
        return join(folder, "d");
      },
      "PROJECT_DAMAGED",
    ],
    [
      "comes from a newer version",
      async (folder: string) => {
        const project = await Project.create({ folder: join(folder, "n") });
        await project.store.run("INSERT INTO schema_version VALUES (999)");
        await project.close();
        return join(folder, "n");
      },
      "PROJECT_TOO_NEW",
    ],
  ])("that %s is refused with what to do", async (_, make, code) => {
    const folder = await make(await temporaryFolder());
    await expect(Project.open(folder)).rejects.toMatchObject({
      code,
      nextStep: expect.stringMatching(/\w+/),
    });
  });

  it("that is not empty does not become a project", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "thesis.txt"), "mine");
    await expect(Project.create({ folder })).rejects.toMatchObject({ code: "FOLDER_NOT_EMPTY" });
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
  });

  it("opens again with everything in it", async () => {
    const folder = await temporaryFolder();
    const first = await Project.create({
      folder: join(folder, "p"),
      name: "Autumn",
      sourcePriority: ["csv", "mailchimp"],
    });
    await first.close();
    const again = await Project.open(join(folder, "p"));
    expect(await again.info()).toMatchObject({
      name: "Autumn",
      sourcePriority: ["csv", "mailchimp", "iterable", "klaviyo"],
    });
    await again.close();
  });
});
