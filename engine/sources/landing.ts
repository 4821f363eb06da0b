import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { badInput, failed } from "../../contract/failure.ts";
import type { Progress } from "../activity/activity.ts";

/** A copy of an imported file in the project's `landing/`, under its own name in a folder named by its hash. */
export interface LandedFile {
  path: string;
  /** Relative to the project's folder. */
  landing: string;
  sha256: string;
  /** Takes the copy back, unless it stood there before. */
  discard(): Promise<void>;
}

/** Copies the file and hashes what it copies, so that the hash is of the very bytes that are read later. */
export async function land(folder: string, file: string, progress: Progress): Promise<LandedFile> {
  const size = await sizeOf(file);
  const name = basename(file);
  const temporary = join(folder, "landing", `.${process.pid}-${Date.now()}`);
  progress.start(`Copying ${name}`, size, "bytes");
  const hash = createHash("sha256");
  try {
    const copy = await open(temporary, "wx", 0o600);
    try {
      let copied = 0;
      for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
        hash.update(piece as Buffer);
        await copy.writeFile(piece as Buffer);
        copied += (piece as Buffer).length;
        await progress.report(copied);
      }
      await copy.datasync();
    } finally {
      await copy.close();
    }
    const sha256 = hash.digest("hex");
    const place = join(folder, "landing", sha256.slice(0, 16));
    const known = await stat(join(place, name)).then(
      () => true,
      () => false,
    );
    await mkdir(place, { recursive: true, mode: 0o700 });
    await rename(temporary, join(place, name));
    return {
      path: join(place, name),
      landing: join("landing", sha256.slice(0, 16), name),
      sha256,
      discard: async () => {
        if (!known) await rm(place, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(temporary, { force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOSPC") {
      throw failed(
        "DISK_FULL",
        `There is no space left to copy ${name}.`,
        "Free some disk space and import it again.",
        error,
      );
    }
    if (code === "EACCES" || code === "EPERM") {
      throw badInput("FILE_UNREADABLE", `${file} cannot be read.`, "Give yourself read access to it.", error);
    }
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isDirectory())
      throw badInput("FILE_IS_FOLDER", `${file} is a folder.`, "Name the files in it one by one.");
    return found.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw badInput("FILE_MISSING", `${file} does not exist.`, "Check the path.", error);
    }
    throw error;
  }
}
