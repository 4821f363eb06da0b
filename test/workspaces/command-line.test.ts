import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Rehearsal, UndoReport } from "../../contract/workspaces.ts";
import { Project } from "../../engine/project/project.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { saveWorkspace } from "../../engine/workspace/stored-workspaces.ts";
import type { CustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { buildCommandLine, sendgate } from "../cli/command-line.ts";
import { startBoth } from "./two-workspaces.ts";

beforeAll(buildCommandLine);

const envOf = ({ keys }: CustomerIoSimulator) => ({
  CUSTOMER_IO_SITE_ID: keys.siteId,
  CUSTOMER_IO_API_KEY: keys.trackApiKey,
  CUSTOMER_IO_APP_API_KEY: keys.appApiKey,
});

/** A project with two opt-outs and a bounce, merged and planned. */
async function plannedProject(): Promise<string> {
  const folder = await temporaryFolder();
  const dir = join(folder, "project");
  const file = join(folder, "out.csv");
  const bounced = join(folder, "bounced.csv");
  await writeFile(file, "user_id,email\n1,one@x.com\n2,two@x.com\n");
  await writeFile(bounced, "email\nthree@x.com\n");
  await sendgate(["new", dir]);
  await sendgate(["import", dir, "--source", "csv", "--means", "unsubscribed", "--file", file]);
  await sendgate(["import", dir, "--source", "csv", "--means", "bounced", "--file", bounced]);
  await sendgate(["merge", dir]);
  expect((await sendgate(["plan", dir, "--json"])).code).toBe(0);
  return dir;
}

/** As after connecting to Customer.io itself, which no test can reach. */
async function bindToRealProduction(dir: string): Promise<void> {
  const project = await Project.open(dir);
  await saveWorkspace(project.store, {
    role: "production",
    id: 4711,
    name: "Acme Mail",
    region: "eu",
    endpoint: null,
    connectedAt: "2026-11-24T00:00:00Z",
  });
  await project.close();
}

describe("the command line with two workspaces", () => {
  test("rehearses in staging, locks production until its own proof, and refuses staging's keys for production", async () => {
    const { staging, production } = await startBoth();
    const dir = await plannedProject();
    const toStaging = ["--workspace", "staging", "--endpoint", staging.url];
    expect((await sendgate(["upload", dir, "--suppressions", ...toStaging], envOf(staging))).code).toBe(0);
    expect((await sendgate(["verify", dir], envOf(staging))).code).toBe(0);
    expect((await sendgate(["gate", dir])).code).toBe(0);

    const shared = await sendgate(
      ["upload", dir, "--suppressions", "--workspace", "production", "--endpoint", production.url],
      envOf(staging),
    );
    expect(shared.code).toBe(2);
    expect(shared.err).toContain("never share keys");

    const toProduction = ["--workspace", "production", "--endpoint", production.url];
    await sendgate(["upload", dir, "--suppressions", ...toProduction, "--dry-run"], envOf(production));
    expect((await sendgate(["gate", dir])).code).toBe(3);
    expect((await sendgate(["gate", dir, "--workspace", "staging"])).code).toBe(0);
    const unnamed = await sendgate(["upload", dir, "--suppressions"], envOf(production));
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toContain('--confirm "Acme Mail"');
    expect(production.lists().entries("bounces")).toHaveLength(0);
    const named = ["--confirm", "Acme Mail"];
    expect((await sendgate(["upload", dir, "--suppressions", ...named], envOf(production))).code).toBe(0);
    expect((await sendgate(["verify", dir], envOf(production))).code).toBe(0);
    expect((await sendgate(["gate", dir])).code).toBe(0);

    const rehearsal = (await sendgate(["rehearsal", dir, "--json"])).json<Rehearsal>();
    expect(rehearsal).toMatchObject({ rehearsedIn: "staging", differences: [], warning: null });
    expect(rehearsal.stages.map(({ stage, runs }) => [stage, runs.length])).toEqual([
      ["practice", 0],
      ["staging", 1],
      ["production", 1],
    ]);
    expect((await sendgate(["rehearsal", dir])).out).toContain("Rehearsed in staging.");
  });

  test("warns before production is written with a plan that was not rehearsed, and goes on", async () => {
    const { production } = await startBoth();
    const dir = await plannedProject();
    const upload = await sendgate(
      ["upload", dir, "--suppressions", "--endpoint", production.url],
      envOf(production),
    );
    expect(upload.err).toContain("not rehearsed");
    expect(upload.code).toBe(0);
  });

  test.each([
    [[], "This writes to the production workspace Acme Mail"],
    [["--confirm", "Acme Staging"], "is not the name of this project's production workspace"],
  ])("writes nothing to Customer.io's own production workspace with %j", async (more, message) => {
    const { production } = await startBoth();
    const dir = await plannedProject();
    await bindToRealProduction(dir);
    for (const command of [
      ["upload", dir, "--suppressions"],
      ["undo", dir, "--esp", "all", "--reason", "a mistake"],
    ]) {
      const refused = await sendgate([...command, ...more], envOf(production));
      expect(refused.code).toBe(2);
      expect(refused.err).toContain(message);
      expect(refused.err).toContain('--confirm "Acme Mail"');
      expect(refused.out).toBe("");
    }
  });

  test("takes list entries back with a reason, and locks", async () => {
    const { production } = await startBoth();
    const dir = await plannedProject();
    const env = envOf(production);
    await sendgate(["upload", dir, "--suppressions", "--endpoint", production.url], env);
    expect((await sendgate(["undo", dir, "--esp", "all"], env)).code).toBe(2);
    const kept = await sendgate(["undo", dir, "--esp", "three@x.com", "--reason", "why not", "--json"], env);
    expect(kept.code).toBe(1);
    expect(kept.json<UndoReport>()).toMatchObject({ takenBack: 0, kept: 1 });
    expect(production.lists().entries("bounces")).toHaveLength(1);
  });

  test("erases only by the phrase it asks for", async () => {
    const { production } = await startBoth();
    const dir = await plannedProject();
    const env = envOf(production);
    await sendgate(["upload", dir, "--suppressions", "--endpoint", production.url], env);
    const asked = await sendgate(["erase", dir, "--user-id", "1"], env);
    expect(asked.code).toBe(2);
    expect(asked.err).toContain('--confirm "erase 1 people in Acme Mail"');
    expect(production.personById("1")).not.toBeNull();
    const erased = await sendgate(
      ["erase", dir, "--user-id", "1", "--confirm", "erase 1 people in Acme Mail", "--json"],
      env,
    );
    expect(erased.code).toBe(0);
    expect(erased.json()).toMatchObject({ erased: 2, refused: [] });
    expect(production.personById("1")).toBeNull();
  });
});
