import type { Workspace, WorkspaceRole } from "../../contract/project.ts";
import type { Store } from "../store/store.ts";

/** The workspaces that the project is connected to: none, one or both roles, staging first. */
export async function storedWorkspaces(store: Store): Promise<Workspace[]> {
  const rows = await store.rows<{ id: number; connected_at: string }>(
    `SELECT role, workspace_id AS id, name, region, endpoint, connected_at FROM workspace ORDER BY role DESC`,
  );
  return rows.map(
    ({ connected_at, ...workspace }) => ({ ...workspace, connectedAt: connected_at }) as unknown as Workspace,
  );
}

/**
 * The workspace that every call works on: the one last chosen, else the only one, else production.
 * Null before the first connection.
 */
export async function activeWorkspace(store: Store): Promise<Workspace | null> {
  const workspaces = await storedWorkspaces(store);
  const chosen = (await store.setting("active_role")) as WorkspaceRole | undefined;
  return workspaces.find(({ role }) => role === chosen) ?? workspaces.at(-1) ?? null;
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
  await store.changeSetting("active_role", role);
}
