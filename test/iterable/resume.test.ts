import { afterEach, describe, expect, test } from "vitest";
import type { ApiStream, Checkpoint } from "../../importers/api-importer.ts";
import type { IterableSimulator, IterableSimulatorOptions } from "../../simulators/iterable/simulator.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { Landing, readStream } from "../importers/landing.ts";
import { connect, startFastSimulator } from "./pull.ts";

const running: IterableSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((simulator) => simulator.close())));

async function start(options: IterableSimulatorOptions = {}): Promise<IterableSimulator> {
  const people = createWorld({ people: 60, seed: 4 });
  const simulator = await startFastSimulator({
    people,
    rowsPerFile: 5,
    filesPerPage: 2,
    pollsWhileRunning: 1,
    ...options,
  });
  running.push(simulator);
  return simulator;
}

/** Reads some pages, as a process does that is killed then; what they brought is durable. */
async function readSome(
  simulator: IterableSimulator,
  stream: ApiStream,
  pages: number,
  store: Landing,
): Promise<Checkpoint> {
  let checkpoint: Checkpoint = null;
  let read = 0;
  for await (const page of connect(simulator).read(stream, null)) {
    store.take(page);
    checkpoint = page.checkpoint;
    read += 1;
    if (read === pages) break;
  }
  return checkpoint;
}

async function readAll(simulator: IterableSimulator, stream: ApiStream, from: Checkpoint, store: Landing) {
  for (const page of await readStream(connect(simulator), stream, from)) store.take(page);
}

async function streamOf(
  simulator: IterableSimulator,
  id: string,
  since: Checkpoint = null,
): Promise<ApiStream> {
  return (await connect(simulator).plan(since)).streams.find((stream) => stream.id === id)!;
}

describe("killed after any page, an export goes on from there", () => {
  test.each([
    ["users", false],
    ["users", true],
    ["events/emailUnSubscribe", false],
  ])("in the full history of %s (rows that run on in the next file: %s)", async (id, rowsRunOn) => {
    const simulator = await start({ rowsPerFile: id === "users" ? 5 : 1, rowsRunOn });
    const stream = await streamOf(simulator, id);
    const whole = new Landing();
    const pages = await readStream(connect(simulator), stream);
    for (const page of pages) whole.take(page);
    expect(pages.length).toBeGreaterThan(4);
    for (let killed = 1; killed < pages.length; killed += 1) {
      const parts = new Landing();
      const from = await readSome(simulator, stream, killed, parts);
      const jobs = simulator.jobs.all().length;
      await readAll(simulator, stream, from, parts);
      expect(parts.contents()).toEqual(whole.contents());
      // It is the same job that goes on.
      expect(simulator.jobs.all()).toHaveLength(jobs);
    }
  });

  test("in a stream of changes, whose window is read again", async () => {
    const simulator = await start();
    const { mark } = await connect(simulator).plan(null);
    for (const { email } of [...simulator.project.users].slice(0, 9))
      if (email) simulator.events.edit(email, { story: "x".repeat(400_000) });
    const stream = await streamOf(simulator, "users", mark);
    const whole = new Landing();
    const pages = await readStream(connect(simulator), stream);
    for (const page of pages) whole.take(page);
    expect(whole.records.size).toBe(9);
    expect(pages.length).toBeGreaterThan(3);
    for (let killed = 1; killed < pages.length; killed += 1) {
      const parts = new Landing();
      await readAll(simulator, stream, await readSome(simulator, stream, killed, parts), parts);
      expect(parts.contents()).toEqual(whole.contents());
    }
  });

  test("files that were taken are not taken again", async () => {
    const simulator = await start();
    const stream = await streamOf(simulator, "users");
    const all = await readStream(connect(simulator), stream);
    const halfway = all[Math.floor(all.length / 2)]!;
    const rest = await readStream(connect(simulator), stream, halfway.checkpoint);
    const records = (pages: typeof all) => pages.reduce((sum, page) => sum + page.records.length, 0);
    expect(records(rest)).toBeLessThan(records(all) / 2 + 6);
  });
});

describe("a job", () => {
  test("that is gone is started again, and said so", async () => {
    const simulator = await start();
    const stream = await streamOf(simulator, "users");
    const whole = new Landing();
    await readAll(simulator, stream, null, whole);
    const parts = new Landing();
    const from = await readSome(simulator, stream, 4, parts);
    simulator.jobs.drop(simulator.jobs.all().at(-1)!.id);
    const rest = await readStream(connect(simulator), stream, from);
    for (const page of rest) parts.take(page);
    expect(parts.contents()).toEqual(whole.contents());
    expect(rest.map(({ note }) => note).join()).toContain("started again");
  });

  test("whose files were cleared away is started again, not taken for read", async () => {
    const simulator = await start();
    const stream = await streamOf(simulator, "users");
    const whole = new Landing();
    await readAll(simulator, stream, null, whole);
    const parts = new Landing();
    const from = await readSome(simulator, stream, 4, parts);
    simulator.jobs.all().at(-1)!.files = [];
    await readAll(simulator, stream, from, parts);
    expect(parts.contents()).toEqual(whole.contents());
  });

  test("that fails is started again", async () => {
    const simulator = await start({ failingJobs: [1, 2] });
    const store = new Landing();
    await readAll(simulator, await streamOf(simulator, "users"), null, store);
    expect(store.records.size).toBe(simulator.project.users.size);
  });

  test("that fails again and again is told", async () => {
    const simulator = await start({ failingJobs: [1, 2, 3] });
    await expect(readStream(connect(simulator), await streamOf(simulator, "users"))).rejects.toMatchObject({
      code: "ITERABLE_EXPORT_FAILED",
    });
  });

  test.each([
    ["last", -1],
    ["third", 2],
  ])("whose %s file is lost, so that a row ends nowhere, is started again", async (_, position) => {
    const simulator = await start({ rowsRunOn: true, filesPerPage: 100 });
    const stream = await streamOf(simulator, "users");
    await readAll(simulator, stream, null, new Landing());
    const jobId = simulator.jobs.all()[0]!.id;
    const listed = simulator
      .requests()
      .map(({ answer }) => (answer as { files?: unknown[] } | undefined)?.files ?? [])
      .find((files) => files.length === simulator.jobs.all()[0]!.files.length)!;
    const left = [...listed];
    left.splice(position, 1);
    simulator.setFaults(({ path, query }) => {
      if (!path.includes(String(jobId))) return undefined;
      const files = query.has("startAfter") ? [] : left;
      return { status: 200, body: { jobId, jobState: "completed", exportTruncated: false, files } };
    });
    const store = new Landing();
    await readAll(simulator, stream, { job: String(jobId), after: null, rest: "" }, store);
    expect(store.records.size).toBe(simulator.project.users.size);
    expect(store.rejections).toEqual([]);
    expect(simulator.jobs.all()).toHaveLength(2);
  });

  test("that was cut short is asked for anew by the next pull", async () => {
    const simulator = await start({ truncatedJobs: [1] });
    const stream = await streamOf(simulator, "users");
    const from = await readSome(simulator, stream, 1, new Landing());
    const store = new Landing();
    await readAll(simulator, stream, from, store);
    expect(store.records.size).toBe(simulator.project.users.size);
  });

  test("that was cut short is never taken for whole", async () => {
    const simulator = await start({ truncatedJobs: [1] });
    await expect(readStream(connect(simulator), await streamOf(simulator, "users"))).rejects.toMatchObject({
      code: "ITERABLE_EXPORT_TRUNCATED",
    });
  });
});

describe("links to files", () => {
  test("that run out on the way are asked for again", async () => {
    let now = Date.now();
    const simulator = await start({ now: () => now, filesPerPage: 100 });
    const store = new Landing();
    let files = 0;
    for await (const page of connect(simulator).read(await streamOf(simulator, "users"), null)) {
      store.take(page);
      files += page.records.length > 0 ? 1 : 0;
      if (files === 3 || files === 6) now += 31 * 60_000;
    }
    expect(store.records.size).toBe(simulator.project.users.size);
    const pages = simulator.requests().filter(({ query }) => query.startsWith("startAfter"));
    expect(pages.length).toBeGreaterThan(2);
  });

  test("that lead on to another place are followed, without the key", async () => {
    const simulator = await start({ linksRedirect: true });
    const store = new Landing();
    await readAll(simulator, await streamOf(simulator, "users"), null, store);
    expect(store.records.size).toBe(simulator.project.users.size);
    expect(simulator.keysAtFileHost()).toBe(0);
  });

  test("that never work are told", async () => {
    const simulator = await start({ linkLifeMs: -1 });
    await expect(readStream(connect(simulator), await streamOf(simulator, "users"))).rejects.toMatchObject({
      code: "ITERABLE_FILES_STUCK",
    });
  });

  test("downloads that break off are done again, and never get the key", async () => {
    const simulator = await start();
    simulator.cutDownloads(4);
    const store = new Landing();
    await readAll(simulator, await streamOf(simulator, "users"), null, store);
    expect(store.records.size).toBe(simulator.project.users.size);
    expect(store.rejections).toEqual([]);
    expect(simulator.keysAtFileHost()).toBe(0);
  });

  test.each([
    "http://files.example/f.json",
    "https://files.example/f.json",
    "file:///etc/passwd",
    "nonsense",
  ])("in practice a link to %s is not followed", async (url) => {
    const simulator = await start();
    const stream = await streamOf(simulator, "users");
    simulator.setFaults(({ path }) =>
      path.endsWith("/files")
        ? {
            status: 200,
            body: {
              jobId: 1,
              jobState: "completed",
              exportTruncated: false,
              files: [{ file: "f.json", url }],
            },
          }
        : undefined,
    );
    await expect(readStream(connect(simulator), stream)).rejects.toMatchObject({
      code: "ITERABLE_UNEXPECTED",
      message: expect.stringContaining("not followed"),
    });
  });

  test("a page of files that comes again and again is told", async () => {
    const simulator = await start();
    const stream = await streamOf(simulator, "users");
    let page: unknown;
    simulator.setFaults(({ path, query }) => {
      if (!path.endsWith("/files") || !query.has("startAfter")) return undefined;
      page ??= simulator
        .requests()
        .findLast(({ answer }) => JSON.stringify(answer ?? "").includes("file-"))!.answer;
      return { status: 200, body: page };
    });
    await expect(readStream(connect(simulator), stream)).rejects.toMatchObject({
      code: "ITERABLE_FILES_STUCK",
    });
  });
});
