import { Option } from "commander";
import { WorkspaceRoleSchema } from "../contract/project.ts";
import type { EngineClient } from "./session.ts";

export const endpoint = () =>
  new Option("--endpoint <url>", "a simulator on loopback instead of Customer.io");
export const workspace = () =>
  new Option("--workspace <role>", "which workspace the keys belong to")
    .choices(WorkspaceRoleSchema.options)
    .default("production");

export interface Destination {
  endpoint?: string;
  workspace: "staging" | "production";
}

/** Connects where the project has no workspace yet, or where the operator names another endpoint of it. */
export async function connect(
  client: EngineClient,
  { endpoint, workspace: role }: Destination,
): Promise<void> {
  const project = await client.project.current();
  if (project?.workspace && endpoint === undefined) return;
  const found = await client.workspace.connect({ role, ...(endpoint !== undefined && { endpoint }) });
  process.stderr.write(
    `Workspace: ${found.name} (${found.id}), ${found.region.toUpperCase()}, ${found.role}\n`,
  );
}
