import { badInput, type Failure } from "../../contract/failure.ts";
import type { CustomerIoKeys } from "../../contract/host-contract.ts";
import type { WorkspaceRole } from "../../contract/project.ts";
import { saltedHash } from "../store/salt.ts";
import type { Store } from "../store/store.ts";

/**
 * Staging and production never share a key (invariant 10). Keys are the host's and never stay here: what is compared
 * are salted hashes of the keys that each role was last connected with, so that a command line whose keys come from the
 * environment, one role at a time, is held to it as well.
 * @throws Failure `bad_input` with code `SAME_KEYS` where one of the keys is the other role's
 */
export async function refuseSharedKeys(
  store: Store,
  role: WorkspaceRole,
  keys: CustomerIoKeys,
): Promise<void> {
  const others = await store.rows<{ role: WorkspaceRole; kind: string; hash: string }>(
    "SELECT role, kind, hash FROM workspace_key WHERE role <> $role",
    { role },
  );
  if (others.length === 0) return;
  for (const { kind, hash } of await hashesOf(store, keys)) {
    const shared = others.find((other) => other.kind === kind && other.hash === hash);
    if (shared) {
      throw sameKeys(
        `The ${keyWords[kind]} given for the ${role} workspace is that of the ${shared.role} workspace.`,
        role,
      );
    }
  }
}

export function sameKeys(message: string, role: WorkspaceRole): Failure {
  return badInput(
    "SAME_KEYS",
    `${message} Staging and production never share keys. Nothing was connected or written.`,
    `Give the keys of the ${role} workspace, all three of them made in it.`,
  );
}

/** Remembers which keys the role uses, as hashes. */
export async function rememberKeys(store: Store, role: WorkspaceRole, keys: CustomerIoKeys): Promise<void> {
  for (const { kind, hash } of await hashesOf(store, keys)) {
    await store.run("INSERT OR REPLACE INTO workspace_key VALUES ($role, $kind, $hash)", {
      role,
      kind,
      hash,
    });
  }
}

const keyWords: Record<string, string> = {
  siteId: "Site ID",
  trackApiKey: "Track API key",
  appApiKey: "App API key",
};

async function hashesOf(store: Store, keys: CustomerIoKeys): Promise<{ kind: string; hash: string }[]> {
  const hashes = [];
  for (const [kind, key] of Object.entries(keys)) {
    hashes.push({ kind, hash: await saltedHash(store, `${kind}\n${key}`) });
  }
  return hashes;
}
