import type { WebContents } from "electron";
import { appPage } from "./app-protocol.ts";

/** The window shows one page for all its life: it may load that page anew, and goes, opens and embeds nothing else. */
export function blockNavigation(contents: WebContents): void {
  const refuseOthers = (event: { url: string; preventDefault(): void }) => {
    if (event.url !== appPage) event.preventDefault();
  };
  contents.on("will-navigate", refuseOthers);
  contents.on("will-frame-navigate", refuseOthers);
  contents.on("will-redirect", refuseOthers);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}
