import type { Command } from "commander";
import { type Destination, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { exitCodes, tell } from "../output.ts";

interface SyncOptions extends Pick<Destination, "workspace"> {
  full?: boolean;
  allowShrink?: string;
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
    .addOption(workspace())
    .addOption(json())
    .action((folder: string, { workspace: role, json: asJson, ...request }: SyncOptions) =>
      onProject(
        folder,
        async (client) => {
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
