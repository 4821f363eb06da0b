/**
 * Measures the delivery: suppressions, reading back and profiles of invented people, from a real project into a
 * simulated workspace with the vendor's limits. Engine and simulator are processes of their own on this computer.
 *
 *   npm run -s bench:delivery -- --json
 *   {"suppressions":6000,"seconds":110.1,"utilisation":0.94,"throttled":0,"lost":0,"repeated":0,"rss_mb":290,"items_per_second":30000}
 *
 * `utilisation` is the share of the App API's allowed calls that was used while the App API was what one waited for,
 * `throttled` the share of all calls that were answered with 429, `lost` counts suppressed people not safe in the
 * workspace at the end, `repeated` writes sent more than once, `rss_mb` is the most memory that the delivering process
 * ever held, `items_per_second` the profiles' pace. Exit code 1 where anything was lost or failed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Preparation, type Report, runDelivery, runPreparation, type Work } from "./engine-process.ts";
import { type Crowd, csvOf, subscribersCsv } from "./people.ts";
import { type Question, runSimulator, type SimulatorReady, type Traffic } from "./simulator-process.ts";

/** The vendor's App API (reference/customerio.md §2.1). */
const vendorAppRate = 10;

const [role, task] = process.argv.slice(2);
if (role === "simulator") await runSimulator(JSON.parse(task!));
else if (role === "prepare") await runPreparation(JSON.parse(task!));
else if (role === "deliver") await runDelivery(JSON.parse(task!));
else await run();

async function run(): Promise<void> {
  const { crowd, appRate, json } = readArguments();
  const place = await mkdtemp(join(tmpdir(), "sendgate-bench-"));
  const children: ChildProcess[] = [];
  const start = (childRole: string, childTask: unknown) => {
    const child = fork(fileURLToPath(import.meta.url), [childRole, JSON.stringify(childTask)], {
      stdio: ["ignore", 2, 2, "ipc"],
    });
    children.push(child);
    return child;
  };
  const stop = () => {
    for (const child of children) child.kill("SIGKILL");
  };
  process.once("SIGINT", () => {
    stop();
    process.exit(130);
  });
  try {
    const simulator = start("simulator", appRate);
    const [ready] = (await once(simulator, "message")) as [SimulatorReady];
    const ask = async <T>(question: Question): Promise<T> => {
      simulator.send(question);
      return (await once(simulator, "message"))[0] as T;
    };

    console.error(
      `Making a project with ${crowd.suppressions} suppressions and ${crowd.subscribers} subscribers …`,
    );
    const folder = join(place, "project");
    const files = await writeFiles(place, crowd);
    await succeed(start("prepare", { folder, files, simulator: ready } satisfies Preparation));

    console.error("Delivering …");
    const appRequestsPerSecond = appRate ?? vendorAppRate;
    const engine = start("deliver", { folder, simulator: ready, appRequestsPerSecond } satisfies Work);
    const ended = succeed(engine);
    const reports: Report[] = [];
    const traffic: Traffic[] = [];
    engine.on("message", async (report: Report) => {
      reports.push(report);
      traffic.push(await ask<Traffic>({ ask: "traffic" }));
      console.error(JSON.stringify({ ...report, ...traffic.at(-1) }));
      engine.send("go on");
    });
    await ended;
    const lost = await ask<number>({ ask: "lost", crowd });
    const result = summary(crowd, appRequestsPerSecond, reports, traffic, lost);
    console.log(
      json
        ? JSON.stringify(result)
        : Object.entries(result)
            .map(([name, value]) => `${name}: ${value}`)
            .join("\n"),
    );
    if (lost > 0 || reports.length !== 3) process.exitCode = 1;
  } finally {
    stop();
    await rm(place, { recursive: true, force: true });
  }
}

function summary(
  crowd: Crowd,
  appRequestsPerSecond: number,
  reports: readonly Report[],
  traffic: readonly Traffic[],
  lost: number,
) {
  const find = <S extends Report["step"]>(step: S) =>
    reports.find((report): report is Extract<Report, { step: S }> => report.step === step);
  const [suppressions, readBack, profiles] = [find("suppressions"), find("read back"), find("profiles")];
  const appSeconds = (suppressions?.seconds ?? 0) + (readBack?.seconds ?? 0);
  const last = traffic.at(-1)!;
  const beforeProfiles = traffic[1]!;
  const calls = last.app + last.track;
  const planned = (suppressions?.operations ?? 0) + (profiles?.operations ?? 0);
  return {
    suppressions: crowd.suppressions,
    seconds: rounded(appSeconds + (profiles?.seconds ?? 0), 1),
    utilisation: rounded(
      (beforeProfiles.app - beforeProfiles.appThrottled) / (appSeconds * appRequestsPerSecond),
      3,
    ),
    throttled: rounded((last.appThrottled + last.trackThrottled) / calls, 4),
    lost: lost + (readBack?.open ? 0 : (readBack?.missing ?? crowd.suppressions)),
    repeated: last.writes - planned,
    rss_mb: Math.max(...reports.map(({ rssMb }) => rssMb)),
    items_per_second: profiles ? Math.round(profiles.operations / profiles.seconds) : null,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

async function writeFiles(place: string, crowd: Crowd): Promise<Preparation["files"]> {
  const files: Preparation["files"] = [];
  for (const means of ["complained", "bounced", "unsubscribed", "profiles"] as const) {
    const path = join(place, `${means}.csv`);
    const rows = means === "profiles" ? subscribersCsv(crowd) : csvOf(crowd, means);
    await pipeline(Readable.from(rows), createWriteStream(path));
    files.push({ path, means });
  }
  return files;
}

async function succeed(child: ChildProcess): Promise<void> {
  const [code, signal] = await once(child, "exit");
  if (code !== 0) throw new Error(`A process of the benchmark ended with ${signal ?? `exit code ${code}`}.`);
}

function readArguments(): { crowd: Crowd; appRate: number | null; json: boolean } {
  const { values } = parseArgs({
    options: {
      suppressions: { type: "string", default: "6000" },
      listed: { type: "string", default: "250" },
      subscribers: { type: "string", default: "30000" },
      "app-rate": { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const number = (name: string, text: string, least: number) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    console.error(`--${name} takes a whole number from ${least}.`);
    return process.exit(2);
  };
  const suppressions = number("suppressions", values.suppressions, 1);
  return {
    crowd: {
      suppressions,
      listed: Math.min(suppressions, number("listed", values.listed, 0)),
      subscribers: number("subscribers", values.subscribers, 1),
    },
    appRate: values["app-rate"] === undefined ? null : number("app-rate", values["app-rate"], 1),
    json: values.json,
  };
}
