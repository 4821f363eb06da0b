import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file that only its owner may read. A crash leaves the old content or the new, nothing between. */
export async function writeOwnerOnly(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, content, { mode: 0o600, flush: true });
  await rename(part, file);
}
