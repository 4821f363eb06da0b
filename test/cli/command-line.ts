import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  code: number;
  out: string;
  err: string;
  /** Standard output as the one JSON object that `--json` prints. */
  json<T>(): T;
}

/** Builds the command line where anything changed since. */
export async function buildCommandLine(): Promise<void> {
  await run([join(root, "scripts", "build.mjs")], {});
}

/** Runs `sendgate` as a process of its own, as a script would. */
export function sendgate(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return run([join(root, "out", "cli.mjs"), ...args], env);
}

function run(args: string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
      (error, out, err) => {
        const code = error ? Number(error.code ?? 1) : 0;
        resolve({ code, out, err, json: () => JSON.parse(out) });
      },
    );
  });
}
