import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type UtilityProcess, utilityProcess } from "electron";
import { badInput, failed } from "../contract/failure.ts";
import { type CustomerIoKeys, PracticeSchema } from "../contract/host-contract.ts";
import type { SourceName } from "../contract/source.ts";
import { closeProcess } from "./close-process.ts";
import { writeOwnerOnly } from "./owner-only-file.ts";
import { type FromSimulator, FromSimulatorSchema, type ToSimulator } from "./simulator-messages.ts";

const defaultPeople = 2000;
/** The same people every time: what one operator sees another can look up. */
const seed = 1;

const ExportListSchema = PracticeSchema.shape.exports;

type Answer<Type extends FromSimulator["type"]> = Extract<FromSimulator, { type: Type }>;

/** The keys of the simulated vendors, which practice projects get in place of the operator's. */
export interface PracticeKeys {
  customerio: CustomerIoKeys;
  sources: Partial<Record<SourceName, string>>;
}

/** Practice mode: simulated vendors in a process of their own, started when first needed. */
export class Practice {
  readonly #folder: string;
  #process: UtilityProcess | null = null;
  #keys: PracticeKeys | null = null;
  /** Where the vendors of the migration that was started or opened last keep what happens. */
  #vendors: string | null = null;
  #lastId = 0;

  /** @param folder where practice projects are put */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null before any vendors were started. */
  get keys(): PracticeKeys | null {
    return this.#keys;
  }

  /** Invents people for the simulated old tools and starts an empty workspace, for a new practice project. */
  async start(people: number = defaultPeople) {
    const place = join(this.#folder, `${await this.#nextNumber()}`);
    const folder = join(place, "Practice migration");
    await mkdir(place, { recursive: true, mode: 0o700 });
    const practice = await this.#run(folder, people, join(place, "exports"));
    await writeOwnerOnly(exportListOf(folder), JSON.stringify(practice.exports));
    return { folder, ...practice };
  }

  /** Starts the vendors of an earlier practice project as they were left. */
  async resume(folder: string) {
    if (!existsSync(folder)) {
      throw badInput("NO_PROJECT", `There is no project in ${folder}.`, "Start a new practice migration.");
    }
    if (!existsSync(vendorsOf(folder))) {
      throw badInput(
        "NO_PRACTICE_VENDORS",
        `The simulated vendors of this practice migration are not in ${vendorsOf(folder)} any more.`,
        "Put them back there, or start a new practice migration.",
      );
    }
    const practice = await this.#run(folder, defaultPeople, null);
    return { ...practice, exports: await readExportList(folder) };
  }

  /** Something happens to the people of the migration that was started or opened last. */
  async timePasses() {
    if (this.#vendors === null) {
      throw badInput("NO_PRACTICE", "No practice migration is open.", "Start or open one first.");
    }
    const { events } = await this.#ask("time-passed", { type: "time-passes", folder: this.#vendors });
    return { events };
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

  async #run(project: string, people: number, exportFolder: string | null) {
    const folder = vendorsOf(project);
    const answer = await this.#ask("running", { type: "run", folder, people, seed, exportFolder });
    const { keys, sourceKeys, endpoint, sources, exports, broadcastId } = answer;
    this.#keys = { customerio: keys, sources: sourceKeys };
    this.#vendors = folder;
    return { endpoint, sources, exports, broadcastId };
  }

  async #ask<Type extends FromSimulator["type"]>(
    type: Type,
    wanted: DistributiveOmit<Exclude<ToSimulator, { type: "close" }>, "id">,
  ): Promise<Answer<Type>> {
    this.#process ??= this.#fork();
    const simulators = this.#process;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const fail = (message: string) => {
        const next = "Restart Sendgate and try again.";
        reject(failed("PRACTICE_FAILED", `Practice mode failed: ${message}`, next));
      };
      const onExit = (code: number) => fail(`the simulators ended with code ${code}.`);
      const onMessage = (data: unknown) => {
        const answer = FromSimulatorSchema.parse(data);
        if (answer.id !== id) return;
        simulators.off("message", onMessage);
        simulators.off("exit", onExit);
        if (answer.type === type) resolve(answer as Answer<Type>);
        else fail(answer.type === "failed" ? answer.message : "the simulators answered something else.");
      };
      simulators.on("message", onMessage);
      simulators.on("exit", onExit);
      simulators.postMessage({ id, ...wanted } satisfies ToSimulator);
    });
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

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** Beside the project's folder, which has to be empty when the project is made. */
function vendorsOf(projectFolder: string): string {
  return join(dirname(projectFolder), "vendors");
}

/** Beside the project's folder: which export files were written for it. */
function exportListOf(projectFolder: string): string {
  return join(dirname(projectFolder), "exports.json");
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
