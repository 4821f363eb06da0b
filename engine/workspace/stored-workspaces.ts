import type { Workspace, WorkspaceRole } from "../../contract/project.ts";
import type { Store } from "../store/store.ts";

const activeRole = "active_role";

/** The workspaces that the project is connected to: none, one or both roles, staging first. */
export async function storedWorkspaces(store: Store): Promise<Workspace[]> {
  return (await rolesOf(store)).map(({ workspace }) => workspace);
}

/**
 * The workspace that every call works on: the one last chosen, else the only one, else production.
 * Null before the first connection.
 */
export async function activeWorkspace(store: Store): Promise<Workspace | null> {
  const roles = await rolesOf(store);
  return (roles.find(({ chosen }) => chosen) ?? roles.at(-1))?.workspace ?? null;
}

/** In one statement, since nearly every call begins by asking for its workspace. */
async function rolesOf(store: Store): Promise<{ workspace: Workspace; chosen: boolean }[]> {
  const rows = await store.rows<{ chosen: boolean; connected_at: string }>(
    `SELECT
       role, workspace_id AS id, name, region, endpoint, connected_at,
       role IS NOT DISTINCT FROM (SELECT value->>'$' FROM setting WHERE name = '${activeRole}') AS chosen
     FROM workspace ORDER BY role DESC`,
  );
  return rows.map(({ chosen, connected_at, ...workspace }) => ({
    workspace: { ...workspace, connectedAt: connected_at } as unknown as Workspace,
    chosen,
  }));
}

/** Keeps the workspace for its role and makes it the active one. */
export async function saveWorkspace(store: Store, workspace: Workspace): Promise<void> {
  const { role, id, name, region, endpoint, connectedAt } = workspace;
  await store.run(
    "INSERT OR REPLACE INTO workspace VALUES ($role, $id, $name, $region, $endpoint, $connectedAt)",
    { role, id, name, region, endpoint, connectedAt },
  );
  await chooseRole(store, role);
}

export async function chooseRole(store: Store, role: WorkspaceRole): Promise<void> {
  await store.changeSetting(activeRole, role);
}
