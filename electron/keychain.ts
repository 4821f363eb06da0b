import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SafeStorage } from "electron";
import { badInput } from "../contract/failure.ts";
import { type CustomerIoKeys, CustomerIoKeysSchema } from "../contract/host-contract.ts";
import type { WorkspaceRole } from "../contract/project.ts";
import type { SourceName } from "../contract/source.ts";
import { writeOwnerOnly } from "./owner-only-file.ts";

const roles: readonly WorkspaceRole[] = ["staging", "production"];
const keyNames = ["siteId", "trackApiKey", "appApiKey"] as const;

/** Backends that keep their secret in the operator's own login; `basic_text` is a fixed password for everybody. */
const realLinuxBackends = ["gnome_libsecret", "kwallet", "kwallet5", "kwallet6"];

/** The sources that are asked over an API, with a key. */
const sourcesWithKey: readonly SourceName[] = ["mailchimp", "klaviyo", "iterable"];

/**
 * The keys of Customer.io, one encrypted file for each role, and of the sources, one for each. The only place where
 * keys are at rest: where the system has no real keychain they are held in memory for this session and nothing is
 * written.
 */
export class Keychain {
  readonly #folder: string;
  readonly #safeStorage: SafeStorage;
  /** By the name of the file that would hold them. */
  readonly #held = new Map<string, string>();

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
    const text = await this.#read(customerIoFile(role));
    try {
      return text === null ? null : CustomerIoKeysSchema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** @throws Failure if the other role holds one of these keys (invariant 10). */
  async store(role: WorkspaceRole, keys: CustomerIoKeys): Promise<void> {
    for (const other of roles.filter((each) => each !== role)) {
      const taken = await this.keys(other);
      if (taken && keyNames.some((name) => taken[name] === keys[name])) {
        throw badInput(
          "KEYS_SHARED",
          `These keys are already stored for the ${other} workspace.`,
          `Enter keys of the ${role} workspace, or remove the ${other} keys first.`,
        );
      }
    }
    await this.#write(customerIoFile(role), JSON.stringify(keys));
  }

  async forget(role: WorkspaceRole): Promise<void> {
    await this.#remove(customerIoFile(role));
  }

  /** Null where none is held, or where the stored one can no longer be decrypted. */
  async sourceKey(source: SourceName): Promise<string | null> {
    return this.#read(sourceFile(source));
  }

  async heldSources(): Promise<SourceName[]> {
    const held: SourceName[] = [];
    for (const source of sourcesWithKey) if ((await this.sourceKey(source)) !== null) held.push(source);
    return held;
  }

  /** @throws Failure for a source without an API */
  async storeSource(source: SourceName, key: string): Promise<void> {
    if (!sourcesWithKey.includes(source)) {
      throw badInput(
        "SOURCE_WITHOUT_API",
        `There is no API to export ${source} over, so it has no key.`,
        `Import its files instead. Sources with a key: ${sourcesWithKey.join(", ")}.`,
      );
    }
    await this.#write(sourceFile(source), key);
  }

  async forgetSource(source: SourceName): Promise<void> {
    await this.#remove(sourceFile(source));
  }

  async #read(name: string): Promise<string | null> {
    const held = this.#held.get(name);
    if (held !== undefined) return held;
    if (!this.persistent) return null;
    try {
      const text = this.#safeStorage.decryptString(await readFile(join(this.#folder, name)));
      this.#held.set(name, text);
      return text;
    } catch {
      return null;
    }
  }

  async #write(name: string, text: string): Promise<void> {
    this.#held.set(name, text);
    if (this.persistent)
      await writeOwnerOnly(join(this.#folder, name), this.#safeStorage.encryptString(text));
  }

  async #remove(name: string): Promise<void> {
    this.#held.delete(name);
    await rm(join(this.#folder, name), { force: true });
  }
}

function customerIoFile(role: WorkspaceRole): string {
  return `customerio-${role}.key`;
}

function sourceFile(source: SourceName): string {
  return `${source}.key`;
}
