declare module "*.css";

interface Window {
  /** Put there by the preload script. */
  sendgate: import("../contract/window-bridge.ts").WindowBridge;
}
