import type { FromImporter, FromSimulator } from "./messages.ts";
import { type VendorId, vendors } from "./vendors.ts";

/** The process that holds a simulator: says its address, and its counts whenever it is asked. */
export async function simulate(vendor: VendorId, people: number): Promise<void> {
  let limited = 0;
  const simulator = await vendors[vendor].start(people, () => {
    limited += 1;
  });
  process.on("message", () => {
    const requests = simulator.requests();
    const throttled = requests.filter(({ status }) => status === 429).length / Math.max(1, requests.length);
    say({ said: "counts", limited, throttled, allowedPerSecond: simulator.allowedPerSecond() });
  });
  say({ said: "ready", url: simulator.url, key: simulator.key });
}

/** The process that holds the importer: a full pull from beginning to end, whose records are counted and dropped. */
export async function exportAll(vendor: VendorId, endpoint: string, key: string): Promise<void> {
  const { connect, userIdField, isMeasured } = vendors[vendor];
  const source = connect({ key, endpoint, userIdField, signal: new AbortController().signal });
  const { streams } = await source.plan(null);
  const measured = streams.filter(({ id }) => isMeasured(id));
  const others = streams.filter(({ id }) => !isMeasured(id));
  let records = 0;
  const startedAt = performance.now();
  say({ said: "begin" });
  for (const stream of measured)
    for await (const page of source.read(stream, null)) records += page.records.length;
  say({ said: "end", seconds: (performance.now() - startedAt) / 1000, profiles: records });
  for (const stream of others)
    for await (const page of source.read(stream, null)) records += page.records.length;
  say({ said: "done", rssMb: process.resourceUsage().maxRSS / 1024 });
}

function say(message: FromSimulator | FromImporter): void {
  process.send!(message);
}
