/** Entry of the desktop app: wires the pieces together. */
import { join } from "node:path";
import { app, type BrowserWindow, safeStorage, session } from "electron";
import { registerAppScheme, serveApp } from "./app-protocol.ts";
import { EngineHost } from "./engine-host.ts";
import { createHostRouter } from "./host-router.ts";
import { Keychain } from "./keychain.ts";
import { installMenu } from "./menu.ts";
import { blockNavigation } from "./navigation-guard.ts";
import { blockNetwork, blockWebRtc } from "./network-guard.ts";
import { denyAllPermissions } from "./permissions.ts";
import { Practice } from "./practice.ts";
import { RecentProjects } from "./recent-projects.ts";
import { openWindow } from "./window.ts";
import { offerPorts } from "./window-ports.ts";

registerAppScheme();

// Two at once would fight over the keychain's files and the recent projects.
if (app.requestSingleInstanceLock()) void app.whenReady().then(run);
else app.quit();

function run(): void {
  const userData = app.getPath("userData");
  const keychain = new Keychain(join(userData, "keys"), safeStorage);
  const practice = new Practice(join(userData, "practice"));
  const recentProjects = new RecentProjects(join(userData, "recent-projects.json"));
  const engineHost = new EngineHost({
    keys: async (role, practiceProject) =>
      practiceProject ? (practice.keys?.customerio ?? null) : keychain.keys(role),
    sourceKey: async (source, practiceProject) =>
      practiceProject ? (practice.keys?.sources[source] ?? null) : keychain.sourceKey(source),
  });

  serveApp(session.defaultSession, join(__dirname, "..", "renderer"));
  denyAllPermissions(session.defaultSession);
  blockNetwork(session.defaultSession, !app.isPackaged);
  app.on("web-contents-created", (_event, contents) => {
    blockNavigation(contents);
    blockWebRtc(contents);
  });
  installMenu();

  let window: BrowserWindow | null = null;
  const show = () => {
    if (window) {
      if (window.isMinimized()) window.restore();
      window.focus();
      return;
    }
    window = openWindow();
    offerPorts(window, engineHost, createHostRouter({ window, keychain, practice, recentProjects }));
    window.once("closed", () => {
      window = null;
    });
  };
  show();
  app.on("second-instance", show);
  app.on("activate", show);

  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  let putAway = false;
  app.on("will-quit", (event) => {
    if (putAway) return;
    event.preventDefault();
    void Promise.allSettled([engineHost.close(), practice.close()]).then(() => {
      putAway = true;
      // Not within this event: Electron ignores a second quit while it still handles the first.
      setImmediate(() => app.quit());
    });
  });
}
