import { Command, CommanderError, Option } from "commander";
import { badInput } from "../contract/failure.ts";
import {
  type ColumnMapping,
  fileMeanings,
  mappableFields,
  type SourceName,
  sourceNames,
} from "../contract/source.ts";
import { version } from "../package.json";
import { addAttributesCommand } from "./commands/attributes.ts";
import { addDestinationCommand } from "./commands/destination.ts";
import { addEraseCommand } from "./commands/erase.ts";
import { addGateCommand } from "./commands/gate.ts";
import { addLeaksCommand } from "./commands/leaks.ts";
import { addPullCommand } from "./commands/pull.ts";
import { addRehearsalCommand } from "./commands/rehearsal.ts";
import { addSendCommand } from "./commands/send.ts";
import { addSimulateCommand } from "./commands/simulate.ts";
import { addSyncCommand } from "./commands/sync.ts";
import { addUndoCommand } from "./commands/undo.ts";
import { confirm, confirmProduction, warnUnrehearsed } from "./confirm.ts";
import { connect, type Destination, endpoint, workspace } from "./destination.ts";
import { onProject } from "./on-project.ts";
import { collect, collectNumber, json, out, parseNumber } from "./options.ts";
import { counted, exitCodes, tell, tellFailure } from "./output.ts";
import { withEngine } from "./session.ts";
import {
  decideWords,
  importWords,
  mergeWords,
  planWords,
  uploadWords,
  verifyProfilesWords,
  verifyWords,
} from "./words.ts";

// What packages are to leave behind is nothing that an operator can mend.
process.noDeprecation = true;

const program = new Command("sendgate")
  .description("Moves people and their consent to Customer.io: suppressions first, proven, then the rest.")
  .version(version)
  .exitOverride()
  .showHelpAfterError();

program
  .command("new")
  .description("make a project")
  .argument("<dir>")
  .option("--name <name>")
  .option("--source-priority <sources>", "which source wins, first to last", parseSources)
  .action((folder: string, options: { name?: string; sourcePriority?: SourceName[] }) =>
    withEngine(async (client) => {
      const project = await client.project.create({ folder, ...options });
      process.stdout.write(`Made the project ${project.name} in ${project.folder}\n`);
    }),
  );

program
  .command("import")
  .description("read export files: CSV, ZIP, NDJSON")
  .argument("<dir>")
  .addOption(new Option("--source <source>").choices(sourceNames).makeOptionMandatory())
  .addOption(
    new Option("--file <file>", "can be given several times").argParser(collect).makeOptionMandatory(),
  )
  .addOption(new Option("--means <meaning>", "what an unrecognised CSV means").choices(fileMeanings))
  .addOption(
    new Option("--map <field=column>", `fields: ${mappableFields.join(", ")}`).argParser(parseMapping),
  )
  .addOption(new Option("--replaces <id>", "an earlier file that this one replaces").argParser(collectNumber))
  .addOption(json())
  .action(
    (
      folder: string,
      options: {
        source: SourceName;
        file: string[];
        means?: (typeof fileMeanings)[number];
        map?: ColumnMapping;
        replaces?: number[];
        json?: boolean;
      },
    ) =>
      onProject(folder, async (client) => {
        const { file: files, json, ...request } = options;
        const report = await client.sources.importFiles({ files, ...request });
        tell(json, report, () => importWords(report));
      }),
  );

program
  .command("rejects")
  .description("rejected rows: write them to a file, or accept that they stay out")
  .argument("<dir>")
  .option("--out <file>", "where to write them")
  .option("--accept <file>", "accept the rejected rows of a file (its name or number), or all")
  .option("--reason <text>", "why they may stay out; kept on record")
  .action((folder: string, options: { out?: string; accept?: string; reason?: string }) =>
    onProject(folder, async (client) => {
      if ((options.out === undefined) === (options.accept === undefined)) {
        throw badInput("USAGE", "Say either --out or --accept.", "See `sendgate rejects --help`.");
      }
      if (options.out !== undefined) {
        const written = await client.sources.exportRejects({ file: options.out });
        process.stdout.write(`Wrote ${counted(written.rows, "rejected row")} to ${written.file}\n`);
      } else if (!options.reason?.trim()) {
        throw badInput(
          "USAGE",
          "Accepting rejected rows needs --reason.",
          "Say why they may stay out; it is kept on record.",
        );
      } else {
        const { accepted } = await client.sources.acceptRejects({
          file: options.accept!,
          reason: options.reason,
        });
        process.stdout.write(`Accepted ${counted(accepted, "rejected row")}.\n`);
      }
    }),
  );

addPullCommand(program);

program
  .command("merge")
  .description("merge what was imported into persons, addresses, suppressions and conflicts")
  .argument("<dir>")
  .addOption(json())
  .action((folder: string, options: { json?: boolean }) =>
    onProject(folder, async (client) => {
      const summary = await client.merge.run();
      const { notes } = await client.merge.state();
      tell(options.json, summary, () => [mergeWords(summary), ...notes].join("\n"));
    }),
  );

for (const [name, what, write] of [
  ["people", "all people and leads", "exportPeople"],
  ["suppressions", "the suppression set", "exportSuppressions"],
] as const) {
  program
    .command(name)
    .description(`write ${what} as CSV`)
    .argument("<dir>")
    .addOption(out())
    .action((folder: string, options: { out: string }) =>
      onProject(folder, async (client) => {
        const written = await client.merge[write]({ file: options.out });
        process.stdout.write(`Wrote ${counted(written.rows, "row")} to ${written.file}\n`);
      }),
    );
}

program
  .command("conflicts")
  .description("write the conflicts as CSV, to be decided in a spreadsheet")
  .argument("<dir>")
  .addOption(out())
  .option("--machine", "values untouched, not guarded for spreadsheets")
  .action((folder: string, options: { out: string; machine?: boolean }) =>
    onProject(folder, async (client) => {
      const written = await client.merge.exportConflicts({
        file: options.out,
        machine: options.machine ?? false,
      });
      process.stdout.write(`Wrote ${counted(written.rows, "conflict")} to ${written.file}\n`);
    }),
  );

program
  .command("decide")
  .description("take a conflict CSV back with its decision column filled in; all or nothing")
  .argument("<dir>")
  .requiredOption("--file <file>")
  .addOption(json())
  .action((folder: string, options: { file: string; json?: boolean }) =>
    onProject(folder, async (client) => {
      const report = await client.merge.importDecisions({ file: options.file });
      tell(options.json, report, () => decideWords(report));
      if (report.refused.length > 0) process.exitCode = exitCodes.bad_input;
    }),
  );

program
  .command("plan")
  .description("what would be written where, how long it takes; writes nothing")
  .argument("<dir>")
  .addOption(
    new Option(
      "--lead-suppression <how>",
      "suppressed addresses without a person: a billed profile, or the ESP list alone",
    ).choices(["profile", "esp"]),
  )
  .addOption(
    new Option(
      "--map-topic <source/topic=destination>",
      "carry a topic's opt-outs over, e.g. iterable/message_type:12=topic_4",
    ).argParser(collect),
  )
  .addOption(workspace())
  .addOption(json())
  .action(
    (
      folder: string,
      options: Destination & { leadSuppression?: "profile" | "esp"; mapTopic?: string[]; json?: boolean },
    ) =>
      onProject(
        folder,
        async (client) => {
          for (const mapping of options.mapTopic ?? []) {
            await client.plan.mapTopic(parseTopicMapping(mapping));
          }
          const plan = await client.plan.make(
            options.leadSuppression === undefined ? {} : { leadSuppression: options.leadSuppression },
          );
          tell(options.json, plan, () => planWords(plan));
        },
        options.workspace,
      ),
  );

program
  .command("upload")
  .description("write to Customer.io: suppressions first; profiles only once those are proven")
  .argument("<dir>")
  .option("--suppressions")
  .option("--profiles")
  .option("--dry-run", "write nothing")
  .option("--allow-shrink <reason>", "go on although many addresses are no longer suppressed; kept on record")
  .addOption(endpoint())
  .addOption(workspace())
  .addOption(confirm())
  .addOption(json())
  .action(
    (
      folder: string,
      options: Destination & {
        suppressions?: boolean;
        profiles?: boolean;
        dryRun?: boolean;
        allowShrink?: string;
        confirm?: string;
        json?: boolean;
      },
    ) =>
      onProject(folder, async (client) => {
        if (Boolean(options.suppressions) === Boolean(options.profiles)) {
          throw badInput(
            "USAGE",
            "Say either --suppressions or --profiles.",
            "See `sendgate upload --help`.",
          );
        }
        await connect(client, options);
        const { dryRun = false, allowShrink } = options;
        if (!dryRun) await warnUnrehearsed(client);
        const named = dryRun ? {} : await confirmProduction(client, options.confirm);
        const report = options.suppressions
          ? await client.delivery.uploadSuppressions({
              dryRun,
              ...named,
              ...(allowShrink !== undefined && { allowShrink }),
            })
          : await client.delivery.uploadProfiles({ dryRun, ...named });
        tell(options.json, report, () => uploadWords(report));
        if (report.failed > 0) process.exitCode = exitCodes.failed;
      }),
  );

program
  .command("verify")
  .description("read every suppressed address and person back from Customer.io")
  .argument("<dir>")
  .option("--profiles", "read the uploaded profiles back instead")
  .addOption(endpoint())
  .addOption(workspace())
  .addOption(json())
  .action((folder: string, options: Destination & { profiles?: boolean; json?: boolean }) =>
    onProject(folder, async (client) => {
      await connect(client, options);
      if (options.profiles) {
        const profiles = await client.delivery.verifyProfiles();
        tell(options.json, profiles, () => verifyProfilesWords(profiles));
        if (profiles.missing > 0) process.exitCode = exitCodes.failed;
        return;
      }
      const report = await client.delivery.verify();
      tell(options.json, report, () => verifyWords(report));
      if (report.missing > 0) process.exitCode = exitCodes.failed;
    }),
  );

addGateCommand(program);

addLeaksCommand(program);
addSendCommand(program);
addDestinationCommand(program);
addAttributesCommand(program);
addSyncCommand(program);
addRehearsalCommand(program);
addUndoCommand(program);
addEraseCommand(program);
addSimulateCommand(program);

program
  .command("demo")
  .description("a whole practice migration against simulators")
  .argument("[dir]", "keep everything there; otherwise it is thrown away at the end")
  .option("--people <n>", "how many invented people", parseNumber, 2000)
  .option("--seed <n>", "which invented people", parseNumber, 1)
  .addOption(json())
  .action(async (folder: string | undefined, options: { people: number; seed: number; json?: boolean }) => {
    const { demo } = await import("./demo.ts");
    const summary = await demo({ folder, ...options });
    if (!summary.gate.open) process.exitCode = exitCodes.failed;
  });

function parseSources(value: string): SourceName[] {
  const names = value.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !sourceNames.includes(name as SourceName));
  if (unknown !== undefined) {
    throw badInput(
      "USAGE",
      `${unknown || "An empty name"} is no source.`,
      `Sources are ${sourceNames.join(", ")}.`,
    );
  }
  return names as SourceName[];
}

function parseMapping(value: string, collected: ColumnMapping = {}): ColumnMapping {
  const [field, ...column] = value.split("=");
  if (!mappableFields.includes(field as never) || column.length === 0 || column.join("=") === "") {
    throw badInput(
      "USAGE",
      `--map ${value} is not FIELD=COLUMN.`,
      `Fields are ${mappableFields.join(", ")}.`,
    );
  }
  return { ...collected, [field!]: column.join("=") };
}

function parseTopicMapping(value: string): { source: SourceName; topic: string; destination: string } {
  const match = /^([^/]+)\/(.+)=(topic_\d+)$/.exec(value);
  if (!match || !sourceNames.includes(match[1] as SourceName)) {
    throw badInput(
      "USAGE",
      `--map-topic ${value} is not SOURCE/TOPIC=topic_N.`,
      "For example iterable/message_type:12=topic_4.",
    );
  }
  return { source: match[1] as SourceName, topic: match[2]!, destination: match[3]! };
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.bad_input;
  else process.exitCode = tellFailure(error);
}
