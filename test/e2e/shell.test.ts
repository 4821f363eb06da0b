import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  answerDialogs,
  type LaunchedApp,
  launchApp,
  launchPackaged,
  packageApp,
  takeScreenshot,
} from "./harness.ts";
import { closedPorts, openRawPorts, postRaw, rawCall } from "./raw-ports.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 });

/** Without a keychain, on every machine: the tests must not write to anybody's real one. */
const withoutKeychain = ["--password-store=basic"];

let shell: LaunchedApp;
let page: Page;

beforeAll(async () => {
  shell = await launchApp({ args: withoutKeychain });
  page = shell.window;
  await openRawPorts(page);
});
afterAll(() => shell?.close());

describe("the window", () => {
  test("shows the page of the app's own protocol, light and dark", async () => {
    expect(page.url()).toBe("sendgate://app/index.html");
    expect(await page.title()).toBe("Sendgate");
    await page.getByRole("heading", { name: "Sendgate" }).waitFor();
    await takeScreenshot(page, "shell-light", "light");
    await takeScreenshot(page, "shell-dark", "dark");
  });

  test("gives the page nothing of Node and nothing of Electron but one function", async () => {
    const found = await page.evaluate(() => ({
      node: ["require", "process", "module", "Buffer", "global", "__dirname"].filter(
        (name) => name in window,
      ),
      bridge: Object.keys((window as unknown as { sendgate: object }).sendgate),
    }));
    expect(found).toEqual({ node: [], bridge: ["pathForFile"] });
  });

  test("runs the page sandboxed, context-isolated and without Node", async () => {
    const preferences = await shell.app.evaluate(({ BrowserWindow }) =>
      (
        BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
        }
      ).getLastWebPreferences(),
    );
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    });
  });

  test("serves the page under a policy that lets nothing in and nothing out", async () => {
    const policy = await shell.app.evaluate(async ({ net }) =>
      (await net.fetch("sendgate://app/index.html")).headers.get("content-security-policy"),
    );
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'none'",
      "form-action 'none'",
    ]) {
      expect(policy).toContain(rule);
    }
  });

  test("runs no script that is not one of the app's files", async () => {
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.inlineRan = true";
      document.body.append(script);
      // What the test itself evaluates is exempt from the policy; what runs later is not.
      const evaluated = await new Promise((resolve) =>
        setTimeout(() => {
          try {
            resolve(new Function("return 1")() === 1);
          } catch {
            resolve(false);
          }
        }),
      );
      return { inline: "inlineRan" in window, evaluated };
    });
    expect(ran).toEqual({ inline: false, evaluated: false });
  });

  test("serves no file from outside the page's folder", async () => {
    const statuses = await shell.app.evaluate(async ({ net }) => {
      const addresses = [
        "sendgate://app/../electron/main.cjs",
        "sendgate://app/..%2f..%2fpackage.json",
        "sendgate://app/%2e%2e/package.json",
        "sendgate://app/..%5c..%5cpackage.json",
        "sendgate://other/index.html",
        "sendgate://app/",
      ];
      return Promise.all(addresses.map(async (address) => (await net.fetch(address)).status));
    });
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404]);
  });

  test("knows the path of a file that the operator picked", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sendgate-picked-"));
    const file = join(folder, "unsubscribed audience.csv");
    await writeFile(file, "Email Address\n");
    await page.evaluate(() => {
      const input = document.createElement("input");
      input.type = "file";
      input.id = "picked";
      document.body.append(input);
    });
    await page.setInputFiles("#picked", file);
    const path = await page.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>("#picked")!;
      const { sendgate } = window as unknown as { sendgate: { pathForFile(file: File): string } };
      const found = sendgate.pathForFile(input.files![0]!);
      input.remove();
      return found;
    });
    expect(path).toBe(file);
    await rm(folder, { recursive: true });
  });

  test("is refused every permission", async () => {
    const states = await page.evaluate(async () => {
      const names = ["geolocation", "notifications", "camera", "microphone", "clipboard-read", "midi"];
      const queried = await Promise.all(
        names.map(
          async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
        ),
      );
      const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => "granted",
        () => "denied",
      );
      return [...queried, await Notification.requestPermission(), camera];
    });
    expect(new Set(states)).toEqual(new Set(["denied"]));
  });
});

describe("the network", () => {
  test.each([
    { situation: "under the page's policy", policy: true },
    { situation: "even where the page's policy did not hold", policy: false },
  ])("is out of the page's reach $situation", async ({ policy }) => {
    const own = await launchApp({ args: withoutKeychain });
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (!policy) {
      const session = await own.window.context().newCDPSession(own.window);
      await session.send("Page.setBypassCSP", { enabled: true });
      const loaded = own.window.waitForEvent("load");
      await own.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.reload());
      await loaded;
    }

    const outcome = await own.window.evaluate(async (target) => {
      const outcomeOf = (attempt: Promise<unknown>) =>
        attempt.then(
          () => "reached",
          () => "refused",
        );
      const element = (name: string, attributes: Record<string, string>) =>
        new Promise((resolve, reject) => {
          const made = Object.assign(document.createElement(name), { onload: resolve, onerror: reject });
          for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
          document.head.append(made);
        });
      const socket = new Promise((resolve, reject) => {
        const opened = new WebSocket(`ws://${target}/`);
        opened.onopen = resolve;
        opened.onerror = reject;
      });
      navigator.sendBeacon(`http://${target}/beacon`, "x");
      for (const rel of ["preconnect", "dns-prefetch", "prefetch"]) {
        document.head.append(
          Object.assign(document.createElement("link"), { rel, href: `http://${target}/` }),
        );
      }
      return {
        http: await outcomeOf(fetch(`http://${target}/`, { mode: "no-cors" })),
        https: await outcomeOf(fetch(`https://${target}/`, { mode: "no-cors" })),
        socket: await outcomeOf(socket),
        image: await outcomeOf(element("img", { src: `http://${target}/a.png` })),
        script: await outcomeOf(element("script", { src: `http://${target}/a.js` })),
        style: await outcomeOf(element("link", { rel: "stylesheet", href: `http://${target}/a.css` })),
      };
    }, host);

    expect(outcome).toEqual({
      http: "refused",
      https: "refused",
      socket: "refused",
      image: "refused",
      script: "refused",
      style: "refused",
    });
    await own.close();
    expect(connections).toBe(0);
    server.close();
  });

  test("gets no datagram from the page by way of WebRTC", async () => {
    let datagrams = 0;
    const server = createSocket("udp4", () => {
      datagrams += 1;
    });
    server.bind(0, "127.0.0.1");
    await once(server, "listening");
    await page.evaluate(async (port) => {
      const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
      connection.createDataChannel("out");
      const gathered = new Promise<void>((resolve) => {
        connection.onicegatheringstatechange = () => {
          if (connection.iceGatheringState === "complete") resolve();
        };
      });
      await connection.setLocalDescription(await connection.createOffer());
      await gathered;
      connection.close();
    }, server.address().port);
    expect(datagrams).toBe(0);
    server.close();
  });

  test("is not reached by leaving the page either: it navigates nowhere and opens no window", async () => {
    // In a window of its own: Playwright waits for ever for the end of a navigation that was refused.
    const own = await launchApp({ args: withoutKeychain });
    await openRawPorts(own.window);
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const opened = await own.window.evaluate(
      (port) => {
        const targets = [
          `http://127.0.0.1:${port}/`,
          "file:///etc/passwd",
          "sendgate://app/other.html",
          "data:text/html,x",
        ];
        const windows = targets.map((target) => window.open(target));
        for (const target of targets) location.assign(target);
        const link = Object.assign(document.createElement("a"), { href: targets[0], target: "_blank" });
        document.body.append(link);
        link.click();
        return windows;
      },
      (server.address() as AddressInfo).port,
    );
    expect(opened).toEqual([null, null, null, null]);
    // A full round trip through main: what the page asked for before has been answered by then.
    expect((await rawCall(own.window, "host", "/app/info")).status).toBe(200);
    expect(own.window.url()).toBe("sendgate://app/index.html");
    expect(own.app.windows()).toHaveLength(1);
    await own.close();
    expect(connections).toBe(0);
    server.close();
  });
});

describe("the ports", () => {
  test("answer the host's contract", async () => {
    const info = await rawCall(page, "host", "/app/info");
    expect(info).toEqual({
      status: 200,
      body: { version: expect.any(String), platform: process.platform, electron: expect.any(String) },
    });
  });

  test("answer the engine's contract from another process", async () => {
    expect(await rawCall(page, "engine", "/project/current")).toEqual({ status: 200, body: null });
  });

  test.each(["host", "engine"] as const)("survive anything that is posted to the %s", async (side) => {
    const request = (p: unknown) => JSON.stringify({ i: "x", p });
    const malformed = [
      null,
      7,
      "",
      "{",
      "[]",
      { i: "1" },
      { i: "1", p: null },
      JSON.stringify({ i: 1, p: { u: "/app/info" } }),
      JSON.stringify({ i: "1" }),
      request({ u: "not a path" }),
      request({ u: "http://127.0.0.1/app/info" }),
      request({ u: "/app/info", h: { "content-disposition": 'attachment; filename="x"' } }),
      request({ u: "/app/info", h: { "content-type": "multipart/form-data" } }),
      request({ u: "/app/info", h: 3 }),
      request({ u: "/no/such/call", b: { json: 1 } }),
      request({ u: "/keychain/store", b: { json: { role: "staging" } } }),
      request({ u: "/keychain/store", b: { json: {}, meta: [[1, "__proto__", "x"]] } }),
      request({ u: "/keychain/store", b: { json: {}, meta: "x", maps: [["__proto__"]] } }),
      JSON.stringify({ i: "1", t: 3, p: { e: "message", d: 1 } }),
      JSON.stringify({ i: "1", t: 99, p: {} }),
    ];
    for (const message of malformed) await postRaw(page, side, message);
    const path = side === "host" ? "/app/info" : "/project/current";
    expect((await rawCall(page, side, path)).status).toBe(200);
    expect(await closedPorts(page)).toEqual([]);
  });

  test("refuse input that is not in the contract", async () => {
    const answer = await rawCall(page, "host", "/keychain/store", { role: "elsewhere", keys: {} });
    expect(answer).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" } });
  });
});

describe("a crash of the engine", () => {
  test("costs no window: the operator is told, and starts it again with one click", async () => {
    const killed = await killEngine();
    await page.getByText("has stopped").waitFor();
    expect(await closedPorts(page)).toEqual(["engine"]);
    await takeScreenshot(page, "engine-stopped");

    await page.getByRole("button", { name: "Start it again" }).click();
    await page.getByRole("heading", { name: "Sendgate" }).waitFor();
    await openRawPorts(page);
    expect(await rawCall(page, "engine", "/project/current")).toEqual({ status: 200, body: null });
    const running = await engines();
    expect(running).toHaveLength(1);
    expect(running).not.toContain(killed);
  });

  async function killEngine(): Promise<number> {
    const [engine] = await engines();
    process.kill(engine!, "SIGKILL");
    return engine!;
  }

  function engines(): Promise<number[]> {
    return shell.app.evaluate(({ app }) =>
      app
        .getAppMetrics()
        .filter(({ name }) => name === "Sendgate engine")
        .map(({ pid }) => pid),
    );
  }
});

describe("dialogs", () => {
  test("hand over what the operator chose, and nothing where the operator cancels", async () => {
    await answerDialogs(shell.app, ["/exports/a.csv", "/exports/b.csv"]);
    expect(await rawCall(page, "host", "/dialogs/openFiles", { title: "Export files" })).toEqual({
      status: 200,
      body: ["/exports/a.csv", "/exports/b.csv"],
    });
    await answerDialogs(shell.app, null);
    const folder = await rawCall(page, "host", "/dialogs/openFolder", { title: "Project" });
    const file = await rawCall(page, "host", "/dialogs/saveFile", {
      title: "Save",
      defaultName: "people.csv",
    });
    expect([folder.body, file.body]).toEqual([null, null]);
  });
});

describe("recent projects", () => {
  test("are listed latest first, without folders that are gone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sendgate-recent-"));
    const first = { folder, name: "First", practice: false };
    const second = { folder: join(folder, ".."), name: "Second", practice: true };
    const gone = { folder: join(folder, "gone"), name: "Gone", practice: false };
    for (const project of [second, first, gone, second]) {
      await rawCall(page, "host", "/projects/remember", project);
    }
    expect((await rawCall(page, "host", "/projects/recent")).body).toEqual([second, first]);
    await rm(folder, { recursive: true });
  });
});

describe("keys, where the system has no keychain", () => {
  const keys = {
    siteId: "site-3f1b0c",
    trackApiKey: "track-77a9e2c4d1",
    appApiKey: "app-0b5d9e8f66",
  };
  const sourceKey = "5d2a9b7c1e-us6";

  test("are held for the session only: nothing of them lies on disk, and the next start holds none", async () => {
    const userData = await mkdtemp(join(tmpdir(), "sendgate-keys-"));
    const first = await launchApp({ userData, args: withoutKeychain });
    await openRawPorts(first.window);
    expect((await rawCall(first.window, "host", "/keychain/state")).body).toEqual({
      persistent: false,
      held: { staging: false, production: false },
      sources: [],
    });
    await rawCall(first.window, "host", "/keychain/store", { role: "staging", keys });
    await rawCall(first.window, "host", "/keychain/storeSource", { source: "mailchimp", key: sourceKey });
    expect((await rawCall(first.window, "host", "/keychain/state")).body).toEqual({
      persistent: false,
      held: { staging: true, production: false },
      sources: ["mailchimp"],
    });
    await first.close();
    const secrets = [...Object.values(keys), sourceKey];
    expect(await filesWith(userData, secrets)).toEqual([]);
    expect(secrets.filter((key) => first.output().includes(key))).toEqual([]);

    const second = await launchApp({ userData, args: withoutKeychain });
    await openRawPorts(second.window);
    expect((await rawCall(second.window, "host", "/keychain/state")).body).toMatchObject({
      held: { staging: false },
      sources: [],
    });
    await second.close();
    await rm(userData, { recursive: true });
  });

  test("are never shared between staging and production", async () => {
    await rawCall(page, "host", "/keychain/store", { role: "staging", keys });
    const shared = await rawCall(page, "host", "/keychain/store", { role: "production", keys });
    expect(shared.body).toMatchObject({ code: "FAILURE", defined: true, data: { code: "KEYS_SHARED" } });
    expect((await rawCall(page, "host", "/keychain/state")).body).toMatchObject({
      held: { staging: true, production: false },
    });
    await rawCall(page, "host", "/keychain/forget", { role: "staging" });
    expect((await rawCall(page, "host", "/keychain/state")).body).toMatchObject({
      held: { staging: false, production: false },
    });
  });

  test("of a source are held until they are forgotten; what has no API takes none", async () => {
    const call = (path: string, input?: unknown) => rawCall(page, "host", `/keychain/${path}`, input);
    await call("storeSource", { source: "klaviyo", key: sourceKey });
    expect((await call("state")).body).toMatchObject({ sources: ["klaviyo"] });
    await call("forgetSource", { source: "klaviyo" });
    expect((await call("state")).body).toMatchObject({ sources: [] });
    const refused = await call("storeSource", { source: "csv", key: sourceKey });
    expect(refused.body).toMatchObject({ code: "FAILURE", data: { code: "SOURCE_WITHOUT_API" } });
  });
});

describe("practice mode", () => {
  interface Practice {
    folder: string;
    endpoint: string;
    sources: { source: string; endpoint: string }[];
    exports: { source: string; files: string[]; means: string }[];
  }

  test("runs all four vendors on loopback, and again after a restart: where they were and with all that happened", async () => {
    const userData = await mkdtemp(join(tmpdir(), "sendgate-practice-"));
    const first = await launchApp({ userData, args: withoutKeychain });
    await openRawPorts(first.window);
    const started = (await rawCall(first.window, "host", "/practice/start", { people: 300 }))
      .body as Practice;
    const { folder, ...practice } = started;
    for (const { endpoint } of [practice, ...practice.sources])
      expect(new URL(endpoint).hostname).toBe("127.0.0.1");
    expect(practice.sources.map(({ source }) => source)).toEqual(["mailchimp", "klaviyo", "iterable"]);
    // Only what has no API comes as a file.
    expect(practice.exports).toMatchObject([{ source: "csv", means: "manual" }]);
    for (const file of practice.exports[0]!.files) expect((await readFile(file)).length).toBeGreaterThan(0);

    await rawCall(first.window, "engine", "/project/create", { folder, practice: true });
    const connect = { role: "staging", endpoint: practice.endpoint };
    const bound = await rawCall(first.window, "engine", "/workspace/connect", connect);
    expect(bound).toMatchObject({ status: 200, body: { role: "staging", endpoint: practice.endpoint } });
    for (const at of practice.sources) {
      const pulled = await rawCall(first.window, "engine", "/sources/pull", { ...at, userIdField: null });
      expect(pulled, at.source).toMatchObject({ status: 200, body: { kind: "full", complete: true } });
      expect((pulled.body as { received: number }).received).toBeGreaterThan(0);
    }
    const passed = await rawCall(first.window, "host", "/practice/timePasses");
    expect((passed.body as { events: number }).events).toBeGreaterThan(0);
    await first.close();

    const second = await launchApp({ userData, args: withoutKeychain });
    await openRawPorts(second.window);
    await rawCall(second.window, "engine", "/project/open", { folder });
    expect((await rawCall(second.window, "host", "/practice/resume", { folder })).body).toEqual(practice);
    const again = await rawCall(second.window, "engine", "/workspace/connect", connect);
    expect(again.body).toMatchObject({ id: (bound.body as { id: number }).id, endpoint: practice.endpoint });
    for (const { source } of practice.sources) {
      // No endpoint is named: it is where the source was pulled from before.
      const pulled = await rawCall(second.window, "engine", "/sources/pull", { source });
      expect(pulled, source).toMatchObject({ status: 200, body: { kind: "delta", complete: true } });
      const { added, changed } = pulled.body as { added: number; changed: number };
      expect(added + changed, source).toBeGreaterThanOrEqual(4);
    }
    await second.close();
    await rm(userData, { recursive: true });
  });

  test("keeps its keys apart: a real migration never gets the simulators', a practice one never the operator's", async () => {
    const own = await launchApp({ args: withoutKeychain });
    await openRawPorts(own.window);
    const call = (side: "host" | "engine", path: string, input: unknown) =>
      rawCall(own.window, side, path, input);
    const { endpoint, folder, sources } = (await call("host", "/practice/start", { people: 10 }))
      .body as Practice;
    await call("engine", "/project/create", { folder: join(own.userData, "real") });
    const real = await call("engine", "/workspace/connect", { role: "staging", endpoint });
    expect(real.body).toMatchObject({ code: "FAILURE", data: { code: "NO_KEYS" } });
    for (const source of sources) {
      const refused = await call("engine", "/sources/connect", source);
      expect(refused.body).toMatchObject({ code: "FAILURE", data: { code: "NO_SOURCE_KEY" } });
    }

    const operators = { siteId: "real-site", trackApiKey: "real-track", appApiKey: "real-app" };
    await call("host", "/keychain/store", { role: "staging", keys: operators });
    for (const { source } of sources)
      await call("host", "/keychain/storeSource", { source, key: "real-us6" });
    // The simulators take their own keys only.
    for (const source of sources)
      expect((await call("engine", "/sources/connect", source)).body).toMatchObject({ code: "FAILURE" });
    await call("engine", "/project/create", { folder, practice: true });
    expect((await call("engine", "/workspace/connect", { role: "staging", endpoint })).status).toBe(200);
    for (const source of sources)
      expect((await call("engine", "/sources/connect", source)).status, source.source).toBe(200);
    await own.close();
  });

  test("says so where a practice project or its vendors are gone, and where none is open", async () => {
    const userData = await mkdtemp(join(tmpdir(), "sendgate-practice-"));
    const moved = join(userData, "moved");
    await mkdir(moved);
    const code = (answer: { body: unknown }) => (answer.body as { data?: { code: string } }).data?.code;
    const resume = (folder: string) => rawCall(page, "host", "/practice/resume", { folder });
    expect(code(await resume(join(userData, "no-such-project")))).toBe("NO_PROJECT");
    expect(code(await resume(moved))).toBe("NO_PRACTICE_VENDORS");
    expect(code(await rawCall(page, "host", "/practice/timePasses"))).toBe("NO_PRACTICE");
    await rm(userData, { recursive: true });
  });
});

describe("a second start", () => {
  test("ends at once and leaves the first in place", async () => {
    const program = await shell.app.evaluate(() => ({ path: process.execPath, args: process.argv.slice(1) }));
    const args = program.args.filter((argument) => !/^--(inspect|remote-debugging)/.test(argument));
    const second = spawn(program.path, args, { env: { ...process.env, DISPLAY: await displayOf(shell) } });
    const [code] = await once(second, "exit");
    expect(code).toBe(0);
    expect((await rawCall(page, "host", "/app/info")).status).toBe(200);
  });
});

describe("the packaged app", () => {
  let program: string;
  beforeAll(async () => {
    program = await packageApp();
  });

  test("has every fuse that would open it set against it", async () => {
    const { FuseV1Options, getCurrentFuseWire } = await import("@electron/fuses");
    // A fuse is a character in the binary: `0` or `1`.
    const [disabled, enabled] = [48, 49];
    const wire = await getCurrentFuseWire(program);
    const states = {
      runAsNode: wire[FuseV1Options.RunAsNode],
      nodeOptions: wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
      inspect: wire[FuseV1Options.EnableNodeCliInspectArguments],
      cookieEncryption: wire[FuseV1Options.EnableCookieEncryption],
      onlyAsar: wire[FuseV1Options.OnlyLoadAppFromAsar],
    };
    expect(states).toEqual({
      runAsNode: disabled,
      nodeOptions: disabled,
      inspect: disabled,
      cookieEncryption: enabled,
      onlyAsar: enabled,
    });
  });

  test("starts, shows its window and reaches its engine", async () => {
    const packaged = await launchPackaged(program);
    expect(packaged.window.url()).toBe("sendgate://app/index.html");
    await packaged.window.getByRole("heading", { name: "Sendgate" }).waitFor();
    await openRawPorts(packaged.window);
    expect(await rawCall(packaged.window, "engine", "/project/current")).toEqual({ status: 200, body: null });
    await takeScreenshot(packaged.window, "packaged");
    await packaged.close();
  });
});

async function filesWith(folder: string, texts: string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file);
    if (texts.some((text) => content.includes(text))) found.push(file);
  }
  return found;
}

function displayOf({ app }: LaunchedApp): Promise<string> {
  return app.evaluate(() => process.env.DISPLAY ?? "");
}
