import { spawn } from "node:child_process";

/**
 * Runs a command to its end. Its standard output goes to our standard error, so that our own standard
 * output stays free for results (`--json`).
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutSeconds?: number, quiet?: boolean }} [options]
 * @returns {Promise<void>} rejects with an Error that names the command where it fails or takes too long.
 */
export function runCommand(command, args, { cwd, env, timeoutSeconds, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? "ignore" : ["ignore", 2, 2],
      timeout: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
      // Windows finds `npm` only as `npm.cmd`, which needs a shell.
      shell: process.platform === "win32" && !command.includes("\\"),
    });
    const shown = [command, ...args].join(" ");
    child.on("error", (error) => reject(new Error(`Could not start "${shown}": ${error.message}`)));
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`"${shown}" ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}

/**
 * npm as the same program that runs us, else as found in the PATH.
 * @param {string[]} args
 * @param {Parameters<typeof runCommand>[2]} [options]
 */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith(".js")
    ? runCommand(process.execPath, [npm, ...args], options)
    : runCommand("npm", args, options);
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
