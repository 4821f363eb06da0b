import { join } from "node:path";
import { createRouterClient } from "@orpc/server";
import { onTestFinished } from "vitest";
import type { CustomerIoKeys } from "../../contract/host-contract.ts";
import type { WorkspaceRole } from "../../contract/project.ts";
import { createEngine } from "../../engine/engine.ts";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import {
  type CustomerIoSimulator,
  type CustomerIoSimulatorOptions,
  startCustomerIoSimulator,
} from "../../simulators/customerio/simulator.ts";

const keysOf = (name: string): CustomerIoKeys => ({
  siteId: `${name}-site`,
  trackApiKey: `${name}-track`,
  appApiKey: `${name}-app`,
});

export const stagingKeys = keysOf("staging");
export const productionKeys = keysOf("production");

/** Two simulated workspaces with keys of their own; gone when the test ends. */
export async function startBoth(options: Partial<Record<WorkspaceRole, CustomerIoSimulatorOptions>> = {}) {
  const start = async (more: CustomerIoSimulatorOptions) => {
    const simulator = await startCustomerIoSimulator({
      appRequestsPerSecond: 100_000,
      broadcastIntervalMs: 0,
      writeDelayMs: 0,
      ...more,
    });
    onTestFinished(() => simulator.close());
    return simulator;
  };
  return {
    staging: await start({
      keys: stagingKeys,
      workspaceId: 7001,
      workspaceName: "Acme Staging",
      ...options.staging,
    }),
    production: await start({
      keys: productionKeys,
      workspaceId: 7002,
      workspaceName: "Acme Mail",
      ...options.production,
    }),
  };
}

/** An engine over a project of its own, whose host holds these keys; the keys can be changed while it runs. */
export async function startEngine(keys: Partial<Record<WorkspaceRole, CustomerIoKeys>>) {
  const folder = join(await temporaryFolder(), "project");
  const engine = createEngine({
    name: "command line",
    credentials: async (role) => keys[role] ?? null,
    sourceKey: async () => null,
    practiceAppRequestsPerSecond: 100_000,
  });
  onTestFinished(() => engine.close());
  const client = createRouterClient(engine.router);
  await client.project.create({ folder });
  return { client, folder, keys };
}

export type EngineClient = Awaited<ReturnType<typeof startEngine>>["client"];

/** What a call fails with. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ kind: string; code: string; nextStep: string }> {
  try {
    await call;
  } catch (error) {
    return (error as { data: { kind: string; code: string; nextStep: string } }).data;
  }
  throw new Error("It did not fail.");
}

/** Connects both roles, production last and active. */
export async function connectBoth(
  client: EngineClient,
  { staging, production }: Record<WorkspaceRole, CustomerIoSimulator>,
): Promise<void> {
  await client.workspace.connect({ role: "staging", endpoint: staging.url });
  await client.workspace.connect({ role: "production", endpoint: production.url });
}
