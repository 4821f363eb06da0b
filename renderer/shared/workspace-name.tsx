import type { Workspace } from "../../contract/project.ts";

/** A workspace as sentences name it, always with its role: `Acme Mail (production workspace)`. */
export function WorkspaceName({ workspace }: { workspace: Workspace }) {
  return (
    <>
      <strong>{workspace.name}</strong> (
      {workspace.endpoint ? "simulated workspace" : `${workspace.role} workspace`})
    </>
  );
}
