/**
 * Proves the delivery against every trouble at every place: answers, silence, stale read-back, kills.
 *
 *   npm run -s test:faults -- --json   {"cases":400,"gate_opened_unproven":0,"lost":0,"unreported":0}
 *
 * After each run the workspace itself is asked who could get mail. `gate_opened_unproven` counts cases in which the gate
 * was open all the same, `lost` suppressions that are neither delivered nor reported, `unreported` what failed and
 * stands in no report. `--only TEXT` runs the cases whose name holds it. Exit code 1 where any of these is not 0, or
 * where the gate stays locked once the trouble is over. Progress and findings go to standard error.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Verdict } from "./judge.ts";
import { countRequests, deliverInChild, type Kill, runKilled } from "./killed.ts";
import { faultMatrix } from "./matrix.ts";
import { PlannedProjects } from "./planned-project.ts";
import { runCase } from "./run-case.ts";

/** Milliseconds after an answer: while outcomes and the journal are being written. */
const momentsAfter = [3];
const progressMs = 5_000;

if (process.argv[2] === "deliver") await deliverInChild(JSON.parse(process.argv[3]!));
else await run();

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: "boolean", default: false }, only: { type: "string", default: "" } },
  });
  const program = fileURLToPath(import.meta.url);
  const projects = await PlannedProjects.start();
  const startedAt = Date.now();
  const result = { cases: 0, gate_opened_unproven: 0, lost: 0, unreported: 0 };
  let stuck = 0;
  let waitingAtFirst = 0;
  try {
    const waiting: { name: string; work: () => Promise<Verdict> }[] = [
      ...faultMatrix().map((fault) => ({ name: fault.name, work: () => runCase(projects, fault) })),
      ...kills(await countRequests(projects, program)).map((kill) => ({
        name: `killed at request ${kill.request}: ${typeof kill.moment === "number" ? `${kill.moment} ms after its answer` : `${kill.moment} its effect`}`,
        work: () => runKilled(projects, program, kill),
      })),
    ].filter(({ name }) => name.includes(values.only));
    waitingAtFirst = waiting.length;
    const say = () =>
      console.error(
        `${result.cases} of ${waitingAtFirst} cases, ${Math.round((Date.now() - startedAt) / 1000)} s`,
      );
    const progress = setInterval(say, progressMs);
    await Promise.all(
      Array.from({ length: Math.max(2, availableParallelism()) + 1 }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const verdict = await next.work();
          result.cases += 1;
          if (verdict.gateOpenedUnproven) result.gate_opened_unproven += 1;
          result.lost += verdict.lost.length;
          result.unreported += verdict.unreported.length;
          if (verdict.stuck !== null) stuck += 1;
          if (isBad(verdict)) console.error(`${next.name}: ${JSON.stringify(verdict)}`);
        }
      }),
    );
    clearInterval(progress);
    say();
  } finally {
    await projects.end();
  }
  const text = Object.entries(result).map(([name, value]) => `${name}: ${value}`);
  console.log(values.json ? JSON.stringify(result) : text.join("\n"));
  const { gate_opened_unproven, lost, unreported } = result;
  process.exitCode = gate_opened_unproven + lost + unreported + stuck > 0 || result.cases === 0 ? 1 : 0;
}

function kills(requests: number): Kill[] {
  return Array.from({ length: requests }, (_, index) => index + 1).flatMap((request) =>
    (["before", "after", ...momentsAfter] as const).map((moment) => ({ request, moment })),
  );
}

function isBad({ gateOpenedUnproven, lost, unreported, stuck }: Verdict): boolean {
  return gateOpenedUnproven || lost.length > 0 || unreported.length > 0 || stuck !== null;
}
