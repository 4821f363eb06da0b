import type { Command } from "commander";
import type { EraseReport } from "../../contract/workspaces.ts";
import { ask } from "../confirm.ts";
import { connect, type Destination, endpoint, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { collect, json } from "../options.ts";
import { counted, exitCodes, number, tell } from "../output.ts";

interface Options extends Destination {
  userId?: string[];
  email?: string[];
  forgotten?: boolean;
  confirm?: string;
  json?: boolean;
}

/** `erase`: deletes people for ever. Never part of a plan or an upload. */
export function addEraseCommand(program: Command): void {
  program
    .command("erase")
    .description(
      "delete people at Customer.io for ever and block their ids and addresses; nothing brings them back",
    )
    .argument("<dir>")
    .option("--user-id <id>", "a person; can be given several times", collect)
    .option("--email <address>", "a person; can be given several times", collect)
    .option("--forgotten", "everybody who asked a source to be forgotten")
    .option("--confirm <phrase>", '"erase N people in NAME", to the letter')
    .addOption(endpoint())
    .addOption(workspace())
    .addOption(json())
    .action((folder: string, options: Options) =>
      onProject(folder, async (client) => {
        await connect(client, options);
        const whom = {
          userIds: options.userId ?? [],
          emails: options.email ?? [],
          forgotten: options.forgotten ?? false,
        };
        const confirm = options.confirm ?? (await askForPhrase());
        const report = await client.erasure.run({ ...whom, ...(confirm !== undefined && { confirm }) });
        tell(options.json, report, () => eraseWords(report));
        if (report.stillThere + report.refused.length > 0) process.exitCode = exitCodes.failed;

        async function askForPhrase(): Promise<string | undefined> {
          if (!process.stdin.isTTY) return undefined;
          const {
            people,
            profiles,
            identifiers,
            workspace,
            confirm: phrase,
          } = await client.erasure.preview(whom);
          process.stderr.write(
            `This deletes ${number(people)} people with ${counted(profiles, "profile")} in ${workspace.name} for ever and blocks ${number(identifiers)} of their ids and addresses.\n`,
          );
          return (await ask(`To go on, type "${phrase}": `)) ?? undefined;
        }
      }),
    );
}

function eraseWords({
  workspace,
  people,
  identifiers,
  erased,
  stillThere,
  refused,
  left,
}: EraseReport): string {
  return [
    `${number(erased)} of ${number(identifiers)} ids and addresses of ${number(people)} people were erased in ${workspace.name}.`,
    ...(stillThere > 0 ? [`${number(stillThere)} are still seen: run it again.`] : []),
    ...refused.map(({ subject, reason, nextStep }) => `  ${subject}: ${reason} ${nextStep}`),
    ...left.map(({ subject, reason, nextStep }) => `  ${subject} stays: ${reason} ${nextStep}`),
    "Plan again, then read back.",
  ].join("\n");
}
