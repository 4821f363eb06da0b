/**
 * How the page and the desktop shell find each other (electron/preload.ts on one side, renderer/ on the other).
 *
 * The page posts `{ type: connectMessage }` to its own window and receives `{ type: portsMessage }` with
 * `ports` `[engine, host]`: two MessagePorts that speak `engineContract` and `hostContract` through oRPC's
 * message-port adapter. Each request is answered with a new pair. The engine's port closes when its process
 * ends; asked again, the shell answers with the port of a new process, in which no project is open.
 */
export const connectMessage = "sendgate:connect";
export const portsMessage = "sendgate:ports";

/** What the preload script adds to the page, as `window.sendgate`. */
export interface WindowBridge {
  /** The path of a file that the operator dropped or picked; empty where it is not on disk. */
  pathForFile(file: File): string;
}
