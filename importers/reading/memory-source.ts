import type { ByteSource } from "./byte-source.ts";

/** For tests: bytes in memory, handed out in pieces of the given size. */
export function memorySource(bytes: Buffer | string, pieceSize = 64 * 1024): ByteSource {
  const whole = Buffer.from(bytes);
  return {
    name: "file.csv",
    baseName: "file.csv",
    size: whole.length,
    async *open() {
      for (let at = 0; at < whole.length; at += pieceSize) yield whole.subarray(at, at + pieceSize);
    },
  };
}
