import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { badInput } from "../../contract/failure.ts";
import { type PracticeExport, writePracticeExports } from "../../simulators/exports/practice-exports.ts";
import { isPracticeFault, type PracticeFaultName, practiceFaults } from "../../simulators/practice-faults.ts";
import { type PracticeVendors, startPracticeVendors } from "../../simulators/practice-vendors.ts";
import { json, parseNumber } from "../options.ts";
import { counted, number, tell } from "../output.ts";

interface SimulateOptions {
  people?: number;
  seed: number;
  faults?: string;
  json?: boolean;
}

const defaultPeople = 2000;

const titles = {
  customerio: "Customer.io",
  mailchimp: "Mailchimp",
  klaviyo: "Klaviyo",
  iterable: "Iterable",
};

/** `simulate`: the four vendors on loopback until Ctrl-C, at their own limits. SIGUSR2 lets an hour pass there. */
export function addSimulateCommand(program: Command): void {
  program
    .command("simulate")
    .description("run simulators of all four vendors on loopback; print their addresses and keys")
    .option(
      "--people <n>",
      `how many invented people are behind them (${defaultPeople} where not given); writes their export files, too`,
      parseNumber,
    )
    .option("--seed <n>", "which invented people", parseNumber, 1)
    .option(
      "--faults <name>",
      `troubles for the vendors that know them: ${[...practiceFaults.keys()].join(", ")}`,
    )
    .addOption(json())
    .action(simulate);
}

async function simulate({ people, seed, faults: name, json }: SimulateOptions): Promise<void> {
  const faults = name === undefined ? undefined : faultsNamed(name);
  const ended = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  const vendors = await startPracticeVendors({
    people: people ?? defaultPeople,
    seed,
    ...(faults && { faults }),
  });
  process.on("SIGUSR2", () => {
    process.stderr.write(
      `An hour passed: ${counted(vendors.timePasses(), "thing")} happened in the old tools.\n`,
    );
  });
  const exports =
    people === undefined
      ? []
      : await writePracticeExports(await mkdtemp(join(tmpdir(), "sendgate-exports-")), { people, seed });
  const environment = environmentOf(vendors);
  const { customerio, mailchimp, klaviyo, iterable } = vendors;
  const result = {
    customer_io: { endpoint: customerio.url, keys: customerio.keys },
    mailchimp: { endpoint: mailchimp.url, key: mailchimp.key },
    klaviyo: { endpoint: klaviyo.url, key: klaviyo.key },
    iterable: { endpoint: iterable.url, key: iterable.key },
    people: people ?? defaultPeople,
    seed,
    pid: process.pid,
    environment,
    exports,
  };
  tell(json, result, () => words(environment, exports, result.people, faults));
  await ended;
  await vendors.close().catch((error: Error) => process.stderr.write(`${error.message}\n`));
}

function faultsNamed(name: string): PracticeFaultName {
  if (isPracticeFault(name)) return name;
  throw badInput(
    "USAGE",
    `There are no faults called ${name}.`,
    `Known faults: ${[...practiceFaults.keys()].join(", ")}.`,
  );
}

/** Keys by the names under which the command line takes them (interfaces §2), addresses beside them. */
function environmentOf({ customerio, mailchimp, klaviyo, iterable }: PracticeVendors) {
  return {
    CUSTOMER_IO_ENDPOINT: customerio.url,
    CUSTOMER_IO_SITE_ID: customerio.keys.siteId,
    CUSTOMER_IO_API_KEY: customerio.keys.trackApiKey,
    CUSTOMER_IO_APP_API_KEY: customerio.keys.appApiKey,
    MAILCHIMP_ENDPOINT: mailchimp.url,
    MAILCHIMP_API_KEY: mailchimp.key,
    KLAVIYO_ENDPOINT: klaviyo.url,
    KLAVIYO_API_KEY: klaviyo.key,
    ITERABLE_ENDPOINT: iterable.url,
    ITERABLE_API_KEY: iterable.key,
  };
}

/** A shell can run all of it: what is not a variable is a comment. */
function words(
  environment: Record<string, string>,
  exports: readonly PracticeExport[],
  people: number,
  faults: PracticeFaultName | undefined,
): string {
  const troubled = faults === undefined ? [] : (practiceFaults.get(faults) ?? []);
  return [
    `# ${number(people)} invented people behind four simulated vendors. Paste this into another terminal:`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${value}`),
    "# Then for example:",
    '#   npm run -s sendgate -- pull DIR --source klaviyo --endpoint "$KLAVIYO_ENDPOINT"',
    '#   npm run -s sendgate -- upload DIR --suppressions --endpoint "$CUSTOMER_IO_ENDPOINT"',
    ...(troubled.length > 0
      ? [`# Troubles (${faults}) at ${troubled.map((vendor) => titles[vendor]).join(", ")}.`]
      : []),
    ...exports.flatMap(({ source, files, means }) =>
      files.map((file) => `# ${source} as a file: ${file}${means ? ` (--means ${means})` : ""}`),
    ),
    `# kill -USR2 ${process.pid} lets an hour pass: people opt out, bounce, complain and come back. Ctrl-C ends it.`,
  ].join("\n");
}
