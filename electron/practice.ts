import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type UtilityProcess, utilityProcess } from "electron";
import { badInput, failed } from "../contract/failure.ts";
import { type CustomerIoKeys, PracticeSchema } from "../contract/host-contract.ts";
import { closeProcess } from "./close-process.ts";
import { writeOwnerOnly } from "./owner-only-file.ts";
import {
  FromSimulatorSchema,
  type RunningSimulator,
  type RunSimulator,
  type ToSimulator,
} from "./simulator-messages.ts";

const defaultPeople = 2000;
/** The same people every time: what one operator sees another can look up. */
const seed = 1;

/** Inside the practice project's folder. */
const stateFileName = "practice-workspace.json";
/** Beside the practice project's folder: which export files were written for it. */
const exportListName = "exports.json";

const ExportListSchema = PracticeSchema.shape.exports;

/** Practice mode: simulators in a process of their own, started when first needed. */
export class Practice {
  readonly #folder: string;
  #process: UtilityProcess | null = null;
  #keys: CustomerIoKeys | null = null;
  #lastId = 0;

  /** @param folder where practice projects are put */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The keys of the simulated workspace; null before one was started. */
  get keys(): CustomerIoKeys | null {
    return this.#keys;
  }

  /** Invents people, writes their exports and starts an empty workspace for a new practice project. */
  async start(people: number = defaultPeople) {
    const number = await this.#nextNumber();
    const folder = join(this.#folder, `${number}`, "Practice migration");
    const exportFolder = join(this.#folder, `${number}`, "exports");
    await mkdir(exportFolder, { recursive: true, mode: 0o700 });
    const { endpoint, exports, broadcastId } = await this.#run({
      stateFile: join(folder, stateFileName),
      exports: { folder: exportFolder, people, seed },
    });
    await writeOwnerOnly(exportListOf(folder), JSON.stringify(exports));
    return { folder, endpoint, exports, broadcastId };
  }

  /** Starts the workspace of an earlier practice project as it was left. */
  async resume(folder: string) {
    if (!existsSync(folder)) {
      throw badInput("NO_PROJECT", `There is no project in ${folder}.`, "Start a new practice migration.");
    }
    const { endpoint, broadcastId } = await this.#run({
      stateFile: join(folder, stateFileName),
      exports: null,
    });
    return { endpoint, exports: await readExportList(folder), broadcastId };
  }

  /** Lets the simulators put their state away. */
  async close(): Promise<void> {
    if (this.#process) await closeProcess(this.#process);
  }

  async #nextNumber(): Promise<number> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const taken = (await readdir(this.#folder)).map(Number).filter(Number.isInteger);
    return Math.max(0, ...taken) + 1;
  }

  async #run(wanted: Omit<RunSimulator, "id" | "type">): Promise<RunningSimulator> {
    this.#process ??= this.#fork();
    const simulators = this.#process;
    const id = ++this.#lastId;
    const answer = await new Promise<RunningSimulator>((resolve, reject) => {
      const fail = (message: string) =>
        reject(
          failed(
            "PRACTICE_FAILED",
            `Practice mode could not start: ${message}`,
            "Restart Sendgate and try again.",
          ),
        );
      const onExit = (code: number) => fail(`the simulators ended with code ${code}.`);
      const onMessage = (data: unknown) => {
        const message = FromSimulatorSchema.parse(data);
        if (message.id !== id) return;
        simulators.off("message", onMessage);
        simulators.off("exit", onExit);
        if (message.type === "running") resolve(message);
        else fail(message.message);
      };
      simulators.on("message", onMessage);
      simulators.on("exit", onExit);
      simulators.postMessage({ type: "run", id, ...wanted } satisfies ToSimulator);
    });
    this.#keys = answer.keys;
    return answer;
  }

  #fork(): UtilityProcess {
    const simulators = utilityProcess.fork(join(__dirname, "simulator-process.cjs"), [], {
      serviceName: "Sendgate simulators",
    });
    simulators.on("exit", () => {
      if (this.#process === simulators) this.#process = null;
    });
    return simulators;
  }
}

function exportListOf(projectFolder: string): string {
  return join(dirname(projectFolder), exportListName);
}

async function readExportList(projectFolder: string) {
  try {
    const exports = ExportListSchema.parse(JSON.parse(await readFile(exportListOf(projectFolder), "utf8")));
    return exports.every(({ files }) => files.every((file) => existsSync(file))) ? exports : [];
  } catch {
    // Missing or unreadable: the files can still be added by hand.
    return [];
  }
}
