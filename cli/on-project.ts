import type { WorkspaceRole } from "../contract/project.ts";
import { useWorkspace } from "./destination.ts";
import { type EngineClient, withEngine } from "./session.ts";

/**
 * A command on one project: opens it, works, closes it.
 * @param workspace what the command works on, whatever was last used; see `useWorkspace`
 */
export function onProject<T>(
  folder: string,
  work: (client: EngineClient) => Promise<T>,
  workspace?: WorkspaceRole,
): Promise<T> {
  return withEngine(async (client) => {
    await client.project.open({ folder });
    await useWorkspace(client, workspace);
    return work(client);
  });
}
