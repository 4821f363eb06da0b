/** Runs in the page's sandbox, before the page: passes ports in, and nothing else of Electron. */
import { contextBridge, ipcRenderer, webUtils } from "electron";
import { connectMessage, portsMessage, type WindowBridge } from "../contract/window-bridge.ts";

const bridge: WindowBridge = {
  // Before Electron 29 there is no webUtils; a file then has its path as a property.
  pathForFile: (file) =>
    webUtils ? webUtils.getPathForFile(file) : ((file as { path?: string }).path ?? ""),
};
contextBridge.exposeInMainWorld("sendgate", bridge);

window.addEventListener("message", (event) => {
  if (event.source === window && event.data?.type === connectMessage) ipcRenderer.send(connectMessage);
});

ipcRenderer.on(portsMessage, (event) => {
  window.postMessage({ type: portsMessage }, location.origin, [...event.ports]);
});
