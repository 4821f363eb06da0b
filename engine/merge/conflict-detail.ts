import { badInput } from "../../contract/failure.ts";
import type { ConflictDetail } from "../../contract/merge.ts";
import { isoTime } from "../clock.ts";
import { decisionContexts } from "../decisions/decide.ts";
import { type ConflictRow, findConflict, toConflict } from "../outputs/conflicts.ts";
import type { Store } from "../store/store.ts";

/** Source records that the screen shows side by side. */
const shownRecords = 50;

/** One conflict with the records behind it and the decisions it takes. */
export async function conflictDetail(store: Store, conflictId: string): Promise<ConflictDetail> {
  const conflict = await findConflict(store, conflictId);
  if (!conflict) {
    throw badInput(
      "CONFLICT_UNKNOWN",
      `There is no conflict ${conflictId} in the merge that stands.`,
      "Look at the list of conflicts again.",
    );
  }
  const [ids, count] = await recordsBehind(store, conflict);
  return {
    conflict: toConflict(conflict),
    choices: await choicesOf(store, conflict),
    records: await readRecords(store, ids),
    moreRecords: count - ids.length,
  };
}

async function recordsBehind(store: Store, conflict: ConflictRow): Promise<[number[], number]> {
  const subject = conflict.conflict_id.slice(conflict.code.length + 1);
  const condition = {
    ID_MANY_EMAILS: "r.user_id = $subject",
    ID_BLOCKED: "r.user_id = $subject",
    EMAIL_MANY_IDS: "r.email_key = $subject",
    AMBIGUOUS_EMAIL: "r.email_key = $subject",
    EMAIL_CASE_TWIN: "r.email_key = $subject",
    ID_CASE_TWIN: "coalesce(r.user_id_folded, lower(r.user_id)) = $subject",
    CONSENT_CONFLICT: "p.person_id = (SELECT person_id FROM person WHERE person_key = $subject)",
    ATTR_CONFLICT: `p.person_id = (
      SELECT person_id FROM contested_attribute JOIN person USING (person_id) WHERE person_key || '/' || name = $subject
    )`,
    BAD_EMAIL: "r.record IN (SELECT record FROM troubled_record WHERE name = $subject)",
    NO_IDENTIFIER: "r.record IN (SELECT record FROM troubled_record WHERE name = $subject)",
  }[conflict.code];
  const found = await store.rows<{ record: number; matching: number }>(
    `SELECT r.record, count(*) OVER () AS matching
     FROM live_record r JOIN person_record p USING (record)
     WHERE ${condition}
     ORDER BY p.updated_at DESC NULLS LAST, p.priority, r.record
     LIMIT ${shownRecords}`,
    { subject },
  );
  return [found.map((row) => row.record), found[0]?.matching ?? 0];
}

interface RecordRow {
  [key: string]: string | number | null;
  record: number;
  source: string;
  file: string;
  line: number;
  record_id: string;
  user_id: string | null;
  email_spelling: string | null;
  updated_at: number | null;
  attributes: string | null;
}

async function readRecords(store: Store, ids: readonly number[]): Promise<ConflictDetail["records"]> {
  if (ids.length === 0) return [];
  const rows = await store.rows<RecordRow>(
    `SELECT r.record, r.source, f.name AS file, r.line, r.record_id, r.user_id, r.email_spelling, r.updated_at, r.attributes
     FROM source_record r JOIN source_file f USING (file_id)
     WHERE r.record IN (${ids.join(", ")})`,
  );
  const states = await store.rows<{
    record: number;
    name: string;
    stated_at: number | null;
    counts: boolean;
  }>(
    `SELECT s.record, w.name, s.stated_at, c.record IS NOT NULL AS counts
     FROM source_state s
     JOIN level_word w USING (level)
     LEFT JOIN (SELECT DISTINCT record, level FROM counting_state WHERE record IN (${ids.join(", ")})) c
       ON c.record = s.record AND c.level = s.level
     WHERE s.record IN (${ids.join(", ")})
     ORDER BY s.record, s.level`,
  );
  const byRecord = new Map(rows.map((row) => [row.record, row]));
  return ids.map((id) => {
    const row = byRecord.get(id)!;
    return {
      source: row.source,
      file: row.file,
      line: row.line,
      recordId: row.record_id,
      userId: row.user_id,
      email: row.email_spelling,
      updatedAt: row.updated_at === null ? null : isoTime(row.updated_at),
      states: states
        .filter((state) => state.record === id)
        .map(({ name, stated_at, counts }) => ({
          level: name,
          at: stated_at === null ? null : isoTime(stated_at),
          counts,
        })),
      attributes: textValues(row.attributes),
    };
  });
}

function textValues(attributes: string | null): Record<string, string> {
  const values = JSON.parse(attributes ?? "{}") as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

async function choicesOf(store: Store, conflict: ConflictRow): Promise<ConflictDetail["choices"]> {
  const accept = { decision: "accept", label: acceptLabels[conflict.code] };
  const context = (await decisionContexts(store, new Map([[conflict.conflict_id, conflict]]))).get(
    conflict.conflict_id,
  );
  switch (conflict.code) {
    case "ID_MANY_EMAILS":
      return [
        accept,
        ...conflict.emails
          .filter((email) => !context?.heldBack.has(email))
          .map((email) => ({ decision: `primary=${email}`, label: `The primary address is ${email}` })),
      ];
    case "EMAIL_MANY_IDS":
      return [
        accept,
        { decision: "none", label: "It belongs to none of them" },
        ...conflict.user_ids.map((id) => ({ decision: `owner=${id}`, label: `It belongs to user_id ${id}` })),
      ];
    case "ATTR_CONFLICT":
      return [
        accept,
        ...(context?.values ?? []).map((value) => ({
          decision: `value=${value}`,
          label: `The value is ${value}`,
        })),
      ];
    default:
      return [accept];
  }
}

/** What `accept` means, for each code. */
const acceptLabels: Record<ConflictRow["code"], string> = {
  ID_MANY_EMAILS: "Keep the newest address as the primary one",
  EMAIL_MANY_IDS: "Hold the address back from all of them",
  AMBIGUOUS_EMAIL: "Keep a separate lead that is not uploaded",
  CONSENT_CONFLICT: "Let the strongest word hold",
  ATTR_CONFLICT: "Take the newest value",
  ID_CASE_TWIN: "Keep them apart",
  EMAIL_CASE_TWIN: "Count them as one address",
  ID_BLOCKED: "Ignore the identifier",
  BAD_EMAIL: "Leave the address out",
  NO_IDENTIFIER: "Leave the record out",
};
