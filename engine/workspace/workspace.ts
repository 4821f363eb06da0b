import { badInput } from "../../contract/failure.ts";
import type { CustomerIoKeys } from "../../contract/host-contract.ts";
import type { Workspace, WorkspaceRole } from "../../contract/project.ts";
import { type CustomerIoClient, createCustomerIoClient } from "../../customerio/client.ts";
import { isoTime, now } from "../clock.ts";
import type { Project } from "../project/project.ts";

/** What the engine needs from whoever hosts it: the window's shell or the command line. */
export interface EngineHost {
  /** `window` or `command line`; it signs decisions. */
  name: string;
  /** The keys that the host holds for a workspace, or null. */
  credentials(role: WorkspaceRole): Promise<CustomerIoKeys | null>;
  /** Calls a second that a simulator's App API allows; the vendor's own limit of 10 holds everywhere else. */
  practiceAppRequestsPerSecond?: number | undefined;
}

/**
 * Checks the keys and binds the project to the workspace they belong to.
 * A project stays with its workspace: another one is refused, so that a certificate never speaks of the wrong place.
 */
export async function connectWorkspace(
  project: Project,
  host: EngineHost,
  role: WorkspaceRole,
  endpoint: string | undefined,
  signal: AbortSignal,
): Promise<Workspace> {
  const client = await createClient(host, role, endpoint ?? null, signal);
  const found = await client.workspace();
  const bound = await project.workspace();
  if (bound && (bound.id !== found.id || bound.role !== role)) {
    throw badInput(
      "WORKSPACE_OTHER",
      `This project belongs to the ${bound.role} workspace ${bound.name} (${bound.id}); these keys are for ${found.name} (${found.id}), given as ${role}.`,
      "Use the keys of that workspace, or make another project for this one.",
    );
  }
  const workspace: Workspace = { role, ...found, endpoint: endpoint ?? null, connectedAt: isoTime(now()) };
  await project.store.changeSetting("workspace", workspace);
  await project.journal.append("workspace_connected", { workspace: found.id, region: found.region, role });
  return workspace;
}

/**
 * A client of the project's workspace.
 * @throws Failure `bad_input` where none is connected or its keys are not at hand
 */
export async function workspaceClient(
  project: Project,
  host: EngineHost,
  signal: AbortSignal,
): Promise<CustomerIoClient> {
  const workspace = await project.workspace();
  if (!workspace) {
    throw badInput(
      "NO_WORKSPACE",
      "No Customer.io workspace is connected yet.",
      "Connect it with its Site ID, Track API key and App API key.",
    );
  }
  return createClient(host, workspace.role, workspace.endpoint, signal);
}

async function createClient(
  host: EngineHost,
  role: WorkspaceRole,
  endpoint: string | null,
  signal: AbortSignal,
): Promise<CustomerIoClient> {
  const credentials = await host.credentials(role);
  if (!credentials) {
    throw badInput(
      "NO_KEYS",
      `The keys of the ${role} workspace are not at hand.`,
      "In the window enter them under Workspace; for the command line set CUSTOMER_IO_SITE_ID, CUSTOMER_IO_API_KEY and CUSTOMER_IO_APP_API_KEY.",
    );
  }
  return createCustomerIoClient({
    credentials,
    signal,
    ...(endpoint !== null && { endpoint }),
    ...(endpoint !== null &&
      host.practiceAppRequestsPerSecond !== undefined && {
        appRequestsPerSecond: host.practiceAppRequestsPerSecond,
      }),
  });
}
