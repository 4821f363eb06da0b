import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  certificateText,
  readCertificate,
  type Statement,
  signCertificate,
} from "../../engine/certificate/certificate-file.ts";
import { checkCertificate } from "../../engine/certificate/check-certificate.ts";

const statement: Statement = {
  format: "sendgate-certificate-1",
  exportHash: "ab".repeat(32),
  mergeHash: "cd".repeat(32),
  planHash: "ef".repeat(32),
  workspace: { id: 7, name: "Größte Läden", region: "eu", role: "production" },
  suppressedAddresses: 3,
  suppressedPersons: 1,
  totals: [{ subject: "address", exported: 3, planned: 3, uploaded: 3, readBack: 3 }],
  bySource: [
    {
      subject: "address",
      source: "mailchimp",
      reason: "complaint",
      exported: 3,
      planned: 3,
      uploaded: 3,
      readBack: 3,
    },
  ],
  verifiedAt: "2026-11-24T01:00:00Z",
  validUntil: "2026-11-25T01:00:00Z",
  seals: [{ of: "suppression", rows: 3, digest: "123456" }],
  journal: { line: 12, hash: "01".repeat(32) },
};
const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  return { privateKey, publicKey: Buffer.from(x!, "base64url").toString("hex") };
};
const certificate = signCertificate(statement, newKey());
const whole = Buffer.from(certificateText(certificate));

describe("a certificate's file", () => {
  test("says what was signed", () => {
    expect(readCertificate(whole)).toEqual({ certificate });
    expect(certificate).toMatchObject(statement);
  });

  test("is refused with the reason for every byte that is another one", () => {
    for (let at = 0; at < whole.length; at++) {
      // Another bit, another letter case, a digit beside it, a space.
      for (const other of [whole[at]! ^ 1, whole[at]! ^ 0x20, (whole[at]! + 1) % 256, 0x20]) {
        if (other === whole[at]) continue;
        const changed = Buffer.from(whole);
        changed[at] = other;
        expect(readCertificate(changed), `byte ${at}`).toEqual({
          trouble: expect.stringContaining("changed"),
        });
      }
    }
  });

  test("is refused for every byte that is missing or too many", () => {
    for (let at = 0; at <= whole.length; at++) {
      const [before, after] = [whole.subarray(0, at), whole.subarray(at)];
      expect(readCertificate(Buffer.concat([before, Buffer.from(" "), after]))).toHaveProperty("trouble");
      if (after.length > 0) {
        expect(readCertificate(Buffer.concat([before, after.subarray(1)]))).toHaveProperty("trouble");
      }
      if (at < whole.length) expect(readCertificate(before)).toHaveProperty("trouble");
    }
  });

  test("is refused whatever else stands in it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 20 }),
        fc.uint8Array({ maxLength: 20 }),
        (at, gone, put) => {
          const changed = Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + gone)]);
          if (!changed.equals(whole)) expect(readCertificate(changed)).toHaveProperty("trouble");
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("that says something else under another signature is of another key", () => {
    const forged = signCertificate({ ...statement, suppressedAddresses: 1 }, newKey());
    const read = readCertificate(Buffer.from(certificateText(forged)));
    expect(read).toMatchObject({ certificate: { suppressedAddresses: 1 } });
    expect((read as { certificate: typeof certificate }).certificate.publicKey).not.toBe(
      certificate.publicKey,
    );
    const swapped = { ...forged, publicKey: certificate.publicKey };
    expect(readCertificate(Buffer.from(certificateText(swapped)))).toHaveProperty("trouble");
  });
});

describe("checked with nothing else than the file", () => {
  const check = async (content: Buffer | string, time: string) => {
    const folder = await mkdtemp(join(tmpdir(), "sendgate-certificate-"));
    try {
      const file = join(folder, "certificate.json");
      await writeFile(file, content);
      return await checkCertificate(file, null, () => Date.parse(time) * 1000);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test("it is valid until its time is over", async () => {
    expect(await check(whole, "2026-11-24T12:00:00Z")).toEqual({
      authentic: true,
      valid: true,
      trouble: null,
      certificate,
    });
    expect(await check(whole, "2026-11-25T01:00:01Z")).toEqual({
      authentic: true,
      valid: false,
      trouble: "Its time is over.",
      certificate,
    });
    expect(await check(whole, "2026-11-24T00:00:00Z")).toMatchObject({ authentic: true, valid: false });
  });

  test("a changed one shows no number that could be believed", async () => {
    const changed = whole.toString().replace('"suppressedAddresses":3', '"suppressedAddresses":4');
    expect(await check(changed, "2026-11-24T12:00:00Z")).toEqual({
      authentic: false,
      valid: false,
      trouble: "Its signature does not belong to what it says: it was changed.",
      certificate: null,
    });
  });

  test("a file that is not there is said to be missing", async () => {
    await expect(checkCertificate("/nowhere/certificate.json", null)).rejects.toMatchObject({
      kind: "bad_input",
      code: "FILE_UNREADABLE",
    });
  });
});
