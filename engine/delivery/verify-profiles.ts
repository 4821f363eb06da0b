import type { ProfilesVerifyReport } from "../../contract/delivery.ts";
import type { CustomerIoClient, DestinationProfile } from "../../customerio/client.ts";
import type { IdentifyItem } from "../../customerio/identify-item.ts";
import type { Progress } from "../activity/activity.ts";
import { isoTime, now } from "../clock.ts";
import { readFailedActivities } from "../destination/failed-activities.ts";
import { requirePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { recordRun } from "../rehearsal/delivery-runs.ts";
import type { Store } from "../store/store.ts";
import { boundWorkspace } from "./bound-workspace.ts";
import { lookAgain, type SettleOptions } from "./look-again.ts";
import { severalAtOnce } from "./several-at-once.ts";
import { forgetVerification } from "./verification.ts";
import { compareProfile, type ProfileTrouble } from "./written-profile.ts";

const mostMissingItems = 100;
/** While one piece is written down the next one is read. */
const piecesAtOnce = 2;

interface Written {
  [key: string]: string | number;
  operation_id: number;
  /** An `IdentifyItem` as JSON text. */
  item: string;
}

/**
 * Reads every delivered profile of the plan back from Customer.io: whether it is there with what was written about
 * consent, address and origin. Writes take effect some time after they were accepted, so what is missing is looked for
 * again until nothing more turns up. What is still missing then is marked for sending again. Other attributes that
 * differ are counted and left alone, since somebody may have changed them over there.
 * Where a suppressed person turns out to be subscribed, the proof of the suppressions is void and the gate locks.
 * @throws Failure where there is no current plan, the keys lead to another workspace, or reading fails
 */
export async function verifyProfiles(
  project: Project,
  client: CustomerIoClient,
  progress: Progress,
  options: SettleOptions = {},
): Promise<ProfilesVerifyReport> {
  const { store } = project;
  const plan = await requirePlan(project);
  const workspace = await boundWorkspace(project, client);
  const readAt = now();
  await project.journal.append("profiles_verify_started", { plan: plan.hash, workspace: workspace.id });

  await store.run(`
    CREATE OR REPLACE TABLE readback_profile (operation_id INTEGER, trouble VARCHAR);
    CREATE OR REPLACE TABLE readback_attribute (operation_id INTEGER, name VARCHAR);`);
  const read = (query: string, total: number) =>
    readProfiles(store, client, query, workspace.id, total, progress);
  const { profiles } = (await store.row<{ profiles: number }>(
    `SELECT count(*) AS profiles FROM (${delivered})`,
    { workspace: workspace.id },
  ))!;
  await read(delivered, profiles);
  await lookAgain(
    () => countMissing(store),
    (missing) => read(stillMissing, missing),
    progress,
    options,
  );

  const missing = await countMissing(store);
  const missingItems = await describeMissing(store);
  const { subscribed } = (await store.row<{ subscribed: number }>(
    "SELECT count(*) AS subscribed FROM readback_profile WHERE trouble = 'subscribed'",
  ))!;
  const differingAttributes = await store.rows<ProfilesVerifyReport["differingAttributes"][number]>(
    "SELECT name, count(*) AS profiles FROM readback_attribute GROUP BY name ORDER BY profiles DESC, name",
  );
  await store.run(markLost, { workspace: workspace.id, at: now() });
  if (subscribed > 0) await forgetVerification(project, workspace.id);
  const failedActivities = await readFailedActivities(project, client, workspace.id, progress);
  const report: ProfilesVerifyReport = {
    planHash: plan.hash,
    verifiedAt: isoTime(readAt),
    profiles,
    arrived: profiles - missing,
    missing,
    missingItems,
    subscribed,
    differingAttributes,
    failedActivities,
  };
  await recordRun(store, workspace, "verify_profiles", report, (now() - readAt) / 1_000_000);
  await project.journal.append("profiles_verify_ended", {
    plan: plan.hash,
    workspace: workspace.id,
    profiles,
    missing,
    subscribed,
  });
  return report;
}

const delivered = `
  SELECT p.operation_id, p.item
  FROM planned_operation p
  JOIN delivery d ON d.phase = p.phase AND d.subject = p.subject AND d.content = p.content
  WHERE p.phase = 'profiles' AND d.workspace_id = $workspace AND d.state = 'done'`;
const stillMissing = `SELECT * FROM (${delivered}) SEMI JOIN missing_profile USING (operation_id)`;

async function readProfiles(
  store: Store,
  client: CustomerIoClient,
  query: string,
  workspaceId: number,
  total: number,
  progress: Progress,
): Promise<void> {
  let done = 0;
  progress.start("Reading back profiles", total, "profiles");
  await store.run(
    "CREATE OR REPLACE TABLE missing_profile AS SELECT operation_id FROM readback_profile WHERE trouble IS NOT NULL",
  );
  await severalAtOnce(
    store.pieces<Written>(query, { workspace: workspaceId }),
    piecesAtOnce,
    async (written) => {
      const items = written.map(({ item }) => JSON.parse(item) as IdentifyItem);
      const found = await lookUp(client, items);
      const compared = items.map((item, index) => ({
        operation: written[index]!.operation_id,
        ...compareProfile(item, found(item)),
      }));
      await store.transaction(async (connection) => {
        const numbers = written.map(({ operation_id }) => operation_id).join(",");
        for (const table of ["readback_profile", "readback_attribute"])
          await connection.run(`DELETE FROM ${table} WHERE operation_id IN (${numbers})`);
        const rows = await connection.createAppender("readback_profile");
        const attributes = await connection.createAppender("readback_attribute");
        for (const { operation, trouble, differing } of compared) {
          rows.appendInteger(operation);
          if (trouble === null) rows.appendNull();
          else rows.appendVarchar(trouble);
          rows.endRow();
          for (const name of differing) {
            attributes.appendInteger(operation);
            attributes.appendVarchar(name);
            attributes.endRow();
          }
        }
        rows.closeSync();
        attributes.closeSync();
      });
      done += written.length;
      await progress.report(done);
    },
  );
}

/** The profiles under the items' identifiers, a hundred a call. */
async function lookUp(
  client: CustomerIoClient,
  items: readonly IdentifyItem[],
): Promise<(item: IdentifyItem) => DestinationProfile[]> {
  const ids = items.flatMap(({ identifiers }) => ("id" in identifiers ? [identifiers.id] : []));
  const emails = items.flatMap(({ identifiers }) => ("email" in identifiers ? [identifiers.email] : []));
  const byId = await client.profilesByIds(ids);
  const { profiles: byEmail } = await client.profilesByEmails(emails);
  return ({ identifiers }) => {
    if ("email" in identifiers) return byEmail.get(identifiers.email) ?? [];
    const profile = byId.get(identifiers.id);
    return profile ? [profile] : [];
  };
}

async function countMissing(store: Store): Promise<number> {
  const row = await store.row<{ missing: number }>(
    "SELECT count(*) AS missing FROM readback_profile WHERE trouble IS NOT NULL",
  );
  return row!.missing;
}

const again = "Upload the profiles again, then read them back.";
const words: Record<ProfileTrouble, { reason: string; nextStep: string }> = {
  absent: {
    reason: "Customer.io has no such profile.",
    nextStep: `${again} If it stays away, the person was erased in Customer.io.`,
  },
  subscribed: {
    reason: "The person is suppressed, and the profile is not unsubscribed.",
    nextStep:
      "The gate is locked again: read the suppressions back, upload what is missing, then the profiles.",
  },
  not_written: { reason: "The profile is there, and has nothing of what was written.", nextStep: again },
  email_not_taken: {
    reason: "The profile did not take the address, which another profile may hold.",
    nextStep: "Look people up in the workspace again and decide the conflict, then upload the profiles.",
  },
};

async function describeMissing(store: Store): Promise<ProfilesVerifyReport["missingItems"]> {
  // Suppressed people who are subscribed come first.
  const rows = await store.rows<{ subject: string; trouble: ProfileTrouble }>(
    `SELECT p.subject, r.trouble
     FROM readback_profile r
     JOIN planned_operation p ON p.phase = 'profiles' AND p.operation_id = r.operation_id
     WHERE r.trouble IS NOT NULL
     ORDER BY r.trouble <> 'subscribed', r.operation_id
     LIMIT ${mostMissingItems}`,
  );
  return rows.map(({ subject, trouble }) => ({ subject, ...words[trouble] }));
}

/** Accepted, and yet not there: the next upload sends it again. */
const markLost = `
  UPDATE delivery SET state = 'lost', changed_at = $at
  WHERE workspace_id = $workspace AND phase = 'profiles' AND state = 'done'
    AND subject IN (
      SELECT p.subject
      FROM readback_profile r
      JOIN planned_operation p ON p.phase = 'profiles' AND p.operation_id = r.operation_id
      WHERE r.trouble IS NOT NULL
    )`;
