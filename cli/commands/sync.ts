import type { Command } from "commander";
import { badInput } from "../../contract/failure.ts";
import { longestSchedule, shortestSchedule } from "../../contract/sync.ts";
import { type Destination, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { exitCodes, tell } from "../output.ts";

interface SyncOptions extends Pick<Destination, "workspace"> {
  full?: boolean;
  allowShrink?: string;
  every?: number | null;
  json?: boolean;
}

/** `sync`: what opted out since the last time; for cron too. Exit code 3 where the gate stays locked. */
export function addSyncCommand(program: Command): void {
  program
    .command("sync")
    .description("pull what changed, merge, upload new suppressions, read back")
    .argument("<dir>")
    .option("--full", "read everything of every source again")
    .option(
      "--allow-shrink <reason>",
      "go on although many addresses are no longer suppressed; kept on record",
    )
    .option(
      "--every <minutes>",
      "how often a sync is due from now on, or `never`: a run that did not happen is told by the next one, and in the window",
      parseEvery,
    )
    .addOption(workspace())
    .addOption(json())
    .action((folder: string, { workspace: role, every, json: asJson, ...request }: SyncOptions) =>
      onProject(
        folder,
        async (client) => {
          if (every !== undefined) await client.sync.schedule({ everyMinutes: every });
          const report = await client.sync.run(request);
          tell(asJson, report, () => report.words.join("\n"));
          if (report.verified.missing > 0 || report.unanswered.length > 0)
            process.exitCode = exitCodes.failed;
          else if (!report.gate_open) process.exitCode = exitCodes.locked;
        },
        role,
      ),
    );
}

function parseEvery(value: string): number | null {
  if (value === "never") return null;
  const minutes = Number(value);
  if (Number.isInteger(minutes) && minutes >= shortestSchedule && minutes <= longestSchedule) return minutes;
  throw badInput(
    "USAGE",
    `--every takes minutes from ${shortestSchedule} to ${longestSchedule}, or never; ${value} is none of these.`,
    "Give the minutes between two runs of your cron entry.",
  );
}
