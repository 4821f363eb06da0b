import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { gateState } from "../../engine/gate/gate.ts";
import { Project } from "../../engine/project/project.ts";
import { startCustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { emptyVerdict, judgeEnd, judgeRun, type Verdict } from "./judge.ts";
import { expectedOf } from "./people.ts";
import type { PlannedProjects } from "./planned-project.ts";
import { deliverUntilOpen } from "./run-case.ts";
import { type Endpoint, hurriedClient, type RunOutcome, runDelivery, runProfiles } from "./run-delivery.ts";

/**
 * When the process is killed: as a request arrives, which then has no effect; once it took effect, before its answer;
 * or this many milliseconds after its answer, in the midst of writing down what came of it.
 */
export interface Kill {
  request: number;
  moment: "before" | "after" | number;
}

interface Work {
  folder: string;
  endpoint: Endpoint;
}

/** In a process of its own: the whole delivery, profiles included. */
export async function deliverInChild(work: Work): Promise<void> {
  const project = await Project.open(work.folder);
  const client = hurriedClient(work.endpoint);
  await runDelivery(project, client);
  await runProfiles(project, client);
  await project.close();
  process.disconnect();
}

/** How many requests a delivery makes that nobody kills. */
export async function countRequests(projects: PlannedProjects, program: string): Promise<number> {
  const simulator = await startCustomerIoSimulator({ appRequestsPerSecond: 100_000, writeDelayMs: 0 });
  try {
    const [code] = await once(start(program, await projects.copy("small"), simulator), "exit");
    if (code !== 0) throw new Error(`A delivery that nobody killed ended with exit code ${code}.`);
    return simulator.requestCount();
  } finally {
    await simulator.close();
  }
}

/** Kills a delivery, then goes on with it here, and compares all that is said with the workspace. */
export async function runKilled(projects: PlannedProjects, program: string, kill: Kill): Promise<Verdict> {
  const folder = await projects.copy("small");
  const everybody = expectedOf("small");
  const verdict = emptyVerdict();
  let child: ChildProcess | undefined;
  let answered = 0;
  const simulator = await startCustomerIoSimulator({
    appRequestsPerSecond: 100_000,
    writeDelayMs: 0,
    onAnswered() {
      answered += 1;
      if (typeof kill.moment === "number" && answered === kill.request) {
        setTimeout(() => child?.kill("SIGKILL"), kill.moment);
      }
    },
  });
  simulator.setFaults(({ count }) => {
    if (typeof kill.moment === "number" || count !== kill.request) return undefined;
    child?.kill("SIGKILL");
    return kill.moment === "before" ? "reset" : "reset-after";
  });
  try {
    child = start(program, folder, simulator);
    await once(child, "exit");
    simulator.setFaults(undefined);
    const project = await Project.open(folder);
    try {
      const { open, blockers } = await gateState(project);
      const killed: RunOutcome = {
        upload: null,
        verified: null,
        differences: "",
        gateOpen: open,
        blockers: blockers.map(({ code }) => code),
        trouble: "KILLED",
      };
      judgeRun(verdict, simulator, everybody, killed, () => false);
      const client = hurriedClient(simulator);
      const last = await deliverUntilOpen(project, client, simulator, everybody, verdict);
      if (last.gateOpen) await runProfiles(project, client);
      judgeEnd(verdict, simulator, everybody, last);
    } finally {
      await project.close();
    }
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
  return verdict;
}

function start(program: string, folder: string, { url, keys }: Endpoint): ChildProcess {
  const work: Work = { folder, endpoint: { url, keys } };
  return fork(program, ["deliver", JSON.stringify(work)], { stdio: ["ignore", 2, 2, "ipc"] });
}
