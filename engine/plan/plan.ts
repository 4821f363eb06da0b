import { createHash, type Hash } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { LeadSuppression, Mechanism, Plan } from "../../contract/delivery.ts";
import { badInput } from "../../contract/failure.ts";
import { maximumItemBytes } from "../../customerio/batch-packing.ts";
import { limits } from "../../customerio/limits.ts";
import type { Progress } from "../activity/activity.ts";
import { isoTime, now } from "../clock.ts";
import { type Packed, type PlannedIdentify, packOperations } from "../delivery/pack-operations.ts";
import { type WorkspaceFacts, workspaceFacts } from "../destination/workspace-facts.ts";
import { mergeHash, storedMerge } from "../merge/merge.ts";
import type { Project } from "../project/project.ts";
import { undoOutlook } from "../undo/outlook.ts";
import { attributeRules } from "./attribute-rules.ts";
import { profileStep, steps, suppressionStep } from "./steps.ts";
import { saveTopicMapping, type TopicMapping } from "./topic-mapping.ts";
import { type Count, planWords } from "./words.ts";

/** Part of what a plan depends on: a change of the rules makes every earlier plan stale. */
const rulesVersion = 3;

/** Persons whose profiles are put together at a time; at 30 attributes of 30 bytes that is 50 MB at most. */
const personsAtATime = 50_000;
/** Suppression writes that are put together at a time, a few hundred bytes each. */
const writesAtATime = 50_000;
/** Writes that are packed at a time to count the calls; as objects they take several times their text. */
const packedAtATime = 10_000;
/** The vendor's limit (reference/customerio.md §2.1). */
const appCallsPerSecond = 10;
/** A slow line; Track's own 1,000 requests a second are never what one waits for. */
const trackBytesPerSecond = 500_000;
/** Ids or addresses that one look-up takes, and entries that one page of an ESP list holds (§2.2, §2.3). */
const lookUpSize = 100;
const suppressionPageSize = 1_000;

/** What is worked out anew each time is not kept. */
type StandingPlan = Omit<Plan, "current" | "undo">;

interface StoredPlan {
  [key: string]: unknown;
  plan: StandingPlan;
  mergeHash: string;
  /** SHA-256 over everything the plan was made from. */
  inputs: string;
}

/**
 * Decides how every suppression and every profile is written to Customer.io, and keeps that as the project's plan.
 * It writes nothing to the destination. The same merge and the same choices give the same plan on every machine.
 * @throws Failure `bad_input` where there is no merge or it is out of date
 */
export async function makePlan(
  project: Project,
  { leadSuppression }: { leadSuppression?: LeadSuppression | undefined },
  progress: Progress,
): Promise<Plan> {
  const { store } = project;
  const merge = await storedMerge(store);
  if (!merge) throw badInput("NOT_MERGED", "Nothing has been merged yet.", "Merge first, then plan.");
  if (merge.hash !== (await mergeHash(store, project.sourcePriority))) {
    throw badInput("MERGE_STALE", "Files or decisions changed since the merge.", "Merge again, then plan.");
  }
  const choice = leadSuppression ?? (await storedPlan(project))?.plan.leadSuppression ?? "profile";
  const inputs = await planInputs(project, choice);
  const workspace = await workspaceId(project);
  const facts = await workspaceFacts(store, workspace);
  progress.start("Planning", steps.length + 3, "steps");

  const plan = await store.transaction(async (connection) => {
    await prepare(connection, choice, workspace, facts);
    for (const [index, step] of steps.entries()) {
      await progress.report(index, step.title);
      await connection.run(step.sql);
    }
    await progress.report(steps.length, "Writing down the suppressions");
    await planSuppressions(connection, progress);
    await progress.report(steps.length + 1, "Writing down the profiles");
    await planProfiles(connection, progress);
    await progress.report(steps.length + 2, "Counting calls and bytes");
    const made = await describe(connection, choice, progress);
    const stored: StoredPlan = { plan: made, mergeHash: merge.hash, inputs };
    await connection.run("INSERT OR REPLACE INTO setting VALUES ('plan', $value)", {
      value: JSON.stringify(stored),
    });
    return made;
  });
  await project.journal.append("planned", {
    plan: plan.hash,
    merge: merge.hash,
    suppressions: plan.suppressions.operations,
    profiles: plan.profiles.operations,
    leads: choice,
  });
  return { ...plan, undo: undoOutlook(plan), current: true };
}

/** The plan that stands, or null before the first one. `current` is false once anything it was made from has changed. */
export async function currentPlan(project: Project): Promise<Plan | null> {
  const stored = await storedPlan(project);
  if (!stored) return null;
  return {
    ...stored.plan,
    undo: undoOutlook(stored.plan),
    current: stored.inputs === (await planInputs(project, stored.plan.leadSuppression)),
  };
}

/** The merge that the standing plan was made from; null before the first plan. */
export async function plannedMerge(project: Project): Promise<string | null> {
  return (await storedPlan(project))?.mergeHash ?? null;
}

/**
 * The plan that stands, fit to be written.
 * @throws Failure `bad_input` where there is none or it is out of date
 */
export async function requirePlan(project: Project): Promise<Plan> {
  const plan = await currentPlan(project);
  if (!plan)
    throw badInput("NOT_PLANNED", "There is no plan yet.", "Plan first: it shows what would be written.");
  if (!plan.current) {
    throw badInput(
      "PLAN_STALE",
      "Files, decisions or choices changed since the plan was made.",
      "Plan again (merge first, if files or decisions changed).",
    );
  }
  return plan;
}

/** Puts a topic's mapping on record and plans anew. */
export async function mapTopic(project: Project, mapping: TopicMapping, progress: Progress): Promise<Plan> {
  await saveTopicMapping(project, mapping);
  return makePlan(project, {}, progress);
}

async function storedPlan(project: Project): Promise<StoredPlan | undefined> {
  return (await project.store.setting("plan")) as StoredPlan | undefined;
}

/** -1 before the project is bound: no address is known to be uncovered anywhere. */
async function workspaceId(project: Project): Promise<number> {
  return (await project.workspace())?.id ?? -1;
}

async function planInputs(project: Project, leadSuppression: LeadSuppression): Promise<string> {
  const { store } = project;
  const workspace = await workspaceId(project);
  const inputs = {
    rulesVersion,
    merge: await mergeHash(store, project.sourcePriority),
    leadSuppression,
    topics: await store.rows("SELECT * FROM topic_mapping ORDER BY ALL"),
    uncovered: await store.rows(
      "SELECT email_key FROM uncovered_address WHERE workspace_id = $workspace ORDER BY email_key",
      { workspace },
    ),
    erased: await store.rows(
      "SELECT kind, value FROM erasure WHERE workspace_id = $workspace AND state <> 'refused' ORDER BY ALL",
      { workspace },
    ),
    destination: (await workspaceFacts(store, workspace))?.fingerprint ?? null,
    destinationDecisions: await store.rows(
      "SELECT conflict_id, decision FROM destination_decision WHERE workspace_id = $workspace ORDER BY conflict_id",
      { workspace },
    ),
    attributes: await store.rows("SELECT * FROM attribute_mapping ORDER BY ALL"),
  };
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

/** Limits, choices and rules that the steps read (reference/customerio.md §1.1). */
async function prepare(
  connection: DuckDBConnection,
  leadSuppression: LeadSuppression,
  workspace: number,
  facts: WorkspaceFacts | null,
): Promise<void> {
  const topics = await number(connection, "SELECT count(DISTINCT destination) FROM topic_mapping");
  // unsubscribed, email, sendgate_source and sendgate_level are attributes too.
  const attributesLeft = limits.attributes - 4 - topics;
  await connection.run(`
    SET VARIABLE id_bytes = ${limits.idBytes};
    SET VARIABLE attributes_left = ${attributesLeft};
    SET VARIABLE item_bytes = ${maximumItemBytes};
    SET VARIABLE lead_suppression = '${leadSuppression}';
    SET VARIABLE workspace_id = ${workspace};
    ${attributeRules(facts)}`);
}

async function planSuppressions(connection: DuckDBConnection, progress: Progress): Promise<void> {
  const last = await number(connection, "SELECT count(*) FROM numbered_write");
  for (let first = 1; first <= last; first += writesAtATime) {
    await connection.run(`
      SET VARIABLE first_operation = ${first};
      SET VARIABLE end_operation = ${first + writesAtATime};`);
    await connection.run(suppressionStep);
    await progress.report(steps.length);
  }
}

async function planProfiles(connection: DuckDBConnection, progress: Progress): Promise<void> {
  const last = await number(connection, "SELECT coalesce(max(person_id), 0) FROM profile_person");
  for (let first = 1; first <= last; first += personsAtATime) {
    const before = await number(
      connection,
      "SELECT count(*) FROM planned_operation WHERE phase = 'profiles'",
    );
    await connection.run(`
      SET VARIABLE first_person = ${first};
      SET VARIABLE end_person = ${first + personsAtATime};
      SET VARIABLE operations_before = ${before};`);
    await connection.run(profileStep);
    await progress.report(steps.length + 1);
  }
}

async function describe(
  connection: DuckDBConnection,
  leadSuppression: LeadSuppression,
  progress: Progress,
): Promise<StandingPlan> {
  const mechanisms = await rows<{ mechanism: Mechanism; operations: number; bytes: number }>(
    connection,
    `SELECT mechanism, count(*)::INTEGER AS operations, sum(bytes)::DOUBLE AS bytes
     FROM planned_operation WHERE phase = 'suppressions' GROUP BY mechanism ORDER BY min(operation_id)`,
  );
  const [counts] = await rows<{
    covered_by_persons: number;
    billed_persons: number;
    billed_leads: number;
    read_persons: number;
    read_addresses: number;
    profile_bytes: number;
    profiles: number;
  }>(
    connection,
    `SELECT
      (SELECT count(*) FROM suppression s
        ANTI JOIN planned_listing l USING (address_id)
        ANTI JOIN address_by_name n USING (address_id)
        ANTI JOIN (
          SELECT e.address_id FROM planned_email e JOIN planned_person p USING (person_id) WHERE p.suppressed AND p.has_id
        ) own USING (address_id))::INTEGER AS covered_by_persons,
      (SELECT count(*) FROM planned_operation WHERE mechanism = 'unsubscribe_person')::INTEGER AS billed_persons,
      (SELECT count(*) FROM address_alone)::INTEGER AS billed_leads,
      (SELECT count(*) FROM planned_person WHERE suppressed AND has_id)::INTEGER AS read_persons,
      (SELECT count(*) FROM suppression)::INTEGER AS read_addresses,
      (SELECT coalesce(sum(bytes), 0) FROM planned_operation WHERE phase = 'profiles')::DOUBLE AS profile_bytes,
      (SELECT count(*) FROM planned_operation WHERE phase = 'profiles')::INTEGER AS profiles`,
  );
  const {
    covered_by_persons,
    billed_persons,
    billed_leads,
    read_persons,
    read_addresses,
    profile_bytes,
    profiles,
  } = counts!;

  const hash = createHash("sha256");
  const suppressionCalls = await countCalls(connection, "suppressions", hash, progress);
  const profileCalls = await countCalls(connection, "profiles", hash, progress);

  const operations = mechanisms.reduce((sum, row) => sum + row.operations, 0);
  const bytes = mechanisms.reduce((sum, row) => sum + row.bytes, 0);
  const listings = mechanisms.filter((row) => row.mechanism.startsWith("esp_"));
  const written = listings.reduce((sum, row) => sum + row.operations, 0);
  // Each of the three lists ends with an empty page.
  const pages = listings.reduce((sum, row) => sum + Math.ceil(row.operations / suppressionPageSize), 3);
  const lookUps = Math.ceil(read_persons / lookUpSize) + Math.ceil(read_addresses / lookUpSize);
  const appCalls = written + pages + lookUps;

  const topics = await rows<Plan["topics"][number]>(
    connection,
    `SELECT source, topic, count(DISTINCT person_id)::INTEGER AS persons, any_value(destination) AS destination
     FROM person_topic LEFT JOIN topic_mapping USING (source, topic) GROUP BY source, topic ORDER BY source, topic`,
  );
  return {
    hash: hash.digest("hex"),
    plannedAt: isoTime(now()),
    leadSuppression,
    suppressions: {
      operations,
      byMechanism: mechanisms,
      coveredByPersons: covered_by_persons,
      trackCalls: suppressionCalls,
      appCalls,
      bytes,
      seconds: appCalls / appCallsPerSecond + bytes / trackBytesPerSecond,
    },
    billableProfiles: { profile: billed_persons + billed_leads, esp: billed_persons },
    profiles: {
      operations: profiles,
      bytes: profile_bytes,
      calls: profileCalls,
      seconds: profile_bytes / trackBytesPerSecond,
      heldBack: planWords.heldBack(await rows<Count>(connection, heldBack)),
    },
    topics,
    warnings: planWords.warnings(await rows<Count>(connection, warnings), topics),
  };
}

/** Track calls by the real packing. `hash` takes up the content of every operation in order, ESP lists included. */
async function countCalls(
  connection: DuckDBConnection,
  phase: string,
  hash: Hash,
  progress: Progress,
): Promise<number> {
  interface Planned extends PlannedIdentify {
    content: string;
  }
  const last = await number(
    connection,
    `SELECT coalesce(max(operation_id), 0) FROM planned_operation WHERE phase = '${phase}'`,
  );
  async function* identifies(): AsyncGenerator<Planned[]> {
    // Sorted whole, a large plan would be in memory whole.
    for (let first = 1; first <= last; first += packedAtATime) {
      const planned = await rows<Planned & { item: string | null }>(
        connection,
        `SELECT operation_id, item, content FROM planned_operation
         WHERE phase = '${phase}' AND operation_id BETWEEN ${first} AND ${first + packedAtATime - 1}
         ORDER BY operation_id`,
      );
      for (const { content } of planned) hash.update(content);
      yield planned.filter(({ item }) => item !== null);
      await progress.report(steps.length + 2);
    }
  }
  let calls = 0;
  for await (const packed of packOperations<Planned>(identifies())) calls += isBatch(packed) ? 1 : 0;
  return calls;
}

function isBatch<T>(packed: Packed<T>): boolean {
  return packed.kind === "batch";
}

const heldBack = `
  SELECT 'ambiguous_lead' AS code, NULL AS name, count(*)::INTEGER AS persons FROM planned_person WHERE is_ambiguous
  UNION ALL
  SELECT 'forgotten', NULL, count(*)::INTEGER FROM planned_person WHERE is_forgotten AND NOT is_ambiguous
  UNION ALL
  SELECT 'long_id', NULL, count(*)::INTEGER FROM planned_person
  WHERE user_id IS NOT NULL AND NOT has_id AND NOT is_forgotten
  UNION ALL
  SELECT 'lead_by_choice', NULL, count(*)::INTEGER FROM planned_person
  WHERE user_id IS NULL AND NOT is_ambiguous AND NOT is_forgotten AND suppressed
    AND getvariable('lead_suppression') = 'esp'
  UNION ALL
  SELECT 'destination_conflict', NULL, count(*)::INTEGER FROM destination_fate WHERE held
  UNION ALL
  SELECT 'large_profile', NULL,
    (SELECT count(*) FROM profile_person)::INTEGER
      - (SELECT count(*) FROM planned_operation WHERE phase = 'profiles')::INTEGER`;

const warnings = `
  SELECT 'without_email' AS code, NULL AS name, count(*)::INTEGER AS persons FROM profile_person
  WHERE send IS NULL AND person_id IN (SELECT person_id FROM person_address)
  UNION ALL
  SELECT 'long_suppressed_id', NULL, count(*)::INTEGER FROM planned_person
  WHERE user_id IS NOT NULL AND NOT has_id AND NOT is_forgotten AND suppressed
  UNION ALL
  (SELECT left_out, name, sum(persons)::INTEGER FROM attribute_left_out
   GROUP BY left_out, name ORDER BY left_out, name)`;

async function rows<T>(connection: DuckDBConnection, sql: string): Promise<T[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson() as T[];
}

async function number(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = (await connection.runAndReadAll(sql)).getRowsJson();
  return Number(row![0]);
}
