import { expect } from "vitest";
import type { LaunchedApp } from "./harness.ts";
import { beginUpload, press } from "./operator.ts";
import { processId } from "./processes.ts";

/**
 * Begins the upload of suppressions and pauses it once the lists are written and before the first person is, however
 * fast or slow this machine is: each time it is let go on, the simulators are held still and cannot answer more than
 * what was under way.
 * @returns how many addresses were written to lists, and how many writes are still to be sent
 */
export async function standStillInTheMiddleOfTheUpload(
  launched: LaunchedApp,
): Promise<{ written: number; open: number }> {
  const { window } = launched;
  const simulators = await processId(launched, "Sendgate simulators");
  const standing = window.getByRole("contentinfo").getByText(/ · paused · /);
  process.kill(simulators, "SIGSTOP");
  const writes = await beginUpload(window);
  for (;;) {
    await press(window, "Pause");
    const before = await standing.textContent();
    process.kill(simulators, "SIGCONT");
    // What was under way ends and shows. Between two calls nothing is, and nothing changes.
    await expect
      .poll(() => standing.textContent(), { timeout: 2_000 })
      .not.toBe(before)
      .catch(() => {});
    const written = /^(\d+) of \1 addresses/.exec((await standing.textContent())!)?.[1];
    if (written !== undefined) return { written: Number(written), open: writes - Number(written) };
    process.kill(simulators, "SIGSTOP");
    await press(window, "Resume");
  }
}
