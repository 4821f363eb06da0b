import { connectMessage, portsMessage } from "../../contract/window-bridge.ts";
import { startApp } from "../shell/start-app.tsx";
import { type FakeOptions, fakeDefaults, fakeShell } from "./fake-engine.ts";

/**
 * The real window over the fake engine. The address's query sets the fake's options:
 * `?stage=merged&conflicts=20000&fail=gate.state,merge.conflicts`.
 */
const query = new URLSearchParams(location.search);
const options = Object.fromEntries(
  Object.entries(fakeDefaults).map(([name, standard]) => {
    const text = query.get(name);
    if (text === null) return [name, standard];
    if (Array.isArray(standard)) return [name, text.split(",")];
    if (typeof standard === "number") return [name, Number(text)];
    if (typeof standard === "boolean") return [name, text === "true"];
    return [name, text];
  }),
) as unknown as FakeOptions;

// What the preload script does in the app.
window.sendgate = { pathForFile: (file) => `/home/ada/dropped/${file.name}` };
window.addEventListener("message", (event) => {
  if (event.data?.type !== connectMessage) return;
  const { enginePort, hostPort } = fakeShell(options);
  window.postMessage({ type: portsMessage }, location.origin, [enginePort, hostPort]);
});

startApp();
