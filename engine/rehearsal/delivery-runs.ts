import type { ProfilesVerifyReport, UploadReport, VerifyReport } from "../../contract/delivery.ts";
import type { Workspace, WorkspaceRole } from "../../contract/project.ts";
import { now } from "../clock.ts";
import type { Store } from "../store/store.ts";

export interface DeliveryRun {
  [key: string]: string | number | boolean;
  what: "suppressions" | "profiles" | "verify" | "verify_profiles";
  role: WorkspaceRole;
  /** The workspace was a simulator on loopback. */
  simulated: boolean;
  workspace_id: number;
  plan_hash: string;
  /** Microseconds since 1970-01-01T00:00:00Z. */
  ended_at: number;
  seconds: number;
  /** An `UploadReport`, a `VerifyReport` or a `ProfilesVerifyReport`, as JSON text. */
  report: string;
}

/** Keeps what an upload or a reading back reported, beside all earlier ones. */
export async function recordRun(
  store: Store,
  workspace: Workspace,
  what: DeliveryRun["what"],
  report: UploadReport | VerifyReport | ProfilesVerifyReport,
  seconds: number,
): Promise<void> {
  await store.run(
    `INSERT INTO delivery_run
     VALUES (nextval('delivery_run_number'), $workspace, $role, $simulated, $what, $plan, $at, $seconds, $report)`,
    {
      workspace: workspace.id,
      role: workspace.role,
      simulated: workspace.endpoint !== null,
      what,
      plan: report.planHash,
      at: now(),
      seconds,
      report: JSON.stringify(report),
    },
  );
}

/** The latest report of that kind about one workspace, or null. */
export async function latestRun<T extends UploadReport | VerifyReport | ProfilesVerifyReport>(
  store: Store,
  workspaceId: number,
  what: DeliveryRun["what"],
): Promise<T | null> {
  const row = await store.row<{ report: string }>(
    "SELECT report FROM delivery_run WHERE workspace_id = $workspaceId AND what = $what ORDER BY run DESC LIMIT 1",
    { workspaceId, what },
  );
  return row ? (JSON.parse(row.report) as T) : null;
}
