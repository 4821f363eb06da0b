import { createHash } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type ConsentLevel, consentLevels } from "../../contract/consent.ts";
import { badInput } from "../../contract/failure.ts";
import { conflictCodes, type MergeState, type MergeSummary } from "../../contract/merge.ts";
import type { SourceName } from "../../contract/source.ts";
import { sourceNames } from "../../contract/source.ts";
import type { Progress } from "../activity/activity.ts";
import { isoTime, now } from "../clock.ts";
import { nameForgotten } from "../pulls/name-forgotten.ts";
import type { Store } from "../store/store.ts";
import { mergeNotes } from "./notes.ts";
import { bitOf } from "./source-set.ts";
import { steps } from "./steps.ts";

/** Part of every merge's hash: a change of the rules makes every earlier merge stale. */
const rulesVersion = 1;

const levelWords: Record<ConsentLevel, string> = {
  forgotten: "forgotten",
  complaint: "complained",
  hard_bounce: "hard bounced",
  manual: "suppressed by hand",
  unsubscribed_all: "unsubscribed",
  unsubscribed_topic: "unsubscribed from a topic",
  unknown: "unknown",
  implied: "on the list",
  explicit_opt_in: "opted in",
};

/**
 * Merges everything that counts into persons, addresses, suppressions and conflicts, as design/merge-rules.md says.
 * The SQL in `steps/` is the merge; it runs in one transaction, so that a merge that fails or is cancelled leaves
 * the previous one standing. The result depends only on files, decisions and source priority, never on their order.
 */
export async function merge(
  store: Store,
  sourcePriority: readonly SourceName[],
  progress: Progress,
): Promise<MergeSummary> {
  await nameForgotten(store);
  const hash = await mergeHash(store, sourcePriority);
  progress.start("Merging", steps.length, "steps");
  await store.withMemoryFor("merging", () =>
    store.transaction(async (connection) => {
      await connection.run(referenceTables(sourcePriority));
      for (const [index, step] of steps.entries()) {
        await progress.report(index, step.title);
        if (!step.byPersons) await connection.run(step.sql);
        else {
          for (const range of await personRanges(connection)) {
            await connection.run(range);
            await connection.run(step.sql);
            await progress.report(index);
          }
        }
      }
    }),
  );
  const summary = await summarise(store);
  await store.changeSetting("merge", { hash, mergedAt: isoTime(now()), summary });
  return summary;
}

/** Persons whose text is held in memory at a time. */
const personsAtATime = 100_000;

/** Sets the variables that a step `byPersons` reads, for one range after the other. */
async function personRanges(connection: DuckDBConnection): Promise<string[]> {
  const reader = await connection.runAndReadAll("SELECT coalesce(max(person_id), 0) FROM person");
  const last = Number(reader.getRows()[0]![0]);
  const ranges: string[] = [];
  for (let first = 1; first <= last; first += personsAtATime) {
    ranges.push(`SET VARIABLE first_person = ${first}; SET VARIABLE end_person = ${first + personsAtATime};`);
  }
  return ranges;
}

/** Small tables that the steps look words up in. */
function referenceTables(sourcePriority: readonly SourceName[]): string {
  const sources = sourceNames.map(
    (source) => `('${source}', ${sourcePriority.indexOf(source) + 1}, ${bitOf(source)})`,
  );
  const levels = consentLevels.map((level, rank) => `(${rank}, '${level}', '${levelWords[level]}')`);
  return `
    CREATE OR REPLACE TABLE source_priority (source VARCHAR, priority INTEGER, source_bit INTEGER);
    INSERT INTO source_priority VALUES ${sources.join(", ")};
    CREATE OR REPLACE TABLE level_word (level TINYINT, name VARCHAR, word VARCHAR);
    INSERT INTO level_word VALUES ${levels.join(", ")};`;
}

/** What the last merge was made of and what it made. */
export interface StoredMerge {
  [key: string]: unknown;
  hash: string;
  mergedAt: string;
  summary: MergeSummary;
}

/**
 * SHA-256 over all that the merge depends on: the files that count, how they were read, decisions and source priority.
 * The same inputs give the same hash on every machine, in whatever order they came.
 */
export async function mergeHash(store: Store, sourcePriority: readonly SourceName[]): Promise<string> {
  const files = await store.rows("SELECT source, sha256, reading FROM live_file ORDER BY ALL");
  const decisions = await store.rows("SELECT conflict_id, decision FROM decision ORDER BY ALL");
  return createHash("sha256")
    .update(JSON.stringify({ rulesVersion, sourcePriority, files, decisions }))
    .digest("hex");
}

/** The merge that stands, or undefined before the first one. */
export async function storedMerge(store: Store): Promise<StoredMerge | undefined> {
  return (await store.setting("merge")) as StoredMerge | undefined;
}

/** @throws Failure `bad_input` before the first merge */
export async function requireMerge(store: Store): Promise<void> {
  if (!(await storedMerge(store))) {
    throw badInput("NOT_MERGED", "Nothing has been merged yet.", "Import the export files, then merge.");
  }
}

/** The merge as screens show it. */
export async function mergeState(store: Store, sourcePriority: readonly SourceName[]): Promise<MergeState> {
  const stored = await storedMerge(store);
  if (!stored)
    return {
      summary: null,
      mergedAt: null,
      stale: false,
      suppressedByLevel: [],
      undecidedConflicts: 0,
      notes: [],
    };
  const byLevel = await store.rows<{ name: string; addresses: number }>(
    "SELECT name, count(*) AS addresses FROM suppression JOIN level_word USING (level) GROUP BY level, name ORDER BY level",
  );
  const undecided = await store.row<{ conflicts: number }>(
    "SELECT count(*) AS conflicts FROM conflict ANTI JOIN decision USING (conflict_id)",
  );
  return {
    summary: stored.summary,
    mergedAt: stored.mergedAt,
    stale: stored.hash !== (await mergeHash(store, sourcePriority)),
    suppressedByLevel: byLevel.map((row) => ({ level: row.name, addresses: row.addresses })),
    undecidedConflicts: undecided!.conflicts,
    notes: await mergeNotes(store),
  };
}

async function summarise(store: Store): Promise<MergeSummary> {
  const counts = await store.row<Record<Exclude<keyof MergeSummary, "conflicts">, number>>(`
    SELECT
      (SELECT count(*) FROM person_record WHERE person_id IS NOT NULL) AS records,
      (SELECT coalesce(sum(rejected), 0)::BIGINT FROM live_file) + (SELECT count(*) FROM rejected_record) AS rejected,
      (SELECT count(*) FROM person WHERE user_id IS NOT NULL) AS persons,
      (SELECT count(*) FROM person WHERE user_id IS NULL) AS leads,
      (SELECT count(*) FROM address) AS addresses,
      (SELECT count(*) FROM person WHERE suppressed) AS suppressed_persons,
      (SELECT count(*) FROM suppression) AS suppressed_addresses`);
  const conflicts = await store.rows<{ code: string; conflicts: number }>(
    "SELECT code, count(*) AS conflicts FROM conflict GROUP BY code",
  );
  const found = new Map(conflicts.map((row) => [row.code, row.conflicts]));
  return {
    ...counts!,
    conflicts: Object.fromEntries(
      conflictCodes.map((code) => [code, found.get(code) ?? 0]),
    ) as MergeSummary["conflicts"],
  };
}
