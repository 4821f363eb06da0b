import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Project } from "../../engine/project/project.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { saveWorkspace } from "../../engine/workspace/stored-workspaces.ts";
import {
  connectBoth,
  type EngineClient,
  failureOf,
  productionKeys,
  stagingKeys,
  startBoth,
  startEngine,
} from "./two-workspaces.ts";

const unsubscribed = "user_id,email\n1,one@x.com\n2,two@x.com\n";
const bounced = "user_id,email\n3,three@x.com\n";

async function planned(client: EngineClient, folder: string): Promise<void> {
  const files = { unsubscribed: join(folder, "..", "out.csv"), bounced: join(folder, "..", "bounced.csv") };
  await writeFile(files.unsubscribed, unsubscribed);
  await writeFile(files.bounced, bounced);
  await client.sources.importFiles({ source: "csv", files: [files.unsubscribed], means: "unsubscribed" });
  await client.sources.importFiles({ source: "csv", files: [files.bounced], means: "bounced" });
  await client.merge.run();
  await client.plan.make({});
}

describe("staging and production", () => {
  test.each([
    ["Site ID", { ...productionKeys, siteId: stagingKeys.siteId }],
    ["Track API key", { ...productionKeys, trackApiKey: stagingKeys.trackApiKey }],
    ["App API key", { ...productionKeys, appApiKey: stagingKeys.appApiKey }],
  ])("never share a key: the same %s is refused before anything is asked", async (_, shared) => {
    const both = await startBoth();
    const { client } = await startEngine({ staging: stagingKeys, production: shared });
    await client.workspace.connect({ role: "staging", endpoint: both.staging.url });
    const failure = await failureOf(
      client.workspace.connect({ role: "production", endpoint: both.production.url }),
    );
    expect(failure).toMatchObject({ kind: "bad_input", code: "SAME_KEYS" });
    expect(both.production.requestCount()).toBe(0);
    expect((await client.project.current())?.workspaces.map(({ role }) => role)).toEqual(["staging"]);
  });

  test("are never the same workspace, even by other keys of it", async () => {
    const both = await startBoth({ production: { workspaceId: 7001 } });
    const { client } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await client.workspace.connect({ role: "staging", endpoint: both.staging.url });
    const failure = await failureOf(
      client.workspace.connect({ role: "production", endpoint: both.production.url }),
    );
    expect(failure.code).toBe("SAME_KEYS");
  });

  test("keys that were changed for the other role's are refused at the next write, not only at connecting", async () => {
    const both = await startBoth();
    const { client, folder, keys } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    await planned(client, folder);
    keys.production = stagingKeys;
    expect((await failureOf(client.delivery.uploadSuppressions({ confirm: "Acme Mail" }))).code).toBe(
      "SAME_KEYS",
    );
    expect(both.staging.peopleCount() + both.production.peopleCount()).toBe(0);
  });

  test("leave no key in the project", async () => {
    const both = await startBoth();
    const { client, folder } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    await client.project.close();
    for (const file of ["project.duckdb", "journal.ndjson"]) {
      const content = await readFile(join(folder, file), "latin1");
      for (const key of Object.values({ ...stagingKeys })) expect(content).not.toContain(key);
    }
  });

  test("each keep to their workspace: another one of the same role is refused", async () => {
    const both = await startBoth();
    const other = await startBoth({ production: { workspaceId: 7003, workspaceName: "Elsewhere" } });
    const { client } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    const failure = await failureOf(
      client.workspace.connect({ role: "production", endpoint: other.production.url }),
    );
    expect(failure.code).toBe("WORKSPACE_OTHER");
  });

  test("what a simulator proves never stands for the real workspace, not even one of the same number", async () => {
    const both = await startBoth();
    const folder = await temporaryFolder();
    const project = await Project.create({ folder: join(folder, "bound") });
    await saveWorkspace(project.store, {
      role: "production",
      id: 7002,
      name: "Acme Mail",
      region: "us",
      endpoint: null,
      connectedAt: "2026-11-24T00:00:00Z",
    });
    await project.close();
    const { client } = await startEngine({ production: productionKeys });
    await client.project.open({ folder: join(folder, "bound") });
    const failure = await failureOf(
      client.workspace.connect({ role: "production", endpoint: both.production.url }),
    );
    expect(failure.code).toBe("WORKSPACE_OTHER");
  });

  test("staging's proof does not open production, and each writes only to its own workspace", async () => {
    const both = await startBoth();
    const { client, folder } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    await planned(client, folder);
    await client.workspace.use({ role: "staging" });
    await client.delivery.uploadSuppressions({});
    await client.delivery.verify();
    expect((await client.gate.state()).open).toBe(true);
    expect(both.production.peopleCount()).toBe(0);
    expect(both.production.lists().entries("bounces")).toEqual([]);

    await client.workspace.use({ role: "production" });
    const locked = await client.gate.state();
    expect(locked.blockers.map(({ code }) => code)).toEqual(["NOT_UPLOADED", "NOT_VERIFIED"]);
    expect((await failureOf(client.delivery.uploadProfiles({ confirm: "Acme Mail" }))).kind).toBe("locked");
    expect((await failureOf(client.delivery.send({ broadcastId: 1, confirm: "Acme Mail" }))).kind).toBe(
      "locked",
    );
    expect(await client.delivery.reports()).toEqual({
      suppressions: null,
      verify: null,
      profiles: null,
      verifyProfiles: null,
    });

    expect((await failureOf(client.delivery.uploadSuppressions({}))).code).toBe("NAME_PRODUCTION");
    expect(both.production.peopleCount()).toBe(0);
    await client.delivery.uploadSuppressions({ confirm: "Acme Mail" });
    await client.delivery.verify();
    const open = await client.gate.state();
    expect(open.certificate?.workspace).toMatchObject({ role: "production", id: 7002 });
    expect(both.production.peopleCount()).toBe(both.staging.peopleCount());
  });

  test("a task works on its workspace to the end: no turning to the other one meanwhile", async () => {
    const both = await startBoth();
    const { client, folder } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    await planned(client, folder);
    const uploading = client.delivery.uploadSuppressions({ confirm: "Acme Mail" });
    expect((await failureOf(client.workspace.use({ role: "staging" }))).code).toBe("BUSY");
    await uploading;
    expect(both.staging.peopleCount()).toBe(0);
  });
});

describe("a rehearsal", () => {
  test("tells what differed in production for the same plan", async () => {
    const both = await startBoth();
    const { client, folder } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    await planned(client, folder);
    expect((await client.workspace.rehearsal()).warning).toContain("not rehearsed");

    await client.workspace.use({ role: "staging" });
    await client.delivery.uploadSuppressions({});
    await client.delivery.verify();
    const rehearsed = await client.workspace.rehearsal();
    expect(rehearsed).toMatchObject({ rehearsedIn: "staging", warning: null, differences: [] });

    await client.workspace.use({ role: "production" });
    both.production.setFaults((request) =>
      request.method === "POST" && request.path.includes("/esp/")
        ? { status: 400, body: { errors: [{ detail: "no such address", status: "400" }] } }
        : undefined,
    );
    await client.delivery.uploadSuppressions({ confirm: "Acme Mail" });
    const { differences, stages, planHash } = await client.workspace.rehearsal();
    expect(differences).toContainEqual({
      what: "Suppressions delivered",
      rehearsed: "3",
      production: "2",
    });
    expect(differences).toContainEqual({ what: "Suppressions refused", rehearsed: "0", production: "1" });
    expect(differences).toContainEqual({
      what: "Missing when read back",
      rehearsed: "0",
      production: "not done yet",
    });
    expect(differences.at(-1)).toMatchObject({
      what: expect.stringContaining("no such address"),
      rehearsed: "0",
      production: "1",
    });
    const runs = Object.fromEntries(stages.map(({ stage, runs }) => [stage, runs]));
    expect(runs.practice).toEqual([]);
    expect(runs.staging).toMatchObject([
      { planHash, workspaceId: 7001, readBack: { missing: 0 }, suppressions: { failed: 0 } },
    ]);
    expect(runs.production).toMatchObject([{ planHash, workspaceId: 7002, readBack: null }]);
  });

  test("of another plan does not count", async () => {
    const both = await startBoth();
    const { client, folder } = await startEngine({ staging: stagingKeys, production: productionKeys });
    await connectBoth(client, both);
    await planned(client, folder);
    await client.workspace.use({ role: "staging" });
    await client.delivery.uploadSuppressions({});
    await client.delivery.verify();
    const more = join(folder, "..", "more.csv");
    await writeFile(more, "user_id,email\n9,nine@x.com\n");
    await client.sources.importFiles({ source: "csv", files: [more], means: "unsubscribed" });
    await client.merge.run();
    await client.plan.make({});
    const { rehearsedIn, warning, stages } = await client.workspace.rehearsal();
    expect(rehearsedIn).toBeNull();
    expect(warning).toContain("Acme Mail");
    expect(stages.find(({ stage }) => stage === "staging")?.runs).toHaveLength(1);
  });
});
