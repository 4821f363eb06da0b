/** Entry of the engine's process: serves `engineContract` on every port that main hands over. */
import { call } from "@orpc/server";
import { RPCHandler } from "@orpc/server/message-port";
import type { MessagePortMain } from "electron";
import type { CustomerIoKeys } from "../contract/host-contract.ts";
import { practicePace } from "../contract/practice-pace.ts";
import { createEngine } from "../engine/engine.ts";
import { checkedPort } from "./checked-port.ts";
import { type FromEngine, ToEngineSchema } from "./engine-messages.ts";

const { parentPort } = process;

/** How often it looks whether a sync or a comparison of deliveries is due, in milliseconds. */
const dueCheckMs = 60_000;

/** Who waits for which answer of main's, by its id. */
const waitingForKeys = new Map<number, (keys: CustomerIoKeys | null) => void>();
const waitingForSourceKey = new Map<number, (key: string | null) => void>();
let lastId = 0;

const engine = createEngine({
  name: "window",
  async credentials(role) {
    const practice = await isPractice();
    return new Promise((resolve) => {
      waitingForKeys.set(++lastId, resolve);
      ask({ type: "keys-wanted", id: lastId, role, practice });
    });
  },
  async sourceKey(source) {
    const practice = await isPractice();
    return new Promise((resolve) => {
      waitingForSourceKey.set(++lastId, resolve);
      ask({ type: "source-key-wanted", id: lastId, source, practice });
    });
  },
  practiceAppRequestsPerSecond: practicePace.appRequestsPerSecond,
  practiceMinuteMs: practicePace.minuteMs,
});

async function isPractice(): Promise<boolean> {
  const project = await call(engine.router.project.current, undefined);
  return project?.practice ?? false;
}

function ask(wanted: FromEngine): void {
  parentPort.postMessage(wanted);
}

// A sync that fails says so in the list of its runs; a comparison, by the time of the last one that did not.
setInterval(
  () =>
    void engine
      .syncWhenDue()
      .then(engine.compareWhenDue)
      .catch(() => {}),
  dueCheckMs,
);

const handler = new RPCHandler(engine.router);
/** Electron closes a port that nothing refers to any more. */
const ports = new Set<MessagePortMain>();

parentPort.on("message", async (event) => {
  const message = ToEngineSchema.parse(event.data);
  switch (message.type) {
    case "connect": {
      const [port] = event.ports;
      if (!port) return;
      ports.add(port);
      port.on("close", () => ports.delete(port));
      handler.upgrade(checkedPort(port));
      port.start();
      return;
    }
    case "keys":
      waitingForKeys.get(message.id)?.(message.keys);
      waitingForKeys.delete(message.id);
      return;
    case "source-key":
      waitingForSourceKey.get(message.id)?.(message.key);
      waitingForSourceKey.delete(message.id);
      return;
    case "close":
      await engine.close();
      process.exit(0);
  }
});
