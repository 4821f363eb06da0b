import { join } from "node:path";
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from "electron";
import type { CustomerIoKeys } from "../contract/host-contract.ts";
import type { WorkspaceRole } from "../contract/project.ts";
import type { SourceName } from "../contract/source.ts";
import { closeProcess } from "./close-process.ts";
import { type FromEngine, FromEngineSchema, type ToEngine } from "./engine-messages.ts";

/** Who holds the keys that the engine asks for; a practice migration gets others than a real one. */
export interface KeyHolder {
  keys(role: WorkspaceRole, practice: boolean): Promise<CustomerIoKeys | null>;
  sourceKey(source: SourceName, practice: boolean): Promise<string | null>;
}

/**
 * The engine in a process of its own. A crash there closes its ports, which the window sees; whoever
 * connects next gets a new process.
 */
export class EngineHost {
  readonly #keyHolder: KeyHolder;
  #process: UtilityProcess | null = null;

  constructor(keyHolder: KeyHolder) {
    this.#keyHolder = keyHolder;
  }

  /** A port that speaks `engineContract`; starts the engine where it does not run. */
  connect(): MessagePortMain {
    const { port1, port2 } = new MessageChannelMain();
    this.#process ??= this.#start();
    this.#process.postMessage({ type: "connect" } satisfies ToEngine, [port1]);
    return port2;
  }

  /** Lets the engine put its database away. */
  async close(): Promise<void> {
    if (this.#process) await closeProcess(this.#process);
  }

  #start(): UtilityProcess {
    const engine = utilityProcess.fork(join(__dirname, "engine-process.cjs"), [], {
      serviceName: "Sendgate engine",
      // Little memory, however long it works (docs/decisions/0007).
      execArgv: ["--js-flags=--expose-gc"],
      env: {
        ...process.env,
        DUCKDB_JE_MALLOC_CONF: "dirty_decay_ms:0,muzzy_decay_ms:0",
        MALLOC_ARENA_MAX: "1",
      },
    });
    engine.on("message", (message) => void this.#handOverKeys(engine, message));
    engine.on("exit", (code) => {
      if (code !== 0) console.error(`The engine ended with code ${code}.`);
      if (this.#process === engine) this.#process = null;
    });
    return engine;
  }

  async #handOverKeys(engine: UtilityProcess, message: unknown): Promise<void> {
    const parsed = FromEngineSchema.safeParse(message);
    if (!parsed.success) return console.error("A malformed message from the engine was dropped.");
    engine.postMessage(await this.#answer(parsed.data));
  }

  async #answer(wanted: FromEngine): Promise<ToEngine> {
    const { id, practice } = wanted;
    return wanted.type === "keys-wanted"
      ? { type: "keys", id, keys: await this.#keyHolder.keys(wanted.role, practice) }
      : { type: "source-key", id, key: await this.#keyHolder.sourceKey(wanted.source, practice) };
  }
}
