import { createHash } from "node:crypto";
import { Failure } from "../../contract/failure.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { MessageSource } from "../../customerio/messaging.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { compareDeliveries } from "../send/compare-deliveries.ts";
import { ourTriggers, recentlySent } from "../send/sendings.ts";
import { judge, type Verdict } from "./judge.ts";

/**
 * Looks what the workspace sends without asking the gate, and whom the sends of the last days reached, and keeps the
 * result for the gate. A look that fails on the way is kept as failed: the gate then stays shut (`LEAKS_UNREAD`).
 * @param workspace its number, once it is sure that the client leads there
 * @returns false where the look came to nothing
 * @throws Failure `CANCELLED`
 */
export async function lookForLeaks(
  project: Project,
  client: CustomerIoClient,
  workspace: number,
  progress: Progress,
): Promise<boolean> {
  const lookedAt = now();
  progress.start("Looking for campaigns that send by themselves", null, "campaigns");
  try {
    const found = await readLeaks(project, client, workspace, progress);
    await keep(project, workspace, lookedAt, found);
    for (const sent of await recentlySent(project.store, workspace)) {
      await compareDeliveries(project, client, workspace, sent, progress);
    }
    await project.journal.append("leaks_looked", { workspace, leaks: found.length });
    return true;
  } catch (error) {
    if (!(error instanceof Failure) || progress.signal.aborted) throw error;
    await keepFailure(project, workspace, lookedAt, error.message);
    await project.journal.append("leaks_unread", { workspace, code: error.code });
    return false;
  }
}

type Found = MessageSource & { verdict: Verdict };

async function readLeaks(
  project: Project,
  client: CustomerIoClient,
  workspace: number,
  progress: Progress,
): Promise<Found[]> {
  const { messaging } = client;
  const seconds = now() / 1_000_000;
  const broadcasts = await messaging.broadcasts();
  const names = new Map(broadcasts.map(({ id, name }) => [id, name]));
  // Some answers list API-triggered broadcasts among the campaigns; they share their numbers.
  const campaigns = (await messaging.campaigns()).filter(({ id, name }) => names.get(id) !== name);
  const newsletters = await messaging.newsletters();
  const ours = new Set(
    (await recentlySent(project.store, workspace))
      .filter(({ kind }) => kind === "newsletter")
      .map(({ number }) => number),
  );

  const found: Found[] = [];
  let read = 0;
  for (const source of [...campaigns, ...newsletters, ...broadcasts]) {
    const verdict = judge(source, seconds, await foreignTriggers(source));
    const isOurs = source.kind === "newsletter" && ours.has(source.id) && verdict?.state !== "scheduled";
    if (verdict && !isOurs) found.push({ ...source, verdict });
    read += 1;
    await progress.report(read);
  }
  return found;

  async function foreignTriggers(source: MessageSource) {
    if (source.kind !== "broadcast" || source.state?.toLowerCase() === "draft") return [];
    const own = await ourTriggers(project.store, workspace, source.id);
    // A send of ours whose outcome nobody knows may be any of them.
    if (own.includes(null)) return [];
    return (await messaging.triggers(source.id)).filter(({ id }) => !own.includes(id));
  }
}

async function keep(project: Project, workspace: number, lookedAt: number, found: readonly Found[]) {
  await project.store.transaction(async (connection) => {
    await connection.run("DELETE FROM leak WHERE workspace_id = $workspace", { workspace });
    for (const { kind, id, name, type, updated, verdict } of found) {
      await connection.run(
        "INSERT INTO leak VALUES ($workspace, $leak, $kind, $id, $name, $type, $state, $since, $what, $fingerprint)",
        {
          workspace,
          leak: `${kind}:${id}`,
          kind,
          id,
          name,
          type,
          state: verdict.state,
          since: verdict.since === null ? null : verdict.since * 1_000_000,
          what: verdict.what,
          fingerprint: createHash("sha256")
            .update(JSON.stringify([name, type, updated, verdict]))
            .digest("hex"),
        },
      );
    }
    await connection.run("DELETE FROM leak_look WHERE workspace_id = $workspace", { workspace });
    await connection.run("INSERT INTO leak_look VALUES ($workspace, $lookedAt, NULL)", {
      workspace,
      lookedAt,
    });
  });
}

async function keepFailure(project: Project, workspace: number, lookedAt: number, failure: string) {
  await project.store.transaction(async (connection) => {
    await connection.run("DELETE FROM leak_look WHERE workspace_id = $workspace", { workspace });
    await connection.run("INSERT INTO leak_look VALUES ($workspace, $lookedAt, $failure)", {
      workspace,
      lookedAt,
      failure,
    });
  });
}
