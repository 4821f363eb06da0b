import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import type { Project } from "../project/project.ts";
import { mailingOf, send } from "../send/send.ts";

const quiet: Progress = {
  start: () => undefined,
  report: async () => undefined,
  signal: new AbortController().signal,
};

/** Until the contract takes newsletters and tells its progress. */
export async function sendBroadcast(
  project: Project,
  connect: () => Promise<CustomerIoClient>,
  request: { broadcastId: number; dryRun?: boolean | undefined },
) {
  const report = await send(project, connect, mailingOf(request), quiet, request);
  return { broadcastId: request.broadcastId, dryRun: report.dryRun, triggerId: report.triggerId };
}
