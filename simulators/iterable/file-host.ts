import { createServer, type Server } from "node:http";
import { closeServer, listen } from "../listener.ts";

/** Where exported files lie: another place than the API, which must never be shown the key. */
export interface FileHost {
  /** A link that works until it runs out. */
  link(jobId: number, name: string): string;
  /** Requests that came with an API key. */
  keysSeen(): number;
  downloads(): number;
  close(): Promise<void>;
}

export interface FileHostSettings {
  linkLifeMs: number;
  /** Links lead to the files by way of a redirect. */
  redirects: boolean;
  now(): number;
  /** The file, line by line; undefined where there is none. */
  lines(jobId: number, name: string): Iterable<string> | undefined;
  /** Cuts this many of the next downloads in the middle. */
  cuts: { left: number };
}

export async function startFileHost({
  linkLifeMs,
  redirects,
  now,
  lines,
  cuts,
}: FileHostSettings): Promise<FileHost> {
  let keysSeen = 0;
  let downloads = 0;
  const refusal = "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>";
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://loopback");
    const refuse = (status: number) => {
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(refusal);
    };
    if ("api-key" in request.headers || "api_key" in request.headers) {
      keysSeen += 1;
      return refuse(400);
    }
    if (!(now() < Number(url.searchParams.get("expires")))) return refuse(403);
    if (redirects && !url.searchParams.has("moved")) {
      response.writeHead(307, { location: `${url.pathname}${url.search}&moved=1` });
      return void response.end();
    }
    const [, job, name] = /^\/exports\/(\d+)\/([\w.-]+)$/.exec(url.pathname) ?? [];
    const found = lines(Number(job), name ?? "");
    if (!found) return refuse(404);
    downloads += 1;
    const bytes = Buffer.from([...found].join("\n"));
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": bytes.length,
    });
    if (cuts.left === 0) return void response.end(bytes);
    cuts.left -= 1;
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  });
  const origin = await listen(server, 0);
  return {
    link: (jobId, name) => `${origin}/exports/${jobId}/${name}?expires=${now() + linkLifeMs}&signature=x%2By`,
    keysSeen: () => keysSeen,
    downloads: () => downloads,
    close: () => closeServer(server),
  };
}
