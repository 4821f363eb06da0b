import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import type { Gate } from "../../contract/delivery.ts";
import type { Leaks } from "../../contract/leaks.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { startCustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { buildCommandLine, sendgate } from "../cli/command-line.ts";

beforeAll(buildCommandLine);

test("the command line finds a running campaign, takes the operator's word, sends and reports whom it reached", async () => {
  const simulator = await startCustomerIoSimulator({
    appRequestsPerSecond: 1_000,
    campaigns: [{ id: 5, name: "Welcome", state: "running", active: true }],
  });
  onTestFinished(() => simulator.close());
  const env = {
    CUSTOMER_IO_SITE_ID: simulator.keys.siteId,
    CUSTOMER_IO_API_KEY: simulator.keys.trackApiKey,
    CUSTOMER_IO_APP_API_KEY: simulator.keys.appApiKey,
  };
  const folder = await temporaryFolder();
  const dir = join(folder, "project");
  const file = join(folder, "optouts.csv");
  await writeFile(file, "user_id,email\n1,one@x.com\n");
  const run = (command: string, ...more: string[]) => sendgate([command, dir, ...more], env);
  await run("new");
  await run("import", "--source", "csv", "--means", "unsubscribed", "--file", file);
  await run("merge");
  await run("plan");
  await run("upload", "--suppressions", "--endpoint", simulator.url);
  expect((await run("verify")).code).toBe(0);

  const locked = await run("gate", "--json");
  expect(locked.code).toBe(3);
  expect(locked.json<Gate>().blockers).toMatchObject([{ code: "LEAK_CAMPAIGN" }]);
  expect((await run("send", "--broadcast", "1")).code).toBe(3);
  const found = await run("leaks");
  expect(found).toMatchObject({ code: 3, out: expect.stringContaining("campaign:5 “Welcome”") });

  expect((await run("leaks", "--accept", "campaign:5")).code).toBe(2);
  expect((await run("leaks", "--accept", "campaign:7", "--reason", "x")).code).toBe(2);
  expect((await run("leaks", "--accept", "campaign:5", "--reason", "receipts only")).code).toBe(0);
  expect((await run("gate")).code).toBe(0);

  expect((await run("send")).code).toBe(2);
  expect((await run("send", "--broadcast", "1", "--newsletter", "1")).code).toBe(2);
  expect((await run("send", "--newsletter", "1", "--dry-run", "--json")).json()).toMatchObject({
    newsletterId: 1,
    broadcastId: null,
    dryRun: true,
  });
  expect((await run("send", "--newsletter", "1", "--was-sent", "yes")).code).toBe(2);

  simulator.messaging.newsletters[0]!.sendToUnsubscribed = true;
  const sent = await run("send", "--newsletter", "1", "--json");
  expect(sent.json()).toMatchObject({ newsletterId: 1, deliveries: { compared: 1, reached: 1 } });
  expect(sent.code).toBe(1);
  const after = await run("leaks", "--json");
  expect(after.code).toBe(3);
  expect(after.json<Leaks>().sent).toMatchObject([{ id: "send:newsletter:1", reached: 1, open: 1 }]);
  expect((await run("leaks", "--accept", "send:newsletter:1", "--reason", "a test")).code).toBe(0);
  expect((await run("gate")).code).toBe(0);
}, 180_000);
