import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { badInput } from "../contract/failure.ts";
import { customerIoFaults } from "../simulators/customerio/faults.ts";
import { startCustomerIoSimulator } from "../simulators/customerio/simulator.ts";
import { writePracticeExports } from "../simulators/exports/practice-exports.ts";
import { tell } from "./output.ts";

/** Runs the simulators until Ctrl-C, and prints where they are and which keys they take. */
export async function simulate(options: {
  people?: number;
  seed: number;
  faults?: string;
  json?: boolean;
}): Promise<void> {
  const faults = options.faults === undefined ? undefined : faultsNamed(options.faults);
  const simulator = await startCustomerIoSimulator({ ...(faults && { faults }) });
  const exports =
    options.people === undefined
      ? []
      : await writePracticeExports(await mkdtemp(join(tmpdir(), "sendgate-exports-")), {
          people: options.people,
          seed: options.seed,
        });
  tell(options.json, { customer_io: { endpoint: simulator.url, keys: simulator.keys }, exports }, () =>
    [
      `Customer.io: ${simulator.url}`,
      `  CUSTOMER_IO_SITE_ID=${simulator.keys.siteId}`,
      `  CUSTOMER_IO_API_KEY=${simulator.keys.trackApiKey}`,
      `  CUSTOMER_IO_APP_API_KEY=${simulator.keys.appApiKey}`,
      ...exports.flatMap(({ source, files, means }) =>
        files.map((file) => `${source}: ${file}${means ? ` (--means ${means})` : ""}`),
      ),
      "Ctrl-C ends it.",
    ].join("\n"),
  );
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await simulator.close();
}

function faultsNamed(name: string) {
  const known = Object.keys(customerIoFaults);
  if (!known.includes(name))
    throw badInput("USAGE", `There are no faults called ${name}.`, `Known faults: ${known.join(", ")}.`);
  return customerIoFaults[name as keyof typeof customerIoFaults]();
}
