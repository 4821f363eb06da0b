import { createRouterClient, ORPCError } from "@orpc/server";
import type { Activity } from "../contract/activity.ts";
import { Failure } from "../contract/failure.ts";
import type { SourceName } from "../contract/source.ts";
import { createEngine } from "../engine/engine.ts";
import { keysFromEnvironment, sourceKeyFromEnvironment } from "./keys.ts";
import { ProgressLine } from "./progress-line.ts";

export type EngineClient = ReturnType<typeof createClient>;

interface SessionOptions {
  /** Keys other than those of the environment, for the practice migration. */
  keys?: ReturnType<typeof keysFromEnvironment>;
  /** Keys of the sources other than those of the environment. */
  sourceKeys?: Partial<Record<SourceName, string>>;
  /** Pace of a simulator's App API, calls a second. */
  practiceAppRequestsPerSecond?: number;
  /** Milliseconds of the simulated sources' minute. */
  practiceMinuteMs?: number;
}

function createClient(engine: ReturnType<typeof createEngine>) {
  return createRouterClient(engine.router);
}

/**
 * Runs `work` with an engine of its own, shows the engine's progress on standard error and closes the project at the end.
 * Ctrl-C cancels what runs and lets it end cleanly; a second one ends the process at once.
 */
export async function withEngine<T>(
  work: (client: EngineClient) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const keys = options.keys ?? keysFromEnvironment();
  const engine = createEngine({
    name: "command line",
    credentials: async () => keys,
    sourceKey: async (source) => options.sourceKeys?.[source] ?? sourceKeyFromEnvironment(source),
    practiceAppRequestsPerSecond: options.practiceAppRequestsPerSecond,
    practiceMinuteMs: options.practiceMinuteMs,
  });
  const client = createClient(engine);
  const watching = new AbortController();
  const line = new ProgressLine(process.stderr);
  const shown = show(client, line, watching.signal);
  const cancel = () => {
    process.once("SIGINT", () => process.exit(130));
    void client.activity.cancel();
  };
  process.once("SIGINT", cancel);
  try {
    return await work(client);
  } finally {
    process.off("SIGINT", cancel);
    watching.abort();
    await shown;
    line.clear();
    await engine.close();
  }
}

async function show(client: EngineClient, line: ProgressLine, signal: AbortSignal): Promise<void> {
  const activities: AsyncIterable<Activity | null> = await client.activity.watch(undefined, { signal });
  for await (const activity of activities) line.show(activity);
}

/** The failure as it was thrown, whether it came through the contract or not; undefined for anything else. */
export function failureOf(
  error: unknown,
): Pick<Failure, "kind" | "code" | "message" | "nextStep"> | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof ORPCError && error.code === "FAILURE") return error.data as Failure;
  return undefined;
}
