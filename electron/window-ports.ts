import { RPCHandler } from "@orpc/server/message-port";
import {
  type BrowserWindow,
  type IpcMainEvent,
  ipcMain,
  MessageChannelMain,
  type MessagePortMain,
} from "electron";
import { connectMessage, portsMessage } from "../contract/window-bridge.ts";
import { appOrigin } from "./app-protocol.ts";
import { checkedPort } from "./checked-port.ts";
import type { EngineHost } from "./engine-host.ts";
import type { createHostRouter } from "./host-router.ts";

/**
 * Answers the page's request for ports with `[engine, host]`. Only the window's own page, in its main frame,
 * is answered.
 */
export function offerPorts(
  window: BrowserWindow,
  engineHost: EngineHost,
  router: ReturnType<typeof createHostRouter>,
): void {
  const handler = new RPCHandler(router);
  /** Electron closes a port that nothing refers to any more. */
  const open = new Set<MessagePortMain>();

  const onConnect = (event: IpcMainEvent) => {
    const frame = event.senderFrame;
    if (!frame || frame !== window.webContents.mainFrame || !frame.url.startsWith(`${appOrigin}/`)) {
      console.error("A request for ports from elsewhere was refused.");
      return;
    }
    const { port1, port2 } = new MessageChannelMain();
    open.add(port1);
    port1.on("close", () => open.delete(port1));
    handler.upgrade(checkedPort(port1));
    port1.start();
    frame.postMessage(portsMessage, null, [engineHost.connect(), port2]);
  };
  ipcMain.on(connectMessage, onConnect);
  window.once("closed", () => ipcMain.off(connectMessage, onConnect));
}
