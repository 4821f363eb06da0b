import { createHash } from "node:crypto";
import type { FailedActivities } from "../../contract/destination.ts";
import { Failure } from "../../contract/failure.ts";
import type { CustomerIoActivity, CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { isoTime, now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { activityWords, changesIn } from "./activity-words.ts";
import failures from "./failed-activities.sql";

/** What tells of a write that did not do what it said, and of profiles that are gone (reference/customerio.md §1.12). */
const types = [
  "failed_attribute_change",
  "failed_batch_update",
  "skipped_update",
  "profile_merge",
  "profile_delete",
] as const;

const mostItems = 100;
/** The vendor guarantees its log for 30 days (reference/customerio.md §2.8). */
const retentionSeconds = 30 * 86_400;
/** Clocks differ, and an activity may be shown some time after it happened. */
const overlapSeconds = 600;

/** Unix seconds. */
interface Reading {
  /** From when on the log was read. */
  since: number;
  /** When it was last read whole. */
  readAt: number;
}

/**
 * Reads the workspace's activity log since the first write of this project, keeps what is new in it and says what
 * concerns our people. Writes are taken up some time after they were accepted, and what goes wrong then is told here
 * alone. Trouble with reading is part of the answer, never silent and never a failure of whatever asked.
 * @throws only where the operator cancels
 */
export async function readFailedActivities(
  project: Project,
  client: CustomerIoClient,
  workspaceId: number,
  progress: Progress,
): Promise<FailedActivities> {
  const { store } = project;
  const setting = `activities:${workspaceId}`;
  const before = (await store.setting(setting)) as unknown as Reading | undefined;
  const first = await firstWrite(store, workspaceId);
  if (first === null) return { since: null, count: 0, items: [], trouble: null };

  const since = Math.min(before?.since ?? first, first) - (before ? 0 : overlapSeconds);
  const from = before ? Math.max(since, before.readAt - overlapSeconds) : since;
  const readAt = Math.floor(now() / 1_000_000);
  progress.start("Reading the activity log", null, "activities");
  let trouble: string | null = null;
  try {
    await readNew(store, client, workspaceId, from, progress);
    if (from < readAt - retentionSeconds) {
      trouble = `Customer.io keeps its activity log for 30 days; what happened between ${isoTime(from * 1e6)} and ${isoTime((readAt - retentionSeconds) * 1e6)} may be gone from it.`;
    }
    await store.changeSetting(setting, { since, readAt });
  } catch (error) {
    if (progress.signal.aborted || !(error instanceof Failure)) throw error;
    trouble = `The activity log could not be read whole, so there may be more: ${error.message} ${error.nextStep}`;
  }
  const report = await describeFailures(store, workspaceId);
  await project.journal.append("activities_read", {
    workspace: workspaceId,
    concerned: report.count,
    whole: trouble === null,
  });
  return { since: isoTime(since * 1e6), ...report, trouble };
}

/** Unix seconds; null where nothing was ever sent to that workspace. */
async function firstWrite(store: Store, workspaceId: number): Promise<number | null> {
  const row = await store.row<{ first: number | null }>(
    "SELECT min(changed_at) AS first FROM delivery WHERE workspace_id = $workspaceId AND state <> 'planned'",
    { workspaceId },
  );
  return row?.first ? Math.floor(row.first / 1_000_000) : null;
}

async function readNew(
  store: Store,
  client: CustomerIoClient,
  workspaceId: number,
  from: number,
  progress: Progress,
): Promise<void> {
  let read = 0;
  for (const type of types) {
    for await (const page of client.activities(type, from)) {
      await store.run(
        `INSERT OR IGNORE INTO destination_activity
         SELECT $workspaceId, seen ->> 'activity', seen ->> 'type', (seen ->> 'happened_at')::BIGINT,
           seen ->> 'user_id', seen ->> 'email', seen ->> 'cio_id', seen ->> 'data'
         FROM (SELECT unnest(from_json($page::JSON, '["JSON"]')) AS seen)`,
        { workspaceId, page: JSON.stringify(page.map((activity) => toRow(type, activity))) },
      );
      read += page.length;
      await progress.report(read);
    }
  }
}

function toRow(type: string, activity: CustomerIoActivity) {
  const { customer, data, timestamp } = activity;
  const text = JSON.stringify(data ?? null);
  // Where nobody was found there is nobody to name; the identifiers then stand in what was to change.
  const changes = changesIn(data);
  return {
    activity:
      activity.id ||
      createHash("sha256")
        .update(JSON.stringify([type, activity]))
        .digest("hex"),
    type,
    happened_at: timestamp * 1_000_000,
    user_id: customer.id ?? customer.named ?? changes.id?.to ?? null,
    email: customer.email ?? changes.email?.to ?? null,
    cio_id: (customer.cioId ?? customer.named)?.replace(/^cio_/, "") ?? null,
    data: text,
  };
}

async function describeFailures(
  store: Store,
  workspaceId: number,
): Promise<Pick<FailedActivities, "count" | "items">> {
  interface Found {
    [key: string]: string | number | boolean;
    subject: string;
    suppressed: boolean;
    type: string;
    happened_at: number;
    data: string;
  }
  const counted = await store.row<{ count: number }>(`SELECT count(*) AS count FROM (${failures})`, {
    workspaceId,
  });
  const rows = await store.rows<Found>(`${failures} ORDER BY happened_at DESC, activity LIMIT ${mostItems}`, {
    workspaceId,
  });
  return {
    count: counted!.count,
    items: rows.map(({ subject, suppressed, type, happened_at, data }) => ({
      subject,
      suppressed,
      type,
      at: isoTime(happened_at),
      ...activityWords(type, JSON.parse(data)),
    })),
  };
}
