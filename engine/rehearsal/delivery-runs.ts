import type { UploadReport, VerifyReport } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";

/** Where a run went: a simulator, whatever role it plays, proves nothing about the role's real workspace. */
export type Stage = "practice" | "staging" | "production";

export type RunReport = UploadReport | VerifyReport;

export interface DeliveryRun {
  [key: string]: string | number;
  what: "suppressions" | "profiles" | "verify";
  stage: Stage;
  workspace_id: number;
  plan_hash: string;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  ended_at: number;
  seconds: number;
  /** A `RunReport` as JSON text. */
  report: string;
}

export function stageOf(workspace: Pick<Workspace, "role" | "endpoint">): Stage {
  return workspace.endpoint === null ? workspace.role : "practice";
}

/** Keeps what an upload or a reading back reported, beside all earlier ones. */
export async function recordRun(
  store: Store,
  workspace: Workspace,
  what: DeliveryRun["what"],
  report: RunReport,
  seconds: number,
): Promise<void> {
  await store.run(
    `INSERT INTO delivery_run
     VALUES (nextval('delivery_run_number'), $workspace, $stage, $what, $plan, $at, $seconds, $report)`,
    {
      workspace: workspace.id,
      stage: stageOf(workspace),
      what,
      plan: report.planHash,
      at: now(),
      seconds,
      report: JSON.stringify(report),
    },
  );
}

/** The latest report of an upload to one workspace, or null. */
export async function latestUpload(
  store: Store,
  workspaceId: number,
  what: UploadReport["what"],
): Promise<UploadReport | null> {
  const row = await store.row<{ report: string }>(
    "SELECT report FROM delivery_run WHERE workspace_id = $workspaceId AND what = $what ORDER BY run DESC LIMIT 1",
    { workspaceId, what },
  );
  return row ? (JSON.parse(row.report) as UploadReport) : null;
}
