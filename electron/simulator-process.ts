/** Entry of the simulators' process: one simulated Customer.io workspace for each practice project. */
import { type CustomerIoSimulator, startCustomerIoSimulator } from "../simulators/customerio/simulator.ts";
import { writePracticeExports } from "../simulators/exports/practice-exports.ts";
import { practiceRequestsPerSecond } from "./practice-pace.ts";
import { type FromSimulator, type RunSimulator, ToSimulatorSchema } from "./simulator-messages.ts";

const { parentPort } = process;

/** The broadcast that every simulated workspace has. */
const broadcastId = 1;

/** By state file. */
const simulators = new Map<string, Promise<CustomerIoSimulator>>();

parentPort.on("message", async ({ data }) => {
  const message = ToSimulatorSchema.parse(data);
  if (message.type === "run") parentPort.postMessage(await run(message));
  else await close();
});

async function run({ id, stateFile, exports }: RunSimulator): Promise<FromSimulator> {
  try {
    const simulator = await simulatorFor(stateFile);
    return {
      type: "running",
      id,
      endpoint: simulator.url,
      keys: simulator.keys,
      broadcastId,
      exports: exports ? await writePracticeExports(exports.folder, exports) : [],
    };
  } catch (error) {
    return { type: "failed", id, message: error instanceof Error ? error.message : String(error) };
  }
}

function simulatorFor(stateFile: string): Promise<CustomerIoSimulator> {
  const running = simulators.get(stateFile);
  if (running) return running;
  // A little more than the engine takes, so that the pace itself is not what is practised.
  const starting = startCustomerIoSimulator({
    stateFile,
    appRequestsPerSecond: practiceRequestsPerSecond * 2,
  });
  simulators.set(stateFile, starting);
  starting.catch(() => simulators.delete(stateFile));
  return starting;
}

async function close(): Promise<never> {
  // A practice project that was never made has no folder to keep its workspace in.
  for (const simulator of simulators.values())
    await simulator.then((running) => running.close()).catch(() => {});
  process.exit(0);
}
