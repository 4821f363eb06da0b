import type { LaunchedApp } from "./harness.ts";
import { beginUpload, press } from "./operator.ts";
import { processId } from "./processes.ts";

/**
 * Begins the upload of suppressions and pauses it between its first and its second batch, however fast or slow this
 * machine is: the pause is asked for while the simulator is held still and cannot answer the first batch.
 * @returns how many writes are still to be sent
 */
export async function standStillInTheMiddleOfTheUpload(launched: LaunchedApp): Promise<number> {
  const { window } = launched;
  const simulators = await processId(launched, "Sendgate simulators");
  process.kill(simulators, "SIGSTOP");
  await beginUpload(window);
  await press(window, "Pause");
  await window.getByRole("button", { name: "Resume", exact: true }).waitFor();
  process.kill(simulators, "SIGCONT");
  await window.getByText(/^0 of \d+ writes · paused$/).waitFor();

  process.kill(simulators, "SIGSTOP");
  await press(window, "Resume");
  await press(window, "Pause");
  await window.getByRole("button", { name: "Resume", exact: true }).waitFor();
  process.kill(simulators, "SIGCONT");
  const standing = window.getByText(/^[1-9]\d* of \d+ writes.* · paused$/);
  await standing.waitFor();
  const [, done, total] = /^(\d+) of (\d+) writes/.exec((await standing.textContent())!)!;
  return Number(total) - Number(done);
}
