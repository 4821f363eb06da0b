import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SafeStorage } from "electron";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Keychain } from "./keychain.ts";

const keys = { siteId: "site-1", trackApiKey: "track-1", appApiKey: "app-1" };
const otherKeys = { siteId: "site-2", trackApiKey: "track-2", appApiKey: "app-2" };

/** Not encryption, but enough to tell a written secret from a plain one. */
const scramble = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));

function safeStorageWith(answers: { available: boolean; backend?: string; readable?: boolean }): SafeStorage {
  return {
    isEncryptionAvailable: () => answers.available,
    ...(answers.backend && { getSelectedStorageBackend: () => answers.backend }),
    encryptString: (text: string) => scramble(Buffer.from(text)),
    decryptString: (bytes: Buffer) => {
      if (answers.readable === false) throw new Error("Error while decrypting the ciphertext");
      return scramble(bytes).toString();
    },
  } as unknown as SafeStorage;
}

const realKeychain = safeStorageWith({ available: true, backend: "gnome_libsecret" });

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "sendgate-keychain-")), "keys");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

describe("with a real keychain", () => {
  test("keys outlive the session, each role's in an encrypted file that only its owner may read", async () => {
    const first = new Keychain(folder, realKeychain);
    await first.store("production", keys);
    expect(first.persistent).toBe(true);
    expect(await new Keychain(folder, realKeychain).keys("production")).toEqual(keys);
    expect(await new Keychain(folder, realKeychain).keys("staging")).toBeNull();

    const [name, ...others] = await readdir(folder);
    expect(others).toEqual([]);
    const file = join(folder, name!);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const content = await readFile(file, "latin1");
    for (const key of Object.values(keys)) expect(content).not.toContain(key);
  });

  test("forgotten keys are gone from disk too", async () => {
    const keychain = new Keychain(folder, realKeychain);
    await keychain.store("staging", keys);
    await keychain.forget("staging");
    expect(await keychain.keys("staging")).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  test("keys that can no longer be decrypted count as not held", async () => {
    await new Keychain(folder, realKeychain).store("staging", keys);
    const changed = safeStorageWith({ available: true, backend: "gnome_libsecret", readable: false });
    expect(await new Keychain(folder, changed).keys("staging")).toBeNull();
  });

  test("one workspace's keys are refused for the other role, also where only one of the two is the same", async () => {
    const keychain = new Keychain(folder, realKeychain);
    await keychain.store("staging", keys);
    for (const shared of [
      keys,
      { ...otherKeys, siteId: keys.siteId },
      { ...otherKeys, trackApiKey: keys.trackApiKey },
      { ...otherKeys, appApiKey: keys.appApiKey },
    ]) {
      await expect(keychain.store("production", shared)).rejects.toMatchObject({ code: "KEYS_SHARED" });
    }
    expect(await keychain.keys("production")).toBeNull();
    await keychain.store("production", otherKeys);
    await keychain.store("staging", keys);
    expect(await keychain.keys("production")).toEqual(otherKeys);
  });

  test("the key of a source outlives the session, in an encrypted file of its own that only its owner may read", async () => {
    const first = new Keychain(folder, realKeychain);
    expect(await first.heldSources()).toEqual([]);
    await first.store("production", keys);
    await first.storeSource("klaviyo", "pk_secret");
    const later = new Keychain(folder, realKeychain);
    expect(await later.heldSources()).toEqual(["klaviyo"]);
    expect(await later.sourceKey("klaviyo")).toBe("pk_secret");
    expect(await later.sourceKey("iterable")).toBeNull();
    expect(await later.keys("production")).toEqual(keys);

    const [name, ...others] = (await readdir(folder)).filter((file) => file.includes("klaviyo"));
    expect(others).toEqual([]);
    const file = join(folder, name!);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "latin1")).not.toContain("pk_secret");
  });

  test("a source's key is replaced by a newer one, and forgotten without touching any other key", async () => {
    const keychain = new Keychain(folder, realKeychain);
    await keychain.store("staging", keys);
    await keychain.storeSource("mailchimp", "old-us6");
    await keychain.storeSource("mailchimp", "new-us6");
    await keychain.storeSource("iterable", "it-key");
    expect(await new Keychain(folder, realKeychain).sourceKey("mailchimp")).toBe("new-us6");

    await keychain.forgetSource("mailchimp");
    expect(await keychain.heldSources()).toEqual(["iterable"]);
    const later = new Keychain(folder, realKeychain);
    expect(await later.sourceKey("mailchimp")).toBeNull();
    expect(await later.heldSources()).toEqual(["iterable"]);
    expect(await later.keys("staging")).toEqual(keys);
  });

  test("a source's key that can no longer be decrypted counts as not held", async () => {
    await new Keychain(folder, realKeychain).storeSource("mailchimp", "key-us6");
    const changed = safeStorageWith({ available: true, backend: "gnome_libsecret", readable: false });
    expect(await new Keychain(folder, changed).heldSources()).toEqual([]);
  });

  test("a source without an API takes no key", async () => {
    const keychain = new Keychain(folder, realKeychain);
    await expect(keychain.storeSource("csv", "a key")).rejects.toMatchObject({ code: "SOURCE_WITHOUT_API" });
    expect(await keychain.sourceKey("csv")).toBeNull();
  });
});

describe("on a Linux whose keychain is not real", () => {
  const platform = process.platform;
  beforeEach(() => void Object.defineProperty(process, "platform", { value: "linux" }));
  afterEach(() => void Object.defineProperty(process, "platform", { value: platform }));

  test.each([
    { situation: "no encryption at all", storage: safeStorageWith({ available: false }) },
    { situation: "a fixed password", storage: safeStorageWith({ available: true, backend: "basic_text" }) },
    { situation: "an unknown backend", storage: safeStorageWith({ available: true, backend: "unknown" }) },
  ])("keys are held for the session and nothing is written: $situation", async ({ storage }) => {
    const keychain = new Keychain(folder, storage);
    await keychain.store("production", keys);
    await keychain.storeSource("mailchimp", "key-us6");
    expect(keychain.persistent).toBe(false);
    expect(await keychain.keys("production")).toEqual(keys);
    expect(await keychain.heldSources()).toEqual(["mailchimp"]);
    expect(await readdir(join(folder, ".."))).toEqual([]);
    expect(await new Keychain(folder, storage).keys("production")).toBeNull();
    expect(await new Keychain(folder, storage).heldSources()).toEqual([]);
  });
});
