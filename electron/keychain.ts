import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SafeStorage } from "electron";
import { badInput } from "../contract/failure.ts";
import { type CustomerIoKeys, CustomerIoKeysSchema } from "../contract/host-contract.ts";
import type { WorkspaceRole } from "../contract/project.ts";
import { writeOwnerOnly } from "./owner-only-file.ts";

const roles: readonly WorkspaceRole[] = ["staging", "production"];

/** Backends that keep their secret in the operator's own login; `basic_text` is a fixed password for everybody. */
const realLinuxBackends = ["gnome_libsecret", "kwallet", "kwallet5", "kwallet6"];

/**
 * The Customer.io keys, one encrypted file for each role. The only place where keys are at rest: where the
 * system has no real keychain they are held in memory for this session and nothing is written.
 */
export class Keychain {
  readonly #folder: string;
  readonly #safeStorage: SafeStorage;
  readonly #held = new Map<WorkspaceRole, CustomerIoKeys>();

  constructor(folder: string, safeStorage: SafeStorage) {
    this.#folder = folder;
    this.#safeStorage = safeStorage;
  }

  /** False where keys do not outlive this session. */
  get persistent(): boolean {
    if (!this.#safeStorage.isEncryptionAvailable()) return false;
    if (process.platform !== "linux") return true;
    // Before Electron 27 the function is missing, and without a real keychain encryption is not available.
    const backend = this.#safeStorage.getSelectedStorageBackend?.();
    return backend === undefined || realLinuxBackends.includes(backend);
  }

  /** Null where none are held, or where the stored ones can no longer be decrypted. */
  async keys(role: WorkspaceRole): Promise<CustomerIoKeys | null> {
    const held = this.#held.get(role);
    if (held) return held;
    if (!this.persistent) return null;
    try {
      const text = this.#safeStorage.decryptString(await readFile(this.#file(role)));
      const keys = CustomerIoKeysSchema.parse(JSON.parse(text));
      this.#held.set(role, keys);
      return keys;
    } catch {
      return null;
    }
  }

  /** @throws Failure if the other role holds one of these keys (invariant 10). */
  async store(role: WorkspaceRole, keys: CustomerIoKeys): Promise<void> {
    for (const other of roles.filter((each) => each !== role)) {
      const taken = await this.keys(other);
      if (taken && (taken.trackApiKey === keys.trackApiKey || taken.appApiKey === keys.appApiKey)) {
        throw badInput(
          "KEYS_SHARED",
          `These keys are already stored for the ${other} workspace.`,
          `Enter keys of the ${role} workspace, or remove the ${other} keys first.`,
        );
      }
    }
    this.#held.set(role, keys);
    if (this.persistent) {
      await writeOwnerOnly(this.#file(role), this.#safeStorage.encryptString(JSON.stringify(keys)));
    }
  }

  async forget(role: WorkspaceRole): Promise<void> {
    this.#held.delete(role);
    await rm(this.#file(role), { force: true });
  }

  #file(role: WorkspaceRole): string {
    return join(this.#folder, `customerio-${role}.key`);
  }
}
