/**
 * Proves the cursors of all API importers: over random histories (late arrivals, equal seconds, clock steps,
 * deletions, silent opt-outs, processes killed in mid-pull) a chain of incremental pulls equals one full pull.
 *
 *   npm run -s test:cursors -- --histories 1000 --json   {"histories":1000,"lost":0,"duplicated":0}
 *
 * `--histories` is the number for each source, `--seed` chooses other ones. Exit code 1 where anything was lost or
 * duplicated. Progress goes to standard error.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { type Batch, type BatchOutcome, liveBatch } from "./live-batch.ts";
import { type SourceId, sources } from "./sources.ts";

const batchSize = 25;
/** Says how far it is this often. */
const progressMs = 5_000;

if (isMainThread) await run();
else parentPort!.on("message", async (batch: Batch) => parentPort!.postMessage(await liveBatch(batch)));

async function run(): Promise<void> {
  const { histories, seed, json } = readArguments();
  const startedAt = Date.now();
  const waiting = batchesOf(histories, seed);
  const total = { lost: 0, duplicated: 0 };
  const lived = { mailchimp: 0, klaviyo: 0, iterable: 0 } satisfies Record<SourceId, number>;
  const say = () => {
    const counts = Object.entries(lived).map(([source, count]) => `${source} ${count}/${histories}`);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    console.error(`${counts.join(", ")}; lost ${total.lost}, duplicated ${total.duplicated}; ${seconds} s`);
  };
  const progress = setInterval(say, progressMs);
  const processes = Math.min(waiting.length, Math.max(2, availableParallelism()));
  await Promise.all(
    Array.from({ length: processes }, async () => {
      const worker = new Worker(fileURLToPath(import.meta.url));
      for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
        const outcome = await liveIn(worker, batch);
        lived[batch.source] += batch.histories;
        total.lost += outcome.lost;
        total.duplicated += outcome.duplicated;
        if (outcome.trouble) console.error(outcome.trouble);
      }
      await worker.terminate();
    }),
  );
  clearInterval(progress);
  say();
  if (json) console.log(JSON.stringify({ histories, ...total }));
  process.exitCode = total.lost + total.duplicated === 0 ? 0 : 1;
}

/** Batches of the sources by turns, so that the slow ones are spread. */
function batchesOf(histories: number, seed: number): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < histories; start += batchSize)
    for (const source of Object.keys(sources) as SourceId[])
      batches.push({ source, seed: seed + start, histories: Math.min(batchSize, histories - start) });
  return batches;
}

/** @throws whatever the worker threw */
function liveIn(worker: Worker, batch: Batch): Promise<BatchOutcome> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (outcome: BatchOutcome) => {
      worker.off("error", reject);
      resolve(outcome);
    });
    worker.postMessage(batch);
  });
}

function readArguments(): { histories: number; seed: number; json: boolean } {
  const { values } = parseArgs({
    options: {
      histories: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const [histories, seed] = [Number(values.histories), Number(values.seed)];
  if (Number.isSafeInteger(histories) && histories > 0 && Number.isSafeInteger(seed))
    return { histories, seed, json: values.json };
  console.error("Usage: npm run -s test:cursors -- [--histories N] [--seed S] [--json]");
  process.exit(2);
}
