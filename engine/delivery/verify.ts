import type { VerifyReport } from "../../contract/delivery.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { certificateText } from "../certificate/certificate-file.ts";
import { certify } from "../certificate/certify.ts";
import { proveSuppressions } from "../certificate/proof.ts";
import { isoTime, now } from "../clock.ts";
import { readFailedActivities } from "../destination/failed-activities.ts";
import { lookForLeaks } from "../leaks/look.ts";
import { plannedMerge, requirePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { recordRun } from "../rehearsal/delivery-runs.ts";
import type { Store } from "../store/store.ts";
import { boundWorkspace } from "./bound-workspace.ts";
import coverage from "./coverage.sql";
import { countDeliveries } from "./delivery-state.ts";
import { lookAgain, type SettleOptions } from "./look-again.ts";
import { beginReading, readAddresses, readLists, readPersons } from "./read-back.ts";
import { saveVerification } from "./verification.ts";

const mostMissingItems = 100;

/**
 * Reads every suppressed person, every suppressed address and the ESP lists back from Customer.io, and keeps the result
 * for the gate, with a certificate where it proves everything. An address is covered where the profile that holds it is unsubscribed, or it stands on an ESP list,
 * or no profile holds it and all the suppressed persons behind it are unsubscribed; addresses with a hard bounce or a
 * complaint must stand on their list. Writes take effect some time after they were accepted
 * (reference/customerio.md §0), so what is missing is looked for again until nothing more turns up.
 * What is still missing then is marked for sending again; addresses in the hands of strangers go into the next plan.
 * @throws Failure where there is no current plan, the keys lead to another workspace, or reading fails
 */
export async function verify(
  project: Project,
  client: CustomerIoClient,
  progress: Progress,
  options: SettleOptions = {},
): Promise<VerifyReport> {
  const { store } = project;
  const plan = await requirePlan(project);
  const mergeHash = (await plannedMerge(project))!;
  const workspace = await boundWorkspace(project, client);
  const readAt = now();
  await project.journal.append("verify_started", { plan: plan.hash, workspace: workspace.id });

  await beginReading(store);
  await readLists(store, client, progress);
  const { persons, addresses } = await toRead(store);
  await readAll(store, client, progress, everyPerson, everyAddress, persons + addresses);
  await store.run(coverage);
  const { delivered } = await countDeliveries(store, workspace.id, "suppressions");
  if (delivered > 0) {
    await lookAgain(
      () => countAwaited(store, workspace.id),
      (awaited) => readMissing(store, client, progress, awaited),
      progress,
      options,
    );
  }

  const missing = await countMissing(store);
  const missingItems = await describeMissing(store);
  await store.transaction(async (connection) => {
    await connection.run(addUncovered, { workspace: workspace.id });
    await connection.run(markLost, { workspace: workspace.id, at: now() });
  });
  const failedActivities = await readFailedActivities(project, client, workspace.id, progress);
  const report: VerifyReport = {
    planHash: plan.hash,
    verifiedAt: isoTime(readAt),
    addresses,
    persons,
    covered: addresses + persons - missing,
    missing,
    missingItems,
    failedActivities,
  };
  await project.journal.append("verify_ended", {
    plan: plan.hash,
    merge: mergeHash,
    workspace: workspace.id,
    addresses,
    persons,
    missing,
  });
  progress.start("Comparing exports, plan, upload and what was read back", null, "steps");
  const proof = await proveSuppressions(store, workspace.id);
  const readBack = { workspace, mergeHash, planHash: plan.hash, readAt, proof };
  const certificate = missing > 0 ? null : await certify(project, readBack);
  await saveVerification(project, {
    report,
    mergeHash,
    workspaceId: workspace.id,
    readAt,
    proof,
    certificate: certificate && certificateText(certificate),
  });
  await recordRun(store, workspace, "verify", report, (now() - readAt) / 1_000_000);
  await lookForLeaks(project, client, workspace.id, progress);
  return report;
}

const everyPerson = "SELECT person_id, user_id FROM planned_person WHERE suppressed AND has_id";
const everyAddress = `
  SELECT address_id, email_key, send
  FROM suppression JOIN address USING (address_id) JOIN address_spelling USING (address_id)`;
const missingPersons = "SELECT person_id, user_id FROM missing_person";
const missingAddresses = `SELECT address_id, email_key, send FROM missing_address JOIN address_spelling USING (address_id)`;

async function toRead(store: Store): Promise<{ persons: number; addresses: number }> {
  const counts = await store.row<{ persons: number; addresses: number }>(
    `SELECT (SELECT count(*) FROM (${everyPerson})) AS persons, (SELECT count(*) FROM (${everyAddress})) AS addresses`,
  );
  return counts!;
}

async function readAll(
  store: Store,
  client: CustomerIoClient,
  progress: Progress,
  persons: string,
  addresses: string,
  total: number,
): Promise<void> {
  let done = 0;
  const read = async (count: number) => {
    done += count;
    await progress.report(done);
  };
  progress.start("Reading back people and addresses", total, "addresses");
  await readPersons(store, client, persons, read);
  await readAddresses(store, client, addresses, read);
}

/** Reads what is missing once more, and judges anew. */
async function readMissing(
  store: Store,
  client: CustomerIoClient,
  progress: Progress,
  awaited: number,
): Promise<void> {
  const unlisted = await store.row<{ count: number }>("SELECT count(*) AS count FROM missing_list");
  if (unlisted!.count > 0) await readLists(store, client, progress);
  await readAll(store, client, progress, missingPersons, missingAddresses, awaited);
  await store.run(coverage);
}

/** What is missing and may still turn up: a write that was refused for good never takes effect. */
async function countAwaited(store: Store, workspaceId: number): Promise<number> {
  const row = await store.row<{ awaited: number }>(awaited, { workspace: workspaceId });
  return row!.awaited;
}

const awaited = `
  WITH refused AS (
    SELECT subject FROM delivery
    WHERE workspace_id = $workspace AND phase = 'suppressions' AND state = 'failed' AND operation_id IS NOT NULL
  ),
  refused_person AS (
    SELECT m.person_id FROM missing_person m SEMI JOIN refused r ON r.subject = 'id:' || m.user_id
  ),
  refused_address AS (
    SELECT m.address_id FROM missing_address m SEMI JOIN refused r ON r.subject = 'email:' || m.email_key
    UNION
    SELECT m.address_id
    FROM missing_list l
    JOIN missing_address m USING (address_id)
    SEMI JOIN refused r ON r.subject = l.mechanism || ':' || m.email_key
    UNION
    -- Covered by nobody but a person whose write was refused.
    SELECT m.address_id
    FROM missing_address m
    JOIN person_address c USING (address_id)
    JOIN refused_person p USING (person_id)
    WHERE m.reason = 'claimant_missing'
  )
  SELECT
    (SELECT count(*) FROM missing_person ANTI JOIN refused_person USING (person_id))
    + (SELECT count(*) FROM missing_address ANTI JOIN refused_address USING (address_id)) AS awaited`;

async function countMissing(store: Store): Promise<number> {
  const row = await store.row<{ missing: number }>(
    "SELECT (SELECT count(*) FROM missing_person) + (SELECT count(*) FROM missing_address) AS missing",
  );
  return row!.missing;
}

const again = "Upload the suppressions again, then read back.";
const words: Record<string, { reason: string; nextStep: string }> = {
  person_unread: { reason: "The profile could not be read.", nextStep: "Read back again." },
  person_absent: {
    reason: "Customer.io has no profile with this id.",
    nextStep: `${again} If it stays away, the id was erased in Customer.io: lift that under Workspace Suppressions, or take the person out of the source.`,
  },
  person_subscribed: { reason: "The profile is not unsubscribed.", nextStep: again },
  forgotten_subscribed: {
    reason: "The person asked to be forgotten and still has a subscribed profile.",
    nextStep: "Erase the person in Customer.io, then read back.",
  },
  address_unread: { reason: "The address could not be looked up.", nextStep: "Read back again." },
  not_listed: { reason: "The address is not on its ESP suppression list.", nextStep: again },
  address_subscribed: {
    reason: "A profile that is not unsubscribed holds the address.",
    nextStep: "Plan again, upload the suppressions, then read back: the plan unsubscribes that profile.",
  },
  address_absent: {
    reason: "No profile holds the address, so nothing remembers that it is unsubscribed.",
    nextStep: `${again} If it stays away, the address was erased in Customer.io: choose the suppression list alone for leads, then plan again.`,
  },
  claimant_missing: {
    reason: "A person behind the address is not unsubscribed.",
    nextStep: again,
  },
  address_not_taken: {
    reason: "The profile of its person did not take the address, for it has another one.",
    nextStep: "Plan again, upload the suppressions, then read back: the plan writes the address on its own.",
  },
};

async function describeMissing(store: Store): Promise<VerifyReport["missingItems"]> {
  const rows = await store.rows<{ subject: string; reason: string }>(
    `SELECT subject, reason FROM (
       SELECT 1 AS place, person_id AS number, 'id:' || user_id AS subject, reason FROM missing_person
       UNION ALL
       SELECT 2, address_id, 'email:' || email_key, reason FROM missing_address
     ) ORDER BY place, number LIMIT ${mostMissingItems}`,
  );
  return rows.map(({ subject, reason }) => ({ subject, ...words[reason]! }));
}

/** A holder who is one of our own suppressed persons only needs his own write again. */
const addUncovered = `
  INSERT OR IGNORE INTO uncovered_address
  SELECT DISTINCT $workspace::BIGINT, m.email_key
  FROM missing_address m
  LEFT JOIN readback_holder h ON h.address_id = m.address_id AND NOT h.unsubscribed
  LEFT JOIN planned_person p ON p.user_id = h.user_id AND p.suppressed AND p.has_id AND NOT p.is_forgotten
  ANTI JOIN address_by_name n ON n.address_id = m.address_id
  WHERE m.reason = 'address_not_taken'
    OR (m.reason = 'address_subscribed' AND h.address_id IS NOT NULL AND p.person_id IS NULL)`;

/** Accepted, and yet not there: the next upload sends it again. */
const markLost = `
  UPDATE delivery SET state = 'lost', changed_at = $at
  WHERE workspace_id = $workspace AND phase = 'suppressions' AND state = 'done'
    AND subject IN (
      SELECT 'id:' || user_id FROM missing_person
      UNION SELECT 'email:' || email_key FROM missing_address
      UNION SELECT mechanism || ':' || email_key FROM missing_list JOIN address USING (address_id)
    )`;
