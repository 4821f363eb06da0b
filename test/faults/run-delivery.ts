import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProfilesVerifyReport, UploadReport, VerifyReport } from "../../contract/delivery.ts";
import { Failure } from "../../contract/failure.ts";
import { type CustomerIoClient, createCustomerIoClient } from "../../customerio/client.ts";
import { exportDifferences } from "../../engine/certificate/proof.ts";
import { uploadProfiles, uploadSuppressions } from "../../engine/delivery/upload.ts";
import { verify } from "../../engine/delivery/verify.ts";
import { verifyProfiles } from "../../engine/delivery/verify-profiles.ts";
import { gateState } from "../../engine/gate/gate.ts";
import { currentPlan, makePlan } from "../../engine/plan/plan.ts";
import type { Project } from "../../engine/project/project.ts";
import { quietProgress } from "../delivery/test-migration.ts";

export interface Endpoint {
  url: string;
  keys: { siteId: string; trackApiKey: string; appApiKey: string };
}

/** A client in a hurry: the vendor's pace would make hundreds of cases take hours. */
export function hurriedClient({ url, keys }: Endpoint): CustomerIoClient {
  return createCustomerIoClient({
    credentials: keys,
    endpoint: url,
    appRequestsPerSecond: 100_000,
    broadcastIntervalMs: 0,
    timeoutMs: 1_000,
    retries: 2,
    retryDelayMs: 5,
  });
}

/** What a run says of itself. A run that was cut short says less. */
export interface RunOutcome {
  upload: (UploadReport & { subjects: string[] }) | null;
  verified: VerifyReport | ProfilesVerifyReport | null;
  /** Who did not get all the way, as the operator's CSV lists them: the report itself names the first hundred. */
  differences: string;
  gateOpen: boolean;
  blockers: string[];
  /** The code of the failure that ended it. */
  trouble: string | null;
}

/** Long enough for writes that are only slow. */
const settling = { settleMilliseconds: 150, firstPauseMilliseconds: 30 };

/** As an operator would: upload, read back, and profiles once the gate is open. A stale plan is made anew. */
export async function runDelivery(project: Project, client: CustomerIoClient): Promise<RunOutcome> {
  const outcome: RunOutcome = {
    upload: null,
    verified: null,
    differences: "",
    gateOpen: false,
    blockers: [],
    trouble: null,
  };
  try {
    if (!(await currentPlan(project))?.current) await makePlan(project, {}, quietProgress);
    const upload = await uploadSuppressions(project, client, {}, quietProgress);
    outcome.upload = { ...upload, subjects: await subjectsOf(project, "suppressions") };
    outcome.verified = await verify(project, client, quietProgress, settling);
    const file = join(project.folder, "exports", "differences.csv");
    await exportDifferences(project.store, file);
    outcome.differences = await readFile(file, "utf8");
  } catch (error) {
    outcome.trouble = codeOf(error);
  }
  await lookAtGate(project, outcome);
  return outcome;
}

/** The profiles of an open gate, uploaded and read back; the gate is asked again afterwards. */
export async function runProfiles(project: Project, client: CustomerIoClient): Promise<RunOutcome> {
  const outcome: RunOutcome = {
    upload: null,
    verified: null,
    differences: "",
    gateOpen: false,
    blockers: [],
    trouble: null,
  };
  try {
    const upload = await uploadProfiles(project, client, {}, quietProgress);
    outcome.upload = { ...upload, subjects: await subjectsOf(project, "profiles") };
    outcome.verified = await verifyProfiles(project, client, quietProgress, settling);
  } catch (error) {
    outcome.trouble = codeOf(error);
  }
  await lookAtGate(project, outcome);
  return outcome;
}

async function lookAtGate(project: Project, outcome: RunOutcome): Promise<void> {
  const { open, blockers } = await gateState(project);
  outcome.gateOpen = open;
  outcome.blockers = blockers.map(({ code }) => code);
}

async function subjectsOf(project: Project, phase: string): Promise<string[]> {
  const rows = await project.store.rows<{ subject: string }>(
    "SELECT subject FROM planned_operation WHERE phase = $phase ORDER BY operation_id",
    { phase },
  );
  return rows.map(({ subject }) => subject);
}

/** Anything but a Failure is a bug of ours, not trouble. */
function codeOf(error: unknown): string {
  if (error instanceof Failure) return error.code;
  throw error;
}
