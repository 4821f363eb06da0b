import { badInput } from "../../contract/failure.ts";
import type { UndoReport, UndoRequest } from "../../contract/workspaces.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import { boundWorkspace } from "../delivery/bound-workspace.ts";
import { suppressionListOf } from "../delivery/suppression-list-of.ts";
import { untilSettled } from "../delivery/until-settled.ts";
import { mergeHash, storedMerge } from "../merge/merge.ts";
import { readEmail } from "../normalise/email-key.ts";
import type { Project } from "../project/project.ts";
import { saltedHash } from "../store/salt.ts";
import type { Store } from "../store/store.ts";
import { readListings } from "./listings.ts";

const mostKeptItems = 100;

interface Entry {
  [key: string]: string;
  mechanism: string;
  email_key: string;
  /** As it was written. */
  email: string;
}

/**
 * Takes entries off the ESP lists that this project put there and that did not stand there before. Consent comes first:
 * an address that a source suppresses stays on its list, unless every profile that holds it is unsubscribed and the
 * operator names the address; even then its place in the plan stays, so that the next upload lists it again.
 *
 * All entries are on record as intended, with the operator's reason, before the first is taken off, and as done once
 * they are seen to be gone. From the intent on the gate is locked until the suppressions are read back again; what was
 * cut short is judged anew and finished by the next run.
 * @throws Failure `bad_input` where the merge is not up to date, since nobody could say who is suppressed
 */
export async function undoListings(
  project: Project,
  client: CustomerIoClient,
  { esp, reason, decidedBy }: UndoRequest & { decidedBy: string },
  progress: Progress,
  settleMilliseconds = 60_000,
): Promise<UndoReport> {
  const { store } = project;
  await requireCurrentMerge(project);
  const { id } = await boundWorkspace(project, client);
  const named = esp === "all" ? null : keysOf(esp);

  await findCandidates(store, id, named);
  if (named !== null) await markCovered(store, client);
  await store.run(chooseTargets);
  const kept = await keptItems(store, named);
  const entries = await count(store, "SELECT count(*) AS count FROM undo_target");
  if (entries > 0) {
    await project.journal.append("undo_intended", {
      workspace: id,
      entries,
      subjects: await hashOfTargets(store),
      reason: await saltedHash(store, reason),
    });
  }
  await store.transaction(async (connection) => {
    await connection.run(withdrawOthers, { workspace: id, at: now() });
    await connection.run(forgetIntents, { workspace: id });
    await connection.run(intend, { workspace: id, reason, decidedBy, at: now() });
    await connection.run(countAsNotDelivered, { workspace: id, at: now() });
  });
  if (entries > 0) {
    await takeOff(store, client, entries, progress);
    await untilGone(store, client, settleMilliseconds, progress);
  }
  const stillThere =
    entries > 0 ? await count(store, `SELECT count(*) AS count FROM (${targetsStillListed})`) : 0;
  if (entries > 0) {
    await store.transaction(async (connection) => {
      await connection.run(settleGone, { workspace: id, at: now() });
      await connection.run(lookAnewNextTime, { workspace: id });
    });
    await project.journal.append("undo_settled", {
      workspace: id,
      gone: entries - stillThere,
      still_there: stillThere,
    });
  }
  return {
    takenBack: entries - stillThere,
    stillThere,
    kept: kept.length,
    keptItems: kept.slice(0, mostKeptItems),
  };
}

async function requireCurrentMerge({ store, sourcePriority }: Project): Promise<void> {
  const merge = await storedMerge(store);
  if (merge && merge.hash === (await mergeHash(store, sourcePriority))) return;
  throw badInput(
    "MERGE_STALE",
    "What the sources say is not merged yet, so nobody can say who is suppressed. Nothing was taken back.",
    "Merge first.",
  );
}

function keysOf(addresses: readonly string[]): string[] {
  const keys = addresses.map((address) => {
    const read = readEmail(address);
    if (read.kind === "good") return read.key;
    throw badInput("BAD_EMAIL", `${address} is no address.`, "Give the address as it stands on the list.");
  });
  return [...new Set(keys)];
}

/**
 * Entries that this project sent, or may have sent: those named, or where none are named those that no source asks
 * for; and in any case those that an undo which was cut short had begun to take off.
 */
async function findCandidates(
  store: Store,
  workspace: number,
  named: readonly string[] | null,
): Promise<void> {
  const wanted =
    named === null
      ? "NOT b.was_there AND s.address_id IS NULL"
      : "b.email_key IN (SELECT email_key FROM undo_named)";
  await store.transaction(async (connection) => {
    await connection.run("CREATE OR REPLACE TABLE undo_named (email_key VARCHAR)");
    const rows = await connection.createAppender("undo_named");
    for (const key of named ?? []) {
      rows.appendVarchar(key);
      rows.endRow();
    }
    rows.closeSync();
    await connection.run(
      `CREATE OR REPLACE TABLE undo_candidate AS
       SELECT b.mechanism, b.email_key, b.email, b.was_there, s.address_id IS NOT NULL AS suppressed, false AS covered
       FROM listing_before b
       JOIN delivery d
         ON d.workspace_id = b.workspace_id AND d.phase = 'suppressions' AND d.subject = b.mechanism || ':' || b.email_key
       LEFT JOIN taken_back t
         ON t.workspace_id = b.workspace_id AND t.mechanism = b.mechanism AND t.email_key = b.email_key AND t.state = 'intent'
       LEFT JOIN address a ON a.email_key = b.email_key
       LEFT JOIN suppression s ON s.address_id = a.address_id
       WHERE b.workspace_id = $workspace
         AND (t.email_key IS NOT NULL OR (d.state IN ('intent', 'done', 'lost') AND ${wanted}))`,
      { workspace },
    );
  });
}

/** Suppressed addresses that somebody holds, and nobody who is not unsubscribed: the list is not all that stops mail to them. */
async function markCovered(store: Store, client: CustomerIoClient): Promise<void> {
  const asked = await store.rows<{ email_key: string; email: string }>(
    "SELECT DISTINCT email_key, email FROM undo_candidate WHERE suppressed AND NOT was_there",
  );
  if (asked.length === 0) return;
  const { profiles } = await client.profilesByEmails(asked.map(({ email }) => email));
  for (const { email_key, email } of asked) {
    const holders = profiles.get(email) ?? [];
    if (holders.length === 0 || holders.some(({ unsubscribed }) => !unsubscribed)) continue;
    await store.run("UPDATE undo_candidate SET covered = true WHERE email_key = $email_key", { email_key });
  }
}

const chooseTargets = `
  CREATE OR REPLACE TABLE undo_target AS
  SELECT DISTINCT mechanism, email_key, email FROM undo_candidate WHERE NOT was_there AND (NOT suppressed OR covered)`;

async function keptItems(store: Store, named: readonly string[] | null): Promise<UndoReport["keptItems"]> {
  const kept = await store.rows<{ mechanism: string; email_key: string; was_there: boolean }>(
    "SELECT mechanism, email_key, was_there FROM undo_candidate WHERE was_there OR (suppressed AND NOT covered) ORDER BY ALL",
  );
  const unknown = await store.rows<{ email_key: string }>(
    "SELECT email_key FROM undo_named ANTI JOIN undo_candidate USING (email_key) ORDER BY email_key",
  );
  return [
    ...kept.map(({ mechanism, email_key, was_there }) => ({
      subject: `${mechanism}:${email_key}`,
      ...(was_there ? words.wasThere : named === null ? words.askedForAgain : words.suppressed),
    })),
    ...unknown.map(({ email_key }) => ({ subject: `email:${email_key}`, ...words.notOurs })),
  ];
}

const words = {
  wasThere: {
    reason: "It stood on the list before this project wrote it.",
    nextStep: "Take it off by hand in Customer.io, if you know why it is there.",
  },
  suppressed: {
    reason:
      "A source says that this address must not be mailed, and no unsubscribed profile stands in for the list.",
    nextStep: "It stays, as long as the sources say so.",
  },
  askedForAgain: {
    reason: "A source says by now that this address must not be mailed.",
    nextStep: "It stays; plan, upload the suppressions and read back.",
  },
  notOurs: {
    reason: "This project has no entry of its own for it in this workspace.",
    nextStep: "Take it off by hand in Customer.io, if it stands on a list there.",
  },
};

async function hashOfTargets(store: Store): Promise<string> {
  const row = await store.row<{ subjects: string }>(
    "SELECT sha256(string_agg(mechanism || ':' || email_key, chr(10) ORDER BY mechanism, email_key)) AS subjects FROM undo_target",
  );
  return saltedHash(store, row!.subjects);
}

const isTarget = "(mechanism, email_key) IN (SELECT (mechanism, email_key) FROM undo_target)";

/** Begun earlier and no longer allowed: a source suppresses the address by now. */
const withdrawOthers = `
  UPDATE taken_back SET state = 'withdrawn', changed_at = $at
  WHERE workspace_id = $workspace AND state = 'intent' AND NOT ${isTarget}`;

const forgetIntents = `DELETE FROM taken_back WHERE workspace_id = $workspace AND state = 'intent' AND ${isTarget}`;

const intend = `
  INSERT INTO taken_back
  SELECT $workspace, mechanism, email_key, email, 'intent', $reason, $decidedBy, $at, $at FROM undo_target`;

const countAsNotDelivered = `
  UPDATE delivery SET state = 'undone', changed_at = $at
  WHERE workspace_id = $workspace AND phase = 'suppressions'
    AND subject IN (SELECT mechanism || ':' || email_key FROM undo_target)`;

async function takeOff(
  store: Store,
  client: CustomerIoClient,
  entries: number,
  progress: Progress,
): Promise<void> {
  let done = 0;
  progress.start("Taking entries off the ESP suppression lists", entries, "addresses");
  for await (const piece of store.pieces<Entry>("SELECT * FROM undo_target ORDER BY mechanism, email_key")) {
    await Promise.all(
      piece.map(async ({ mechanism, email }) => {
        await client.removeSuppression(suppressionListOf[mechanism]!, email);
        done += 1;
        await progress.report(done);
      }),
    );
  }
}

async function untilGone(
  store: Store,
  client: CustomerIoClient,
  milliseconds: number,
  progress: Progress,
): Promise<void> {
  const mechanisms = await store.rows<{ mechanism: string }>("SELECT DISTINCT mechanism FROM undo_target");
  await untilSettled(
    async () => {
      await readListings(
        store,
        client,
        mechanisms.map(({ mechanism }) => mechanism),
        progress,
      );
      return (await count(store, `SELECT count(*) AS count FROM (${targetsStillListed})`)) === 0;
    },
    milliseconds,
    progress,
  );
}

const targetsStillListed = `
  SELECT t.mechanism, t.email_key FROM undo_target t
  SEMI JOIN listing_now n ON n.mechanism = t.mechanism AND n.email_key = lower(t.email_key)`;

const settleGone = `
  UPDATE taken_back SET state = 'done', changed_at = $at
  WHERE workspace_id = $workspace AND state = 'intent' AND ${isTarget}
    AND (mechanism, email_key) NOT IN (SELECT (mechanism, email_key) FROM (${targetsStillListed}))`;

/** Whatever stands on the list by then is not of this project's making. */
const lookAnewNextTime = `
  DELETE FROM listing_before
  WHERE workspace_id = $workspace AND ${isTarget}
    AND (mechanism, email_key) NOT IN (SELECT (mechanism, email_key) FROM (${targetsStillListed}))`;

async function count(store: Store, sql: string): Promise<number> {
  return (await store.row<{ count: number }>(sql))!.count;
}
