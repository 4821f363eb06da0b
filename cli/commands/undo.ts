import type { Command } from "commander";
import { badInput } from "../../contract/failure.ts";
import type { UndoReport } from "../../contract/workspaces.ts";
import { confirm, confirmProduction } from "../confirm.ts";
import { connect, type Destination, endpoint, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { collect, json } from "../options.ts";
import { counted, exitCodes, number, tell } from "../output.ts";

interface Options extends Destination {
  esp?: string[];
  reason?: string;
  confirm?: string;
  json?: boolean;
}

/** `undo`: takes ESP list entries of ours back, with the reason on record. */
export function addUndoCommand(program: Command): void {
  program
    .command("undo")
    .description(
      "take ESP suppression list entries back that this project made; the gate locks until read back",
    )
    .argument("<dir>")
    .option(
      "--esp <address>",
      "an address, several times if need be, or all: every entry that no source asks for any more",
      collect,
    )
    .option("--reason <text>", "why; kept on record")
    .addOption(endpoint())
    .addOption(workspace())
    .addOption(confirm())
    .addOption(json())
    .action((folder: string, options: Options) =>
      onProject(folder, async (client) => {
        const { esp, reason } = options;
        if (!esp || !reason?.trim()) {
          throw badInput("USAGE", "An undo needs --esp and --reason.", "See `sendgate undo --help`.");
        }
        const all = esp.includes("all");
        if (all && esp.length > 1) {
          throw badInput("USAGE", "Say either all or addresses.", "See `sendgate undo --help`.");
        }
        await connect(client, options);
        const named = await confirmProduction(client, options.confirm);
        const report = await client.delivery.undo({ esp: all ? "all" : esp, reason, ...named });
        tell(options.json, report, () => undoWords(report));
        if (report.stillThere > 0 || report.kept > 0) process.exitCode = exitCodes.failed;
      }),
    );
}

function undoWords({ takenBack, stillThere, kept, keptItems }: UndoReport): string {
  return [
    `${counted(takenBack, "list entry", "list entries")} taken back, ${number(kept)} kept${stillThere > 0 ? `, ${number(stillThere)} still seen on the list: run it again` : ""}.`,
    ...keptItems.map(({ subject, reason, nextStep }) => `  ${subject}: ${reason} ${nextStep}`),
    ...(takenBack + stillThere > 0
      ? ["The gate is locked until the suppressions are uploaded and read back."]
      : []),
  ].join("\n");
}
