import type { Command } from "commander";
import type { Rehearsal, StageRun } from "../../contract/workspaces.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { counted, number, tell } from "../output.ts";
import { duration } from "../progress-line.ts";

/** `rehearsal`: where the plan was tried out, and what differed in production. */
export function addRehearsalCommand(program: Command): void {
  program
    .command("rehearsal")
    .description("the plan on a simulator, in staging and in production, and what differed")
    .argument("<dir>")
    .addOption(json())
    .action((folder: string, options: { json?: boolean }) =>
      onProject(folder, async (client) => {
        const rehearsal = await client.workspace.rehearsal();
        tell(options.json, rehearsal, () => rehearsalWords(rehearsal));
      }),
    );
}

function rehearsalWords({ planHash, stages, rehearsedIn, differences, warning }: Rehearsal): string {
  const runs = stages.flatMap(({ stage, runs }) => runs.map((run) => runWords(stage, run, planHash)));
  return [
    planHash === null ? "There is no plan yet." : `Plan ${planHash.slice(0, 12)}`,
    ...(runs.length === 0 ? ["Nothing was written anywhere yet."] : runs),
    ...(rehearsedIn === null ? [] : [`Rehearsed in ${rehearsedIn}.`]),
    ...differences.map(
      ({ what, rehearsed, production }) =>
        `  ${what}: ${rehearsed} when rehearsed, ${production} in production`,
    ),
    ...(warning === null ? [] : [`Note: ${warning}`]),
  ].join("\n");
}

function runWords(stage: string, run: StageRun, planHash: string | null): string {
  const { suppressions, readBack, profiles } = run;
  const parts = [
    suppressions &&
      `${number(suppressions.delivered)} of ${counted(suppressions.operations, "suppression")} delivered, ${number(suppressions.failed)} refused`,
    readBack && `${number(readBack.covered)} read back, ${number(readBack.missing)} missing`,
    profiles && `${number(profiles.delivered)} of ${counted(profiles.operations, "profile")} delivered`,
  ].filter(Boolean);
  const other = run.planHash === planHash ? "" : `, plan ${run.planHash.slice(0, 12)}`;
  const simulated = run.simulated ? ", simulated" : "";
  const reasons = run.reasons.map(({ reason, count }) => `\n    ${number(count)} × ${reason}`);
  return `  ${stage}${simulated}, ${run.at}${other}: ${parts.join("; ")}; ${duration(run.seconds)}${reasons.join("")}`;
}
