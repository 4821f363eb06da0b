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
 * Reads every profile of the plan that was sent back from Customer.io: whether it is there with what was written about
 * consent, address and origin. Writes take effect some time after they were accepted, so what is missing is looked for
 * again until nothing more turns up. What is still missing then is marked for sending again, and is looked up anew
 * before it is: whoever differs may have been changed over there. Other attributes that differ are counted and left
 * alone for the same reason.
 * Where a suppressed person turns out to be subscribed or gone, the proof of the suppressions is void and the gate
 * locks, though the reading was cut short.
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

  await store.run(beginReading, { workspace: workspace.id });
  await store.run(emptyReading);
  const profiles = await count(store, "SELECT count(*) AS count FROM sent_profile");
  let unsafe = 0;
  try {
    await readProfiles(store, client, profilesOf("sent_profile"), profiles, progress);
    await lookAgain(
      () => count(store, missingProfiles),
      async (missing) => {
        await store.run(keepMissing);
        await readProfiles(store, client, profilesOf("missing_profile"), missing, progress);
      },
      progress,
      options,
    );
  } finally {
    unsafe = await count(store, unsafeProfiles);
    if (unsafe > 0) await forgetVerification(project, workspace.id);
  }

  const missing = await count(store, missingProfiles);
  const missingItems = await describeMissing(store);
  const differingAttributes = await store.rows<ProfilesVerifyReport["differingAttributes"][number]>(
    "SELECT name, count(*) AS profiles FROM readback_attribute GROUP BY name ORDER BY profiles DESC, name",
  );
  await store.transaction(async (connection) => {
    await connection.run(settleDeliveries, { workspace: workspace.id, at: now() });
    await connection.run(lookUpAnew, { workspace: workspace.id });
  });
  const failedActivities = await readFailedActivities(project, client, workspace.id, progress);
  const report: ProfilesVerifyReport = {
    planHash: plan.hash,
    verifiedAt: isoTime(readAt),
    profiles,
    arrived: profiles - missing,
    missing,
    missingItems,
    subscribed: unsafe,
    differingAttributes,
    failedActivities,
  };
  await recordRun(store, workspace, "verify_profiles", report, (now() - readAt) / 1_000_000);
  await project.journal.append("profiles_verify_ended", {
    plan: plan.hash,
    workspace: workspace.id,
    profiles,
    missing,
    subscribed: unsafe,
  });
  return report;
}

/**
 * What was sent, by number: the items themselves would not fit into memory. What was lost before may be there by now. A
 * profile stands for a suppression where the proof rests on it.
 */
const beginReading = `
  CREATE OR REPLACE TABLE sent_profile AS
  SELECT
    p.operation_id,
    p.subject IN (
      SELECT subject FROM planned_operation
      WHERE phase = 'suppressions' AND mechanism IN ('unsubscribe_person', 'unsubscribe_address')
    ) AS stands_for_suppression
  FROM planned_operation p
  JOIN delivery d USING (phase, subject, content)
  WHERE p.phase = 'profiles' AND d.workspace_id = $workspace AND d.state IN ('done', 'lost')`;
const emptyReading = `
  CREATE OR REPLACE TABLE readback_profile (operation_id INTEGER, trouble VARCHAR);
  CREATE OR REPLACE TABLE readback_attribute (operation_id INTEGER, name VARCHAR);`;
/** Beside the table that is written while they are read again. */
const keepMissing = `
  CREATE OR REPLACE TABLE missing_profile AS SELECT operation_id FROM readback_profile WHERE trouble IS NOT NULL`;
const profilesOf = (table: string) => `
  SELECT operation_id, item FROM planned_operation SEMI JOIN ${table} USING (operation_id) WHERE phase = 'profiles'`;
const missingProfiles = "SELECT count(*) AS count FROM readback_profile WHERE trouble IS NOT NULL";
const unsafeProfiles = `
  SELECT count(*) AS count FROM readback_profile JOIN sent_profile USING (operation_id)
  WHERE trouble = 'subscribed' OR (trouble = 'absent' AND stands_for_suppression)`;

async function readProfiles(
  store: Store,
  client: CustomerIoClient,
  query: string,
  total: number,
  progress: Progress,
): Promise<void> {
  let done = 0;
  progress.start("Reading back profiles", total, "profiles");
  await severalAtOnce(store.pieces<Written>(query), piecesAtOnce, async (written) => {
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
  });
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

async function count(store: Store, query: string): Promise<number> {
  return (await store.row<{ count: number }>(query))!.count;
}

const again = "Upload the profiles again, then read them back.";
const lockedAgain =
  "The gate is locked again: read the suppressions back, upload what is missing, then the profiles.";
const words: Record<ProfileTrouble | "suppressed_absent", { reason: string; nextStep: string }> = {
  absent: {
    reason: "Customer.io has no such profile.",
    nextStep: `${again} If it stays away, the person was erased in Customer.io.`,
  },
  suppressed_absent: {
    reason: "The person is suppressed, and the profile that kept the opt-out is gone.",
    nextStep: lockedAgain,
  },
  subscribed: {
    reason: "The person is suppressed, and the profile is not unsubscribed.",
    nextStep: lockedAgain,
  },
  not_written: { reason: "The profile is there, and has nothing of what was written.", nextStep: again },
  email_not_taken: {
    reason: "The profile has another address than was written, or none.",
    nextStep:
      "Somebody else may hold the address, or it was changed there since: look people up in the workspace again and decide the conflict, then upload the profiles.",
  },
};

async function describeMissing(store: Store): Promise<ProfilesVerifyReport["missingItems"]> {
  // Suppressed people whose opt-out does not stand come first.
  const rows = await store.rows<{ subject: string; trouble: keyof typeof words }>(
    `SELECT subject, trouble
     FROM (
       SELECT
         operation_id,
         CASE WHEN r.trouble = 'absent' AND s.stands_for_suppression THEN 'suppressed_absent' ELSE r.trouble END AS trouble
       FROM readback_profile r
       JOIN sent_profile s USING (operation_id)
       WHERE r.trouble IS NOT NULL
     )
     JOIN planned_operation p USING (operation_id)
     WHERE p.phase = 'profiles'
     ORDER BY trouble NOT IN ('subscribed', 'suppressed_absent'), operation_id
     LIMIT ${mostMissingItems}`,
  );
  return rows.map(({ subject, trouble }) => ({ subject, ...words[trouble] }));
}

/** Accepted, and yet not there: the next upload sends it again. What was lost and is there now needs no sending. */
const settleDeliveries = `
  UPDATE delivery SET state = seen.state, changed_at = $at
  FROM (
    SELECT p.subject, CASE WHEN r.trouble IS NULL THEN 'done' ELSE 'lost' END AS state
    FROM readback_profile r
    JOIN planned_operation p ON p.phase = 'profiles' AND p.operation_id = r.operation_id
  ) seen
  WHERE delivery.workspace_id = $workspace AND delivery.phase = 'profiles' AND delivery.subject = seen.subject
    AND delivery.state <> seen.state`;

/** What is known of those who are not as written is out of date: by it they could be written over. */
const lookUpAnew = `
  DELETE FROM destination_look_up l
  USING (
    SELECT unnest(['id', 'email']) AS kind,
      unnest([item ->> '$.identifiers.id', coalesce(item ->> '$.identifiers.email', item ->> '$.attributes.email')]) AS value
    FROM planned_operation
    SEMI JOIN (SELECT operation_id FROM readback_profile WHERE trouble IS NOT NULL) missing USING (operation_id)
    WHERE phase = 'profiles'
  ) p
  WHERE l.workspace_id = $workspace AND l.kind = p.kind AND l.value = p.value`;
