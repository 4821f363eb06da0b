import { once } from "node:events";
import { call } from "@orpc/server";
import { beforeAll, expect, it } from "vitest";
import { gateState } from "../../engine/gate/gate.ts";
import { Project } from "../../engine/project/project.ts";
import { syncRuns } from "../../engine/sync/sync-runs.ts";
import { abandon } from "../../engine/testing/abandon.ts";
import { temporaryProject } from "../../engine/testing/temporary-project.ts";
import type { PracticeVendors } from "../../simulators/practice-vendors.ts";
import { buildChildProgram } from "../child-program.ts";
import { migrated } from "./migrated.ts";
import { pulling, tools } from "./pulled-project.ts";

/** Syncs one project and kills itself at the `killAt`-th of the steps that it tells or writes into the journal. */
const childSource = `
  import { Project } from "./engine/project/project.ts";
  import { sync } from "./engine/sync/sync.ts";
  const { folder, keys, sourceKeys, killAt } = JSON.parse(process.argv[2]);
  let steps = 0;
  const step = () => {
    steps += 1;
    if (steps === killAt) process.kill(process.pid, "SIGKILL");
  };
  const project = await Project.open(folder);
  const append = project.journal.append.bind(project.journal);
  project.journal.append = async (...entry) => {
    step();
    await append(...entry);
    step();
  };
  const progress = { start: step, async report() {}, signal: new AbortController().signal };
  const host = {
    name: "test",
    credentials: async () => keys,
    sourceKey: async (source) => sourceKeys[source],
    practiceAppRequestsPerSecond: 200,
    practiceMinuteMs: 500,
  };
  await sync(project, host, {}, progress);
  await project.close();
`;

let child: Awaited<ReturnType<typeof buildChildProgram>>;
beforeAll(async () => {
  child = await buildChildProgram("sync-child", childSource);
});

/** Every n-th of the steps of a sync is tried, which are about ninety. */
const stride = 13;

it("killed at any step, a sync leaves the gate shut, and the next one that comes to its end has carried everybody over", async () => {
  const { router, engine, vendors } = await migrated(40);
  const { folder } = (await call(router.project.current, undefined))!;
  await engine.close();
  const { customerio, mailchimp, klaviyo, iterable } = vendors;
  const given = {
    folder,
    keys: customerio.keys,
    sourceKeys: { mailchimp: mailchimp.key, klaviyo: klaviyo.key, iterable: iterable.key },
  };
  let kills = 0;
  for (let killAt = 1; ; killAt += stride) {
    vendors.timePasses();
    const [code, signal] = await once(child.start({ ...given, killAt }), "exit");
    const project = await Project.open(folder);
    try {
      const { open, blockers } = await gateState(project);
      const [run] = await syncRuns(project.store);
      if (signal === null) {
        expect({ code, blockers }).toEqual({ code: 0, blockers: [] });
        // Whoever opted in again meanwhile stays suppressed until somebody decides.
        const carried = new Set(await suppressedAddresses(project));
        const known = await suppressedAccordingTo(vendors);
        expect(known.filter((email) => !carried.has(email))).toEqual([]);
        break;
      }
      kills += 1;
      // It may have come to its end in every respect but its report.
      expect({ killAt, open }).toEqual({ killAt, open: run!.gateOpen === true });
      if (!open) expect(blockers.map(({ code }) => code)).toContain("SYNC_UNFINISHED");
    } finally {
      await abandon(project);
    }
  }
  expect(kills).toBeGreaterThan(5);
});

/** What a project knows that asks everybody for the first time. */
async function suppressedAccordingTo(vendors: PracticeVendors): Promise<string[]> {
  const fresh = await temporaryProject();
  const pulled = pulling(fresh.project, vendors);
  for (const source of tools) await pulled.pull(source);
  await fresh.merge();
  return suppressedAddresses(fresh.project);
}

async function suppressedAddresses({ store }: Project): Promise<string[]> {
  const rows = await store.rows<{ email_key: string }>(
    "SELECT email_key FROM suppression JOIN address USING (address_id) ORDER BY email_key",
  );
  return rows.map(({ email_key }) => email_key);
}
