import type { Page } from "playwright";

/**
 * Speaks to host and engine from inside the page as the page itself does, but with messages of the test's
 * own, malformed ones included.
 */
export async function openRawPorts(page: Page): Promise<void> {
  // The page's own ports come first: whoever still waits would take these for its own, and both would speak over them.
  await page.getByRole("main").waitFor();
  await page.evaluate(async () => {
    const ports = await new Promise<readonly MessagePort[]>((resolve) => {
      const onMessage = (event: MessageEvent) => {
        if (event.data?.type !== "sendgate:ports") return;
        window.removeEventListener("message", onMessage);
        resolve(event.ports);
      };
      window.addEventListener("message", onMessage);
      window.postMessage({ type: "sendgate:connect" }, location.origin);
    });
    const [engine, host] = ports;
    const answers = new Map<string, (answer: unknown) => void>();
    const closed: string[] = [];
    for (const [name, port] of Object.entries({ engine: engine!, host: host! })) {
      port.onmessage = ({ data }) => {
        const { i, p } = JSON.parse(data);
        answers.get(`${name} ${i}`)?.({ status: p.s ?? 200, body: p.b?.json === undefined ? p.b : p.b.json });
      };
      port.addEventListener("close", () => closed.push(name));
    }
    let lastId = 0;
    Object.assign(window, {
      rawPorts: { engine, host },
      closedPorts: closed,
      rawCall: (name: "engine" | "host", path: string, input: unknown) =>
        new Promise((resolve) => {
          const id = String(++lastId);
          answers.set(`${name} ${id}`, resolve);
          const port = name === "engine" ? engine! : host!;
          port.postMessage(JSON.stringify({ i: id, p: { u: path, b: { json: input } } }));
        }),
    });
  });
}

export interface RawAnswer {
  status: number;
  body: unknown;
}

/** One call over the ports that `openRawPorts` opened, such as `host` `/app/info`. */
export async function rawCall(
  page: Page,
  side: "engine" | "host",
  path: string,
  input?: unknown,
): Promise<RawAnswer> {
  return page.evaluate(([name, where, what]) => (window as unknown as RawWindow).rawCall(name, where, what), [
    side,
    path,
    input,
  ] as const);
}

/** Posts anything at all. */
export async function postRaw(page: Page, side: "engine" | "host", data: unknown): Promise<void> {
  await page.evaluate(([name, what]) => (window as unknown as RawWindow).rawPorts[name].postMessage(what), [
    side,
    data,
  ] as const);
}

/** The ports that the other side has closed. */
export async function closedPorts(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as RawWindow).closedPorts);
}

interface RawWindow {
  rawPorts: Record<"engine" | "host", MessagePort>;
  closedPorts: string[];
  rawCall(side: "engine" | "host", path: string, input: unknown): Promise<RawAnswer>;
}
