/** Entry of the engine's process: serves `engineContract` on every port that main hands over. */
import { call } from "@orpc/server";
import { RPCHandler } from "@orpc/server/message-port";
import type { MessagePortMain } from "electron";
import type { CustomerIoKeys } from "../contract/host-contract.ts";
import type { WorkspaceRole } from "../contract/project.ts";
import { createEngine } from "../engine/engine.ts";
import { checkedPort } from "./checked-port.ts";
import { type KeysWanted, ToEngineSchema } from "./engine-messages.ts";
import { practiceRequestsPerSecond } from "./practice-pace.ts";

const { parentPort } = process;

const waiting = new Map<number, (keys: CustomerIoKeys | null) => void>();
let lastId = 0;

const engine = createEngine({
  name: "window",
  async credentials(role: WorkspaceRole) {
    const project = await call(engine.router.project.current, undefined);
    const wanted: KeysWanted = {
      type: "keys-wanted",
      id: ++lastId,
      role,
      practice: project?.practice ?? false,
    };
    return new Promise<CustomerIoKeys | null>((resolve) => {
      waiting.set(wanted.id, resolve);
      parentPort.postMessage(wanted);
    });
  },
  practiceAppRequestsPerSecond: practiceRequestsPerSecond,
});

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
      waiting.get(message.id)?.(message.keys);
      waiting.delete(message.id);
      return;
    case "close":
      await engine.close();
      process.exit(0);
  }
});
