import { createPublicKey, sign, verify } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Certificate, CertificateSchema } from "../../contract/certificate.ts";
import { badInput } from "../../contract/failure.ts";
import { canonical } from "./canonical.ts";
import type { ProjectKey } from "./project-key.ts";

/** What a certificate says before it is signed. */
export type Statement = Omit<Certificate, "publicKey" | "signature">;

export function signCertificate(statement: Statement, { privateKey, publicKey }: ProjectKey): Certificate {
  const unsigned = { ...statement, publicKey };
  return {
    ...unsigned,
    signature: sign(null, Buffer.from(canonical(unsigned)), privateKey).toString("hex"),
  };
}

/** The bytes of a certificate's file: canonical JSON and one line end. */
export function certificateText(certificate: Certificate): string {
  return `${canonical(certificate)}\n`;
}

/**
 * Reads a certificate and checks its form, that it is written as Sendgate writes it, and its signature.
 * It says nothing about time, nor whose key signed it.
 * @returns what is wrong, in words, for any content that is not, byte for byte, what was signed
 */
export function readCertificate(bytes: Buffer): { certificate: Certificate } | { trouble: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch {
    return { trouble: "It is no JSON any more: it was changed or cut off." };
  }
  const shaped = CertificateSchema.safeParse(parsed);
  if (!shaped.success) {
    const place = shaped.error.issues[0]!.path.join(".");
    return { trouble: `It has not the form of a certificate${place && ` (${place})`}: it was changed.` };
  }
  const { signature, ...unsigned } = shaped.data;
  if (!bytes.equals(Buffer.from(certificateText(shaped.data)))) {
    return { trouble: "It is not written as Sendgate writes certificates: it was changed." };
  }
  if (!isSignedBy(unsigned.publicKey, canonical(unsigned), signature)) {
    return { trouble: "Its signature does not belong to what it says: it was changed." };
  }
  return { certificate: shaped.data };
}

/** Writes a certificate where the operator wants it; it appears under its name only when it is whole. */
export async function writeCertificate(certificate: Certificate, requested: string): Promise<string> {
  const file = resolve(requested);
  const temporary = join(dirname(file), `.${process.pid}-${Date.now()}.certificate.part`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(certificateText(certificate));
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw badInput(
      "OUTPUT_UNWRITABLE",
      `${file} cannot be written.`,
      "Choose another place, or give yourself write access.",
      error,
    );
  }
  return file;
}

function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const x = Buffer.from(publicKey, "hex").toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "hex"));
  } catch {
    return false;
  }
}
