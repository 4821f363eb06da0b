import { type Command, Option } from "commander";
import { badInput } from "../../contract/failure.ts";
import type { SendReport } from "../../contract/sends.ts";
import { confirm, confirmProduction } from "../confirm.ts";
import { connect, type Destination, endpoint, useWorkspace, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json, parseNumber } from "../options.ts";
import { counted, exitCodes, number, tell } from "../output.ts";
import type { EngineClient } from "../session.ts";

interface SendOptions extends Destination {
  broadcast?: number;
  newsletter?: number;
  wasSent?: "yes" | "no";
  dryRun?: boolean;
  confirm?: string;
  json?: boolean;
}

/** `send`: through the gate alone; `--was-sent` puts on record what became of a send whose outcome was unclear. */
export function addSendCommand(program: Command): void {
  program
    .command("send")
    .description("send a broadcast or newsletter; refused while the gate is locked")
    .argument("<dir>")
    .addOption(new Option("--broadcast <id>", "trigger an API-triggered broadcast").argParser(parseNumber))
    .addOption(new Option("--newsletter <id>", "send a newsletter that is a draft").argParser(parseNumber))
    .addOption(
      new Option(
        "--was-sent <answer>",
        "what you saw in Customer.io after a send whose outcome was unclear; sends nothing",
      ).choices(["yes", "no"]),
    )
    .option("--dry-run", "ask the gate and look at the workspace, and send nothing")
    .addOption(endpoint())
    .addOption(workspace())
    .addOption(confirm())
    .addOption(json())
    .action((folder: string, options: SendOptions) =>
      onProject(folder, (client) => run(client, options), options.workspace),
    );
}

async function run(client: EngineClient, options: SendOptions): Promise<void> {
  const { broadcast: broadcastId, newsletter: newsletterId, wasSent, dryRun = false } = options;
  if ((broadcastId === undefined) === (newsletterId === undefined)) {
    throw badInput("USAGE", "Say either --broadcast or --newsletter.", "See `sendgate send --help`.");
  }
  const mailing = {
    ...(broadcastId !== undefined && { broadcastId }),
    ...(newsletterId !== undefined && { newsletterId }),
  };
  if (options.endpoint !== undefined) await connect(client, options);
  else await useWorkspace(client, options.workspace);
  if (wasSent !== undefined) {
    const leaks = await client.delivery.settleSend({ ...mailing, wasSent: wasSent === "yes" });
    tell(options.json, leaks, () => `On record: it was ${wasSent === "yes" ? "" : "not "}sent.`);
    return;
  }
  const named = dryRun ? {} : await confirmProduction(client, options.confirm);
  const report = await client.delivery.send({ ...mailing, dryRun, ...named });
  tell(options.json, report, () => sendWords(report));
  if (report.deliveries && report.deliveries.reached > 0) process.exitCode = exitCodes.failed;
}

function sendWords({ broadcastId, newsletterId, dryRun, deliveries }: SendReport): string {
  if (dryRun) return "The gate is open; nothing was sent.";
  const sent =
    broadcastId === null ? `Newsletter ${newsletterId} was sent.` : `Broadcast ${broadcastId} was triggered.`;
  if (!deliveries) {
    return `${sent}\nIts deliveries could not be compared with the suppressions: run \`sendgate leaks\`; until then the gate is locked.`;
  }
  const { compared, pending, reached } = deliveries;
  const found =
    reached > 0
      ? `${counted(reached, "suppressed person", "suppressed people")} reached! The gate is locked: see \`sendgate leaks\`.`
      : `none of them reached a suppressed person${pending > 0 ? `; ${number(pending)} to suppressed people still open` : ""}.`;
  return `${sent}\n${counted(compared, "delivery", "deliveries")} so far: ${found}`;
}
