import type { SendReport } from "../../contract/delivery.ts";
import { Failure, failed } from "../../contract/failure.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import { now } from "../clock.ts";
import { boundWorkspace } from "../delivery/bound-workspace.ts";
import { requireOpenGate } from "../delivery/upload.ts";
import type { Project } from "../project/project.ts";

export interface SendRequest {
  /** The number of an API-triggered broadcast in Customer.io; its audience is the one set there. */
  broadcastId: number;
  /** Asks the gate and sends nothing. */
  dryRun?: boolean | undefined;
}

/**
 * Triggers a broadcast, if the gate is open at this moment. The intent is on record before and the outcome after;
 * a broadcast whose outcome is unknown is never sent again from here.
 * @param connect makes the client; asked only once the gate is open
 * @throws Failure `locked` where the gate is not open; `SEND_UNCLEAR` where the broadcast may have been sent
 */
export async function sendBroadcast(
  project: Project,
  connect: () => Promise<CustomerIoClient>,
  { broadcastId, dryRun = false }: SendRequest,
): Promise<SendReport> {
  await requireOpenGate(project, "Nothing is sent");
  const client = await connect();
  const workspace = await boundWorkspace(project, client);
  const subject = { workspace: workspace.id, broadcast: broadcastId };
  const unclear = await project.store.row(
    "SELECT 1 AS found FROM broadcast WHERE workspace_id = $workspace AND broadcast_id = $broadcast AND state = 'intent'",
    subject,
  );
  if (unclear) throw sendUnclear(broadcastId);
  if (dryRun) return { broadcastId, dryRun, triggerId: null };

  await project.store.run("INSERT INTO broadcast VALUES ($workspace, $broadcast, 'intent', NULL, $at)", {
    ...subject,
    at: now(),
  });
  await project.journal.append("broadcast_intended", subject);
  const settle = async (state: "sent" | "not_sent", trigger: number | null) => {
    await project.store.run(
      `UPDATE broadcast SET state = $state, trigger_id = $trigger
       WHERE workspace_id = $workspace AND broadcast_id = $broadcast AND state = 'intent'`,
      { ...subject, state, trigger },
    );
    await project.journal.append("broadcast_settled", { ...subject, state, trigger });
  };
  let triggerId: number;
  try {
    ({ triggerId } = await client.triggerBroadcast(broadcastId, {}));
  } catch (error) {
    // Only a Failure with another code says for certain that nothing was sent.
    if (!(error instanceof Failure) || error.code === "SEND_UNCLEAR") throw sendUnclear(broadcastId, error);
    await settle("not_sent", null);
    throw error;
  }
  await settle("sent", triggerId);
  return { broadcastId, dryRun, triggerId };
}

function sendUnclear(broadcastId: number, cause?: unknown): Failure {
  return failed(
    "SEND_UNCLEAR",
    `Broadcast ${broadcastId} was triggered and Customer.io's answer is not known, so it may have been sent.`,
    "Look at the broadcast in Customer.io. If it was not sent, trigger it there; Sendgate does not send it again.",
    cause,
  );
}
