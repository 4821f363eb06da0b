import type { Command } from "commander";
import { badInput } from "../../contract/failure.ts";
import type { Leak, Leaks, Sent } from "../../contract/leaks.ts";
import { connect, type Destination, endpoint, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { exitCodes, number, tell } from "../output.ts";
import type { EngineClient } from "../session.ts";

interface LeaksOptions extends Destination {
  accept?: string;
  reason?: string;
  json?: boolean;
}

/** `leaks`: what sends in the workspace without asking the gate, and whom our sends have reached. */
export function addLeaksCommand(program: Command): void {
  program
    .command("leaks")
    .description(
      "look what sends by itself in the workspace, and whom our sends reached; or accept one of it",
    )
    .argument("<dir>")
    .option(
      "--accept <id>",
      "it may stay as it is, e.g. campaign:5; send:broadcast:1 acknowledges whom that reached",
    )
    .option("--reason <text>", "why; kept on record")
    .addOption(endpoint())
    .addOption(workspace())
    .addOption(json())
    .action((folder: string, options: LeaksOptions) =>
      onProject(folder, (client) => run(client, options), options.workspace),
    );
}

async function run(client: EngineClient, { accept, reason, ...options }: LeaksOptions): Promise<void> {
  if (accept !== undefined && !reason?.trim()) {
    throw badInput("USAGE", "Accepting needs --reason.", "Say why it may stay; it is kept on record.");
  }
  let found: Leaks;
  if (accept === undefined) {
    await connect(client, options);
    found = await client.leaks.look();
  } else {
    found = await client.leaks.accept({ id: accept, reason: reason! });
  }
  tell(options.json, found, () => leaksWords(found));
  if (found.failure !== null) process.exitCode = exitCodes.failed;
  else if (
    found.leaks.some(({ accepted }) => !accepted) ||
    found.sent.some(({ keepsGateShut }) => keepsGateShut)
  ) {
    process.exitCode = exitCodes.locked;
  }
}

function leaksWords({ leaks, sent, failure, lookedAt }: Leaks): string {
  const lines = [
    ...(failure === null ? [] : [`The last look came to nothing: ${failure}`]),
    leaks.length === 0
      ? `Nothing sends by itself${lookedAt === null ? ", as far as is known" : ` (${lookedAt})`}.`
      : "Sends by itself:",
    ...leaks.map(leakWords),
    ...(sent.length === 0 ? [] : ["Sent from here:", ...sent.map(sentWords)]),
  ];
  return lines.join("\n");
}

function leakWords({ id, name, type, what, when, accepted }: Leak): string {
  const verdict = accepted ? `accepted: ${accepted.reason}` : "not accepted";
  return `  ${id} “${name}”${type ? ` (${type})` : ""} ${what}${when ? `, ${when}` : ""}; ${verdict}`;
}

function sentWords(sent: Sent): string {
  const { id, state, at, comparedAt, deliveries, pending, reached, open, reachedItems, acknowledged } = sent;
  const compared =
    comparedAt === null
      ? "not compared yet"
      : `${number(deliveries)} deliveries, ${number(reached)} to suppressed people (${number(open)} not acknowledged)${pending > 0 ? `, ${number(pending)} on the way` : ""}`;
  return [
    `  ${id} ${state === "unclear" ? "perhaps sent" : "sent"} ${at}: ${compared}${acknowledged ? `; acknowledged: ${acknowledged.reason}` : ""}`,
    ...reachedItems.slice(0, 20).map(({ subject }) => `    ${subject}`),
  ].join("\n");
}
