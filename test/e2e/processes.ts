import type { LaunchedApp } from "./harness.ts";

/** The processes of the app by the names that they go by: `Sendgate engine`, `Sendgate simulators`. */
export async function processId({ app }: LaunchedApp, name: string): Promise<number> {
  const pid = await app.evaluate(
    (electron, wanted) => electron.app.getAppMetrics().find((metric) => metric.name === wanted)?.pid,
    name,
  );
  if (pid === undefined) throw new Error(`There is no process ${name}.`);
  return pid;
}

/** Ends every process of the app at once, as a power cut does. */
export async function killAtOnce(launched: LaunchedApp): Promise<void> {
  const all = await launched.app.evaluate(({ app }) => app.getAppMetrics().map(({ pid }) => pid));
  const ended = new Promise<void>((resolve) => launched.app.process().once("exit", () => resolve()));
  for (const pid of [launched.app.process().pid!, ...all]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The others end by themselves when the first is gone.
    }
  }
  await ended;
}
