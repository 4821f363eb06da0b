import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { type CustomerIoSimulator, startCustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { writePracticeExports } from "../../simulators/exports/practice-exports.ts";
import { buildCommandLine, sendgate } from "./command-line.ts";

/** Commands that are refused change nothing, so that one project serves them all. */
let unharmed: { dir: string; folder: string };
beforeAll(async () => {
  await buildCommandLine();
  unharmed = await smallProject(await mkdtemp(join(tmpdir(), "sendgate-cli-")));
});
afterAll(() => rm(unharmed.folder, { recursive: true, force: true }));

async function simulator(): Promise<CustomerIoSimulator> {
  const running = await startCustomerIoSimulator({ appRequestsPerSecond: 1000, broadcastIntervalMs: 0 });
  onTestFinished(() => running.close());
  return running;
}

const keysOf = ({ keys }: CustomerIoSimulator) => ({
  CUSTOMER_IO_SITE_ID: keys.siteId,
  CUSTOMER_IO_API_KEY: keys.trackApiKey,
  CUSTOMER_IO_APP_API_KEY: keys.appApiKey,
});

/** A project with one list of opt-outs in it, merged and planned. */
async function smallProject(folder: string, rows = "1,a@x.com\n2,b@x.com\n,lead@x.com\n") {
  const dir = join(folder, "project");
  await writeFile(join(folder, "optouts.csv"), `user_id,email\n${rows}`);
  await sendgate(["new", dir]);
  await sendgate([
    "import",
    dir,
    "--source",
    "csv",
    "--means",
    "unsubscribed",
    "--file",
    join(folder, "optouts.csv"),
  ]);
  await sendgate(["merge", dir]);
  await sendgate(["plan", dir]);
  return { folder, dir };
}

describe("the command line", () => {
  it("takes real export files from import to an open gate, and sends only then", async () => {
    const destination = await simulator();
    const env = keysOf(destination);
    const folder = await temporaryFolder();
    const dir = join(folder, "project");
    const endpoint = ["--endpoint", destination.url];
    expect((await sendgate(["new", dir, "--name", "Autumn"])).code).toBe(0);

    for (const { source, files, means } of await writePracticeExports(join(folder, "in"), {
      people: 200,
      seed: 5,
    })) {
      const ended = await sendgate([
        "import",
        dir,
        "--source",
        source,
        ...files.flatMap((file) => ["--file", file]),
        ...(means ? ["--means", means] : []),
        "--json",
      ]);
      expect(ended.code).toBe(0);
      const report = ended.json<{ total: { rows: number; imported: number; rejected: number } }>();
      expect(report.total.imported + report.total.rejected).toBe(report.total.rows);
    }
    const merged = (await sendgate(["merge", dir, "--json"])).json<Record<string, number>>();
    expect(merged.suppressed_addresses).toBeGreaterThan(0);

    const early = await sendgate(["send", dir, "--broadcast", "1", ...endpoint], env);
    expect(early).toMatchObject({ code: 3, out: "" });
    expect((await sendgate(["upload", dir, "--profiles", ...endpoint], env)).code).toBe(3);
    expect((await sendgate(["gate", dir, "--json"])).json()).toMatchObject({ open: false });
    expect(destination.triggers()).toEqual([]);

    expect((await sendgate(["rejects", dir, "--accept", "all", "--reason", "looked at"])).code).toBe(0);
    const plan = await sendgate(["plan", dir, "--json"]);
    expect(plan.json()).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), current: true });
    expect(destination.peopleCount()).toBe(0);

    expect((await sendgate(["upload", dir, "--suppressions", "--dry-run", ...endpoint], env)).code).toBe(0);
    expect(destination.peopleCount()).toBe(0);
    const upload = await sendgate(["upload", dir, "--suppressions", "--json"], env);
    expect(upload.json()).toMatchObject({ failed: 0 });
    const verified = await sendgate(["verify", dir, "--json"], env);
    expect(verified.json()).toMatchObject({ missing: 0 });
    const gate = await sendgate(["gate", dir, "--json"]);
    expect(gate.code).toBe(0);
    expect(gate.json()).toMatchObject({
      open: true,
      blockers: [],
      certificate: { workspace: { id: 140_001 } },
    });

    expect((await sendgate(["upload", dir, "--profiles", "--json"], env)).json()).toMatchObject({
      failed: 0,
    });
    destination.settle();
    expect((await sendgate(["send", dir, "--broadcast", "1"], env)).code).toBe(0);

    await sendgate(["suppressions", dir, "--out", join(folder, "suppressions.csv")]);
    const suppressed = new Set(
      (await readFile(join(folder, "suppressions.csv"), "utf8"))
        .split("\r\n")
        .map((row) => row.split(",")[0]),
    );
    const reached = destination
      .deliveriesOf(destination.triggers()[0]!.id)
      .map(({ email }) => email.toLowerCase());
    expect(reached.length).toBeGreaterThan(50);
    expect(reached.filter((email) => suppressed.has(email))).toEqual([]);
  });

  it("prints one JSON object and nothing else on standard output", async () => {
    const { dir } = await smallProject(await temporaryFolder());
    for (const command of [
      ["merge", dir],
      ["plan", dir],
      ["gate", dir],
    ]) {
      const { out } = await sendgate([...command, "--json"]);
      expect(out.trim().split("\n")).toHaveLength(1);
      expect(() => JSON.parse(out)).not.toThrow();
    }
  });

  it.each([
    [["import", "DIR", "--source", "outlook", "--file", "x"], /outlook/],
    [["import", "DIR", "--source", "csv", "--file", "FOLDER/optouts.csv"], /--means/],
    [["import", "DIR", "--source", "klaviyo", "--file", "FOLDER/optouts.csv"], /user_id.*email|Klaviyo/s],
    [
      ["import", "DIR", "--source", "csv", "--means", "manual", "--file", "FOLDER/none.csv"],
      /none\.csv does not exist/,
    ],
    [["upload", "DIR"], /--suppressions or --profiles/],
    [["rejects", "DIR", "--accept", "all"], /--reason/],
    [["merge", "FOLDER/nowhere"], /no project/],
    [["frobnicate"], /unknown command/],
    [["sync", "DIR", "--every", "2"], /minutes from 5 to 1440/],
    [["verify", "DIR", "--endpoint", "http://192.168.1.1:80"], /this computer/],
  ])("answers %j with exit code 2 and what to do", async (args, message) => {
    const { dir, folder } = unharmed;
    const filled = args.map((word) => word.replace("DIR", dir).replace("FOLDER", folder));
    const env = { CUSTOMER_IO_SITE_ID: "s", CUSTOMER_IO_API_KEY: "k", CUSTOMER_IO_APP_API_KEY: "a" };
    const ended = await sendgate(filled, env);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toMatch(message);
    expect(ended.err).not.toMatch(/\n\s+at /);
  });

  it("refuses a project that another command has open", async () => {
    const { dir } = await smallProject(await temporaryFolder());
    const destination = await simulator();
    destination.setFaults(() => "hang");
    const slow = sendgate(["verify", dir, "--endpoint", destination.url], keysOf(destination));
    // It has the project open for sure once it asks Customer.io something.
    await expect.poll(() => destination.requestCount(), { timeout: 20_000 }).toBeGreaterThan(0);
    const other = await sendgate(["gate", dir]);
    expect(other).toMatchObject({ code: 2, err: expect.stringMatching(/open in another Sendgate/) });
    destination.setFaults(() => ({ status: 401 }));
    await destination.close();
    await slow;
  });

  it("says which key is wrong, and keeps it to itself", async () => {
    const { dir } = await smallProject(await temporaryFolder());
    const destination = await simulator();
    const env = { ...keysOf(destination), CUSTOMER_IO_APP_API_KEY: "secret-of-somebody-else" };
    const ended = await sendgate(["upload", dir, "--suppressions", "--endpoint", destination.url], env);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toMatch(/App API key/);
    expect(ended.err + (await readFile(join(dir, "journal.ndjson"), "utf8"))).not.toContain(
      "secret-of-somebody-else",
    );
    expect((await sendgate(["gate", dir])).code).toBe(3);
  });

  it("keeps the gate locked where Customer.io goes away in mid-run, and finishes later", async () => {
    const rows = Array.from({ length: 400 }, (_, n) => `u${n},p${n}@x.com`).join("\n");
    const { dir } = await smallProject(await temporaryFolder(), `${rows}\n`);
    const destination = await simulator();
    const env = keysOf(destination);
    let calls = 0;
    destination.setFaults(() => (++calls > 3 ? { status: 401 } : undefined));
    const broken = await sendgate(["upload", dir, "--suppressions", "--endpoint", destination.url], env);
    expect(broken.code).not.toBe(0);
    expect((await sendgate(["gate", dir])).code).toBe(3);
    destination.setFaults(undefined);
    expect((await sendgate(["upload", dir, "--suppressions"], env)).code).toBe(0);
    expect((await sendgate(["verify", dir], env)).code).toBe(0);
    expect((await sendgate(["gate", dir])).code).toBe(0);
  });

  it("writes no address and no key into the journal", async () => {
    const destination = await simulator();
    const { dir } = await smallProject(await temporaryFolder());
    const env = keysOf(destination);
    await sendgate(["upload", dir, "--suppressions", "--endpoint", destination.url], env);
    await sendgate(["verify", dir], env);
    const journal = await readFile(join(dir, "journal.ndjson"), "utf8");
    expect(journal).toContain("verify_ended");
    expect(journal).not.toMatch(/@x\.com/);
    for (const key of Object.values(env)) expect(journal).not.toContain(key);
  });
});
