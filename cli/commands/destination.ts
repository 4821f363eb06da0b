import type { Command } from "commander";
import type { DestinationState } from "../../contract/destination.ts";
import { badInput } from "../../contract/failure.ts";
import { connect, type Destination, endpoint, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { counted, exitCodes, number, tell } from "../output.ts";
import { decisionWords } from "../words.ts";

interface DestinationOptions extends Destination {
  out?: string;
  decide?: string;
  json?: boolean;
}

/** `destination`: who is in the workspace already, where that conflicts with the plan, and decisions on it. */
export function addDestinationCommand(program: Command): void {
  program
    .command("destination")
    .description(
      "look planned people up in the workspace and show whom they would meet there; writes nothing",
    )
    .argument("<dir>")
    .option("--out <file>", "write the conflicts as CSV, to be decided in a spreadsheet")
    .option("--decide <file>", "take that CSV back with its decision column filled in; all or nothing")
    .addOption(endpoint())
    .addOption(workspace())
    .addOption(json())
    .action((folder: string, options: DestinationOptions) =>
      onProject(
        folder,
        async (client) => {
          const { out, decide } = options;
          if (out !== undefined && decide !== undefined) {
            throw badInput("USAGE", "Say either --out or --decide.", "See `sendgate destination --help`.");
          }
          if (decide !== undefined) {
            const report = await client.destination.importDecisions({ file: decide });
            tell(options.json, report, () => decisionWords(report, "Plan again to let them take effect."));
            if (report.refused.length > 0) process.exitCode = exitCodes.bad_input;
            return;
          }
          await connect(client, options);
          const state = await client.destination.lookUp();
          const written =
            out === undefined ? undefined : await client.destination.exportConflicts({ file: out });
          tell(options.json, { ...state, ...(written && { out: written }) }, () =>
            [
              destinationWords(state),
              ...(written ? [`Wrote ${counted(written.rows, "conflict")} to ${written.file}`] : []),
            ].join("\n"),
          );
        },
        options.workspace,
      ),
    );
}

function destinationWords({ lookedUp, conflicts, heldBack, warnings }: DestinationState): string {
  const found = conflicts.filter(({ count }) => count > 0);
  return [
    `Looked up ${counted(lookedUp.ids, "id")} and ${counted(lookedUp.emails, "address", "addresses")}; nothing was written.`,
    ...found.flatMap(({ code, count, undecided, words, examples }) => [
      `${code}: ${number(count)}, ${number(undecided)} undecided. ${words}`,
      ...examples.map(({ userId, email, detail }) => `  ${userId ?? email}: ${detail}`),
    ]),
    found.length === 0
      ? "Nobody of the plan meets somebody else there."
      : `${counted(heldBack, "profile")} ${heldBack === 1 ? "stays" : "stay"} home until decided; suppressions are written all the same.`,
    ...warnings.map((warning) => `Note: ${warning}`),
  ].join("\n");
}
