import { type Command, Option } from "commander";
import type { SourceName } from "../../contract/source.ts";
import { sourceNames } from "../../contract/source.ts";
import { endpoint } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { exitCodes, tell } from "../output.ts";
import { candidateWords, confirmUserId } from "../user-id.ts";
import { fullPullWords, pullWords } from "../words.ts";

interface PullOptions {
  source: SourceName;
  endpoint?: string;
  userId?: string;
  full?: boolean;
  candidates?: boolean;
  retire?: string;
  json?: boolean;
}

function userIdFieldOf(typed: string): string | null {
  return typed === "none" ? null : typed;
}

/** `pull`: an export over a source's API, everything the first time, what changed after that. */
export function addPullCommand(program: Command): void {
  program
    .command("pull")
    .description("export a source over its API: everything the first time, what changed after that")
    .argument("<dir>")
    .addOption(new Option("--source <source>").choices(sourceNames).makeOptionMandatory())
    .addOption(endpoint())
    .option("--user-id <field>", "the field that holds the user_id, or none; kept for the next pulls")
    .option("--candidates", "do not pull: show which fields could hold the user_id, with examples")
    .option("--full", "everything again")
    .option("--retire <reason>", "do not pull: the old tool sends no more and is not asked any longer")
    .addOption(json())
    .action((folder: string, options: PullOptions) =>
      onProject(folder, async (client) => {
        const { source, endpoint, userId, full, retire } = options;
        if (options.candidates) {
          const connection = await client.sources.connect({
            source,
            ...(endpoint !== undefined && { endpoint }),
          });
          tell(options.json, connection, () => candidateWords(connection));
          return;
        }
        if (retire !== undefined) {
          await client.sources.retire({ source, reason: retire });
          tell(options.json, { source, retired: true }, () => `${source} is not asked any longer.`);
          return;
        }
        const confirmed =
          userId === undefined ? await confirmUserId(client, source, endpoint) : userIdFieldOf(userId);
        const report = await client.sources.pull({
          source,
          ...(endpoint !== undefined && { endpoint }),
          ...(confirmed !== undefined && { userIdField: confirmed }),
          ...(full !== undefined && { full }),
        });
        const pulled = (await client.sources.pulled()).find((each) => each.source === source);
        const fullPulledAt = pulled?.fullPulledAt ?? null;
        tell(options.json, { ...report, full_pulled_at: fullPulledAt }, () =>
          [pullWords(report), fullPullWords(source, fullPulledAt)].join("\n"),
        );
        if (!report.complete) process.exitCode = exitCodes.failed;
      }),
    );
}
