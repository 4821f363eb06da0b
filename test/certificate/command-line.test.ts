import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CertificateCheck } from "../../contract/certificate.ts";
import type { Gate } from "../../contract/delivery.ts";
import { type CustomerIoSimulator, startCustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { buildCommandLine, sendgate } from "../cli/command-line.ts";

let folder: string;
let dir: string;
let simulator: CustomerIoSimulator;
let env: Record<string, string>;
const certificate = () => join(folder, "certificate.json");

beforeAll(async () => {
  await buildCommandLine();
  folder = await mkdtemp(join(tmpdir(), "sendgate-certificate-"));
  dir = join(folder, "project");
  simulator = await startCustomerIoSimulator({ appRequestsPerSecond: 1000, writeDelayMs: 0 });
  const { siteId, trackApiKey, appApiKey } = simulator.keys;
  env = {
    CUSTOMER_IO_SITE_ID: siteId,
    CUSTOMER_IO_API_KEY: trackApiKey,
    CUSTOMER_IO_APP_API_KEY: appApiKey,
  };
  await writeFile(join(folder, "people.csv"), "user_id,email\n1,one@x.com\n2,two@x.com\n");
  const staging = ["--workspace", "staging", "--endpoint", simulator.url];
  await sendgate(["new", dir]);
  await sendgate([
    "import",
    dir,
    "--source",
    "csv",
    "--means",
    "unsubscribed",
    "--file",
    join(folder, "people.csv"),
  ]);
  await sendgate(["merge", dir]);
  await sendgate(["plan", dir]);
  expect(await sendgate(["upload", dir, "--suppressions", ...staging], env)).toMatchObject({ code: 0 });
  expect(await sendgate(["verify", dir, ...staging], env)).toMatchObject({ code: 0 });
}, 240_000);
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

test("the certificate of an open gate is written, and checked with nothing else than the file", async () => {
  const gate = await sendgate(["gate", dir, "--json"]);
  expect(gate.code).toBe(0);
  expect(gate.json<Gate>().certificate).toMatchObject({ suppressedAddresses: 2, suppressedPersons: 2 });

  expect(await sendgate(["gate", dir, "--out", certificate()])).toMatchObject({ code: 0 });
  const checked = await sendgate(["gate", "--certificate", certificate(), "--json"]);
  expect(checked.code).toBe(0);
  expect(checked.json<CertificateCheck>()).toEqual({
    authentic: true,
    valid: true,
    trouble: null,
    certificate: gate.json<Gate>().certificate,
  });
  const words = await sendgate(["gate", dir, "--certificate", certificate()]);
  expect(words.code).toBe(0);
  expect(words.out).toContain(
    "csv unsubscribed_all addresses: exported 2, planned 2, uploaded 2, read back 2",
  );
}, 120_000);

test("one that was changed is refused with exit code 3, and so is another project's", async () => {
  const changed = join(folder, "changed.json");
  const text = await readFile(certificate(), "utf8");
  await writeFile(changed, text.replace('"suppressedAddresses":2', '"suppressedAddresses":3'));
  const refused = await sendgate(["gate", "--certificate", changed]);
  expect(refused.code).toBe(3);
  expect(refused.out).toContain("changed");

  const other = join(folder, "other");
  await sendgate(["new", other]);
  const foreign = await sendgate(["gate", other, "--certificate", certificate(), "--json"]);
  expect(foreign.code).toBe(3);
  expect(foreign.json<CertificateCheck>()).toMatchObject({ authentic: false, certificate: null });
  expect(await sendgate(["gate", other, "--out", certificate()])).toMatchObject({ code: 3 });
}, 120_000);

test("the key that signs it is its owner's alone", async () => {
  const { mode } = await stat(join(dir, "certificate-key.pem"));
  expect(mode & 0o777).toBe(0o600);
  expect(await readFile(certificate(), "utf8")).not.toContain("PRIVATE");
});

test("a command that says neither project nor certificate is bad usage", async () => {
  expect((await sendgate(["gate"])).code).toBe(2);
  expect((await sendgate(["gate", "--certificate", join(folder, "nowhere.json")])).code).toBe(2);
}, 60_000);
