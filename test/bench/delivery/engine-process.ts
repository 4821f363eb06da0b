import { withEngine } from "../../../cli/session.ts";
import type { UploadReport } from "../../../contract/delivery.ts";
import type { SimulatorReady } from "./simulator-process.ts";

export interface Preparation {
  folder: string;
  files: { path: string; means: "complained" | "bounced" | "unsubscribed" | "profiles" }[];
  simulator: SimulatorReady;
}

/** Makes the project and its plan. */
export async function runPreparation({ folder, files, simulator }: Preparation): Promise<void> {
  await withEngine(
    async (client) => {
      await client.project.create({ folder, name: "Benchmark" });
      await client.workspace.connect({ role: "staging", endpoint: simulator.url });
      for (const { path, means } of files)
        await client.sources.importFiles({ source: "csv", files: [path], means });
      await client.merge.run();
      await client.plan.make({});
    },
    { keys: simulator.keys },
  );
  process.disconnect();
}

export interface Work {
  folder: string;
  simulator: SimulatorReady;
  appRequestsPerSecond: number;
}
/** What the engine did, in the order of the messages. */
export type Report = (
  | { step: "suppressions"; operations: number; failed: number; seconds: number }
  | { step: "read back"; missing: number; open: boolean; seconds: number }
  | { step: "profiles"; operations: number; failed: number; seconds: number }
) & {
  /** The most memory that the process has held so far, in MiB. */
  rssMb: number;
};
type Step = Report extends infer R ? (R extends unknown ? Omit<R, "rssMb"> : never) : never;

/** Delivers the plan, in a process that does nothing else, so that its memory is the delivery's. */
export async function runDelivery({ folder, simulator, appRequestsPerSecond }: Work): Promise<void> {
  const report = (step: Step) =>
    new Promise<void>((resolve) => {
      process.once("message", () => resolve());
      process.send!({ ...step, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) });
    });
  await withEngine(
    async (client) => {
      await client.project.open({ folder });
      const startedAt = performance.now();
      const suppressions = figures(await client.delivery.uploadSuppressions({}));
      // With the look-ups before writing, which the upload's own report does not count.
      await report({ step: "suppressions", ...suppressions, seconds: secondsSince(startedAt) });
      const readingSince = performance.now();
      const { missing } = await client.delivery.verify();
      const seconds = secondsSince(readingSince);
      const { open } = await client.gate.state();
      await report({ step: "read back", missing, open, seconds });
      if (open) await report({ step: "profiles", ...figures(await client.delivery.uploadProfiles({})) });
    },
    { keys: simulator.keys, practiceAppRequestsPerSecond: appRequestsPerSecond },
  );
  process.disconnect();
}

function figures({ operations, failed, seconds }: UploadReport) {
  return { operations, failed, seconds };
}

function secondsSince(instant: number): number {
  return (performance.now() - instant) / 1000;
}
