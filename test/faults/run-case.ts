import { rm } from "node:fs/promises";
import type { CustomerIoClient } from "../../customerio/client.ts";
import { Project } from "../../engine/project/project.ts";
import { type CustomerIoSimulator, startCustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import type { FaultCase } from "./fault-case.ts";
import { emptyVerdict, judgeEnd, judgeRun, type Verdict } from "./judge.ts";
import { type Expected, expectedOf } from "./people.ts";
import type { PlannedProjects } from "./planned-project.ts";
import { hurriedClient, type RunOutcome, runDelivery, runProfiles } from "./run-delivery.ts";

/** What was lost shows in the second run at the latest, and is sent again in the third. */
const runsWithoutTrouble = 3;
const nobody = () => false;

/** Delivers with the trouble, then without it until the gate opens, and compares all that is said with the workspace. */
export async function runCase(projects: PlannedProjects, fault: FaultCase): Promise<Verdict> {
  const folder = await projects.copy(fault.size);
  const everybody = expectedOf(fault.size);
  const simulator = await startCustomerIoSimulator({
    appRequestsPerSecond: 100_000,
    writeDelayMs: 0,
    ...fault.simulator,
  });
  const project = await Project.open(folder);
  const verdict = emptyVerdict();
  const client = hurriedClient(simulator);
  const trouble = (on: boolean) => {
    simulator.setFaults(on ? fault.faults?.() : undefined);
    simulator.setItemFaults(on ? fault.itemFaults?.() : undefined);
  };
  const refused = fault.refused ?? nobody;
  try {
    trouble(fault.during === "suppressions");
    const first = await runDelivery(project, client);
    judgeRun(verdict, simulator, everybody, first, fault.during === "suppressions" ? refused : nobody);
    trouble(false);
    fault.afterwards?.(simulator);

    const last = await deliverUntilOpen(project, client, simulator, everybody, verdict);
    trouble(fault.during === "profiles");
    const profiles = await runProfiles(project, client);
    judgeRun(verdict, simulator, everybody, profiles, fault.during === "profiles" ? refused : nobody);
    trouble(false);
    if (last.gateOpen) await runProfiles(project, client);
    simulator.settle();
    judgeEnd(verdict, simulator, everybody, last);
  } finally {
    await project.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
  return verdict;
}

/** Runs without trouble until the gate opens, once at least, each held against the workspace. */
export async function deliverUntilOpen(
  project: Project,
  client: CustomerIoClient,
  simulator: CustomerIoSimulator,
  everybody: readonly Expected[],
  verdict: Verdict,
): Promise<RunOutcome> {
  for (let run = 1; ; run += 1) {
    const outcome = await runDelivery(project, client);
    judgeRun(verdict, simulator, everybody, outcome, nobody);
    if (outcome.gateOpen || run === runsWithoutTrouble) return outcome;
  }
}
