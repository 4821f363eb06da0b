import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import type { AnyContractRouter, ContractRouterClient } from "@orpc/contract";
import { ResponseValidationPlugin } from "@orpc/contract/plugins";
import { engineContract } from "../../contract/engine-contract.ts";
import { hostContract } from "../../contract/host-contract.ts";
import { connectMessage, portsMessage } from "../../contract/window-bridge.ts";

export type EngineClient = ContractRouterClient<typeof engineContract>;
export type HostClient = ContractRouterClient<typeof hostContract>;

/** The whole world that the window can reach. */
export interface Clients {
  engine: EngineClient;
  host: HostClient;
  /** Resolves when the engine's process is gone; never otherwise. */
  engineGone: Promise<void>;
}

/** How long the preload script has to answer, in milliseconds. */
const portsTimeout = 15_000;

/**
 * Asks the preload script for the ports to engine and host.
 * @throws Error if nothing answers in time.
 */
export async function requestPorts(): Promise<{ enginePort: MessagePort; hostPort: MessagePort }> {
  const { promise, resolve, reject } = deferred<{ enginePort: MessagePort; hostPort: MessagePort }>();
  const timer = setTimeout(() => reject(new Error("The ports did not arrive.")), portsTimeout);
  const onMessage = (event: MessageEvent) => {
    const [enginePort, hostPort] = event.ports;
    if (event.source !== window || event.data?.type !== portsMessage || !enginePort || !hostPort) return;
    resolve({ enginePort, hostPort });
  };
  window.addEventListener("message", onMessage);
  window.postMessage({ type: connectMessage }, location.origin);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    window.removeEventListener("message", onMessage);
  }
}

/** Clients that check every reply against the contract. */
export function clientsOver(enginePort: MessagePort, hostPort: MessagePort): Clients {
  const engineGone = deferred<void>();
  // Electron adds this event to the ports of a page; it comes when the other side's process ends.
  enginePort.addEventListener("close", () => engineGone.resolve());
  return {
    engine: clientOver<EngineClient>(engineContract, enginePort),
    host: clientOver<HostClient>(hostContract, hostPort),
    engineGone: engineGone.promise,
  };
}

function clientOver<Client extends EngineClient | HostClient>(
  contract: AnyContractRouter,
  port: MessagePort,
): Client {
  const client: Client = createORPCClient(
    new RPCLink({ port, plugins: [new ResponseValidationPlugin(contract)] }),
  );
  port.start();
  return client;
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  return { promise, resolve, reject };
}
