/**
 * How the desktop shell reaches the page (electron/preload.ts on one side, renderer/ on the other).
 *
 * After the page has loaded, and again after the engine was restarted, the page receives one `message` event
 * on `window` whose `data` is a `PortsMessage`, whose `source` is `window`, and whose `ports` are
 * `[engine, host]`: the two MessagePorts that speak `engineContract` and `hostContract` through oRPC's
 * message-port adapter. Ports of an earlier message are dead then: calls still waiting on them get no answer.
 */
export interface PortsMessage {
  type: typeof portsMessageType;
  /** True where the engine crashed and was started anew: no project is open in it. */
  engineRestarted: boolean;
}
export const portsMessageType = "sendgate:ports";

/** What the preload script adds to the page, as `window.sendgate`. */
export interface WindowBridge {
  /** The path of a file that the operator dropped or picked; empty where it has none on disk. */
  pathForFile(file: File): string;
}
