/** Entry of the simulators' process: four simulated vendors for each practice project. */
import { practicePace } from "../contract/practice-pace.ts";
import { writePracticeExports } from "../simulators/exports/practice-exports.ts";
import { type PracticeVendors, startPracticeVendors } from "../simulators/practice-vendors.ts";
import {
  type FromSimulator,
  type RunSimulators,
  type TimePasses,
  ToSimulatorSchema,
} from "./simulator-messages.ts";

const { parentPort } = process;

/** The broadcast that every simulated workspace has. */
const broadcastId = 1;

/** By folder. */
const running = new Map<string, Promise<PracticeVendors>>();

parentPort.on("message", async ({ data }) => {
  const message = ToSimulatorSchema.parse(data);
  if (message.type === "close") return close();
  const answering = message.type === "run" ? run(message) : timePasses(message);
  const answer = await answering.catch(
    (error): FromSimulator => ({
      type: "failed",
      id: message.id,
      message: error instanceof Error ? error.message : String(error),
    }),
  );
  parentPort.postMessage(answer);
});

async function run({ id, folder, people, seed, exportFolder }: RunSimulators): Promise<FromSimulator> {
  const { customerio, mailchimp, klaviyo, iterable } = await vendorsOf(folder, { people, seed });
  return {
    type: "running",
    id,
    endpoint: customerio.url,
    keys: customerio.keys,
    broadcastId,
    sources: [
      { source: "mailchimp", endpoint: mailchimp.url },
      { source: "klaviyo", endpoint: klaviyo.url },
      { source: "iterable", endpoint: iterable.url },
    ],
    sourceKeys: { mailchimp: mailchimp.key, klaviyo: klaviyo.key, iterable: iterable.key },
    exports:
      exportFolder === null
        ? []
        : await writePracticeExports(exportFolder, { people, seed, sources: ["csv"] }),
  };
}

async function timePasses({ id, folder }: TimePasses): Promise<FromSimulator> {
  const vendors = await running.get(folder);
  if (!vendors) throw new Error("the simulated vendors of this migration do not run.");
  return { type: "time-passed", id, events: vendors.timePasses() };
}

function vendorsOf(folder: string, world: { people: number; seed: number }): Promise<PracticeVendors> {
  const before = running.get(folder);
  if (before) return before;
  const starting = startPracticeVendors({ ...world, folder, pace: practicePace });
  running.set(folder, starting);
  starting.catch(() => running.delete(folder));
  return starting;
}

async function close(): Promise<never> {
  // One that could not put its state away keeps no other from it.
  await Promise.allSettled([...running.values()].map(async (vendors) => (await vendors).close()));
  process.exit(0);
}
