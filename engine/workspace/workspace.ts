import { badInput, type Failure } from "../../contract/failure.ts";
import type { CustomerIoKeys } from "../../contract/host-contract.ts";
import type { Workspace, WorkspaceRole } from "../../contract/project.ts";
import type { SourceName } from "../../contract/source.ts";
import { type CustomerIoClient, createCustomerIoClient } from "../../customerio/client.ts";
import { isoTime, now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { requireProductionNamed } from "./name-production.ts";
import { refuseSharedKeys, rememberKeys, sameKeys } from "./separate-keys.ts";
import { chooseRole, saveWorkspace, storedWorkspaces } from "./stored-workspaces.ts";

/** What the engine needs from whoever hosts it: the window's shell or the command line. */
export interface EngineHost {
  /** `window` or `command line`; it signs decisions. */
  name: string;
  /** The keys that the host holds for a workspace, or null. */
  credentials(role: WorkspaceRole): Promise<CustomerIoKeys | null>;
  /** The API key that the host holds for a source, or null. */
  sourceKey(source: SourceName): Promise<string | null>;
  /** Calls a second that a simulator's App API allows; the vendor's own limit of 10 holds everywhere else. */
  practiceAppRequestsPerSecond?: number | undefined;
  /** Milliseconds of the minute that simulated sources count their limits by; real ones have real minutes. */
  practiceMinuteMs?: number | undefined;
}

/**
 * Checks the keys and connects the project to the workspace they belong to, as the one for `role`; it is the active
 * one from then on. A role stays with its workspace, so that a certificate never speaks of the wrong place: only a
 * simulator may be left for Customer.io itself, where nothing that was proven in the simulator counts.
 * @throws Failure `bad_input`: `SAME_KEYS` where a key or the workspace is the other role's, `WORKSPACE_OTHER` where
 * the role belongs to another workspace
 */
export async function connectWorkspace(
  project: Project,
  host: EngineHost,
  role: WorkspaceRole,
  endpoint: string | undefined,
  signal: AbortSignal,
): Promise<Workspace> {
  const { store } = project;
  const keys = await keysFor(store, host, role);
  const found = await createClient(host, keys, endpoint ?? null, signal).workspace();
  const workspace: Workspace = { role, ...found, endpoint: endpoint ?? null, connectedAt: isoTime(now()) };
  for (const bound of await storedWorkspaces(store)) {
    if (bound.role !== role && bound.id === found.id) {
      throw sameKeys(
        `The keys given for ${role} lead to ${found.name} (${found.id}), which is this project's ${bound.role} workspace.`,
        role,
      );
    }
    if (bound.role === role && !mayReplace(bound, workspace)) throw otherWorkspace(bound, workspace);
  }
  await saveWorkspace(store, workspace);
  await rememberKeys(store, role, keys);
  await project.journal.append("workspace_connected", { workspace: found.id, region: found.region, role });
  return workspace;
}

/**
 * Makes the workspace of that role the one that every call works on.
 * @throws Failure `bad_input` where none is connected
 */
export async function useWorkspace(project: Project, role: WorkspaceRole): Promise<Workspace> {
  const workspace = (await storedWorkspaces(project.store)).find((connected) => connected.role === role);
  if (!workspace) {
    throw badInput(
      "NO_WORKSPACE",
      `No ${role} workspace is connected.`,
      `Connect it with the keys of the ${role} workspace.`,
    );
  }
  await chooseRole(project.store, role);
  return workspace;
}

function mayReplace(bound: Workspace, next: Workspace): boolean {
  const movesOn = bound.endpoint !== null && next.endpoint === null;
  if (movesOn) return bound.id !== next.id;
  return bound.id === next.id && bound.region === next.region && isSimulated(bound) === isSimulated(next);
}

function isSimulated({ endpoint }: Workspace): boolean {
  return endpoint !== null;
}

function otherWorkspace(bound: Workspace, next: Workspace): Failure {
  const place = (workspace: Workspace) =>
    `${isSimulated(workspace) ? "the simulated workspace " : ""}${workspace.name} (${workspace.id}, ${workspace.region})`;
  return badInput(
    "WORKSPACE_OTHER",
    `This project's ${bound.role} workspace is ${place(bound)}; these keys lead to ${place(next)}.`,
    "Use the keys of that workspace, or make another project for this one.",
  );
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
  const keys = await keysFor(project.store, host, workspace.role);
  return createClient(host, keys, workspace.endpoint, signal);
}

/**
 * A client that is about to write to the project's workspace.
 * @throws Failure as `workspaceClient`; `NAME_PRODUCTION` where a production write does not name its workspace
 */
export async function writingClient(
  project: Project,
  host: EngineHost,
  { confirm, dryRun = false }: { confirm?: string | undefined; dryRun?: boolean | undefined },
  signal: AbortSignal,
): Promise<CustomerIoClient> {
  if (!dryRun) await requireProductionNamed(project, confirm);
  return workspaceClient(project, host, signal);
}

/** @throws Failure `bad_input` where the host holds none, or one of them is the other role's */
async function keysFor(store: Store, host: EngineHost, role: WorkspaceRole): Promise<CustomerIoKeys> {
  const keys = await host.credentials(role);
  if (!keys) {
    throw badInput(
      "NO_KEYS",
      `The keys of the ${role} workspace are not at hand.`,
      "In the window enter them under Workspace; for the command line set CUSTOMER_IO_SITE_ID, CUSTOMER_IO_API_KEY and CUSTOMER_IO_APP_API_KEY.",
    );
  }
  await refuseSharedKeys(store, role, keys);
  return keys;
}

function createClient(
  host: EngineHost,
  credentials: CustomerIoKeys,
  endpoint: string | null,
  signal: AbortSignal,
): CustomerIoClient {
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
