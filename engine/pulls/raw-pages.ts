import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/**
 * The pages of a pull as they were received, in `landing/`: one gzip member a page, each a line of JSON
 * `{stream, raw}`. `gunzip` reads the whole file. The database, not this file, says how far a pull is.
 */
export class RawPages {
  readonly path: string;
  /** Relative to the project's folder. */
  readonly landing: string;
  readonly #file: FileHandle;

  private constructor(path: string, landing: string, file: FileHandle) {
    this.path = path;
    this.landing = landing;
    this.#file = file;
  }

  /** Goes on with the file of a pull that was begun. */
  static async open(folder: string, source: string, pullId: number): Promise<RawPages> {
    const landing = join("landing", `${source}-api-${pullId}.ndjson.gz`);
    const path = join(folder, landing);
    return new RawPages(path, landing, await open(path, "a", 0o600));
  }

  async append(stream: string, raw: string): Promise<void> {
    await this.#file.appendFile(await compress(`${JSON.stringify({ stream, raw })}\n`, { level: 1 }));
  }

  /** @returns bytes */
  async close(): Promise<number> {
    await this.#file.datasync();
    const { size } = await this.#file.stat();
    await this.#file.close();
    return size;
  }

  static async discard(folder: string, source: string, pullId: number): Promise<void> {
    await rm(join(folder, "landing", `${source}-api-${pullId}.ndjson.gz`), { force: true });
  }
}
