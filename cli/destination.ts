import { Option } from "commander";
import { type WorkspaceRole, WorkspaceRoleSchema } from "../contract/project.ts";
import type { EngineClient } from "./session.ts";

export const endpoint = () =>
  new Option("--endpoint <url>", "a simulator on loopback instead of the vendor itself");
export const workspace = () =>
  new Option(
    "--workspace <role>",
    "which workspace to work on, and whose keys these are; without it the only connected one, else production",
  ).choices(WorkspaceRoleSchema.options);

export interface Destination {
  endpoint?: string;
  workspace?: WorkspaceRole;
}

/** Turns to the workspace of the role, or without one to the only connected one, else to production where it is connected. */
export async function useWorkspace(client: EngineClient, said: WorkspaceRole | undefined): Promise<void> {
  const { role, isConnected } = await roleMeant(client, said);
  if (said !== undefined || isConnected) await client.workspace.use({ role });
}

/** Connects where the role has no workspace yet, or where the operator names another endpoint of it. */
export async function connect(
  client: EngineClient,
  { endpoint, workspace: said }: Destination,
): Promise<void> {
  const { role, isConnected } = await roleMeant(client, said);
  if (isConnected && endpoint === undefined) {
    await client.workspace.use({ role });
    return;
  }
  const found = await client.workspace.connect({ role, ...(endpoint !== undefined && { endpoint }) });
  process.stderr.write(
    `Workspace: ${found.name} (${found.id}), ${found.region.toUpperCase()}, ${found.role}\n`,
  );
}

async function roleMeant(client: EngineClient, said: WorkspaceRole | undefined) {
  const workspaces = (await client.project.current())?.workspaces ?? [];
  const [only, ...others] = workspaces;
  const role = said ?? (only && others.length === 0 ? only.role : "production");
  return { role, isConnected: workspaces.some((workspace) => workspace.role === role) };
}
