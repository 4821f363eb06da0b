/**
 * A second, plain program that follows design/merge-rules.md and design/interfaces.md to the letter.
 * It judges Sendgate's own merge, so it shares no code with it beyond the names of levels and conflicts.
 */
import { type ConsentLevel, type ConsentState, consentLevels } from "../../contract/consent.ts";
import { type ConflictCode, conflictCodes, type MergeSummary } from "../../contract/merge.ts";
import type { SourceName } from "../../contract/source.ts";
import { compareCodePoints, isBlockedId, printTime, readEmail, trimEnds } from "./keys.ts";
import { type OracleInput, type OracleRecord, readSource } from "./source-records.ts";

export interface OracleOptions {
  sourcePriority?: readonly SourceName[];
}

export interface MergeOutcome {
  /** As `merge --json`, interfaces §2. */
  summary: MergeSummary;
  /** The bytes of `people --out`, interfaces §3. */
  people: string;
  /** The bytes of `suppressions --out`, interfaces §3. */
  suppressions: string;
  /**
   * Sorted ids. The fallback record id of a row without one of its own is opaque: such an id reads
   * `CODE:source/*`, once for each row of different content.
   */
  conflicts: string[];
}

export interface OracleOutcome extends MergeOutcome {
  rejectedRows: { file: string; line: number }[];
}

/** What Sendgate must make of these export files. Throws where a file is not recognised. */
export function runOracle(inputs: readonly OracleInput[], options: OracleOptions = {}): OracleOutcome {
  const contents = inputs.map(readSource);
  const records = contents.flatMap((content) => content.records);
  const rejectedRows = contents.flatMap((content) => content.rejectedRows);
  return { ...mergeRecords(records, rejectedRows.length, options), rejectedRows };
}

/** A record with its keys (merge-rules §2) and the states that count (§5, history). */
interface KeyedRecord {
  record: OracleRecord;
  /** Valid user_id: neither empty nor blocked nor quarantined. */
  userId: string | null;
  key: string | null;
  states: ConsentState[];
}

interface Person {
  personKey: string;
  userId: string | null;
  records: KeyedRecord[];
  keys: Set<string>;
  level: ConsentLevel | null;
}

/** A state together with the source that says it. */
interface SourcedState extends ConsentState {
  source: SourceName;
}

const personScoped: readonly ConsentLevel[] = ["forgotten", "complaint", "manual", "unsubscribed_all"];

const rank = (level: ConsentLevel): number => consentLevels.indexOf(level);
const suppresses = (level: ConsentLevel): boolean => rank(level) <= rank("unsubscribed_all");

/**
 * Merges source records.
 *
 * @param unreadableRows count of rows that never became records; they only add to `rejected`
 */
export function mergeRecords(
  records: readonly OracleRecord[],
  unreadableRows: number,
  { sourcePriority = ["iterable", "klaviyo", "mailchimp", "csv"] }: OracleOptions = {},
): MergeOutcome {
  const conflicts = new ConflictIds();
  const kept = withCountingStates(withKeys(records, conflicts));

  const recordsOfKey = groupBy(kept, ({ key }) => key);
  const idsOfKey = new Map<string, Set<string>>();
  for (const [key, group] of recordsOfKey) {
    idsOfKey.set(key, new Set(group.flatMap(({ userId }) => userId ?? [])));
  }
  const isContested = (key: string): boolean => idsOfKey.get(key)!.size > 1;

  const persons = findPersons(kept, idsOfKey);
  const claimantsOfKey = new Map<string, Person[]>();
  for (const person of persons) {
    for (const key of person.keys) claimantsOfKey.set(key, [...(claimantsOfKey.get(key) ?? []), person]);
  }

  // A person is bound by its own records and by all records that carry any of its addresses: one step.
  const bindingStates = new Map<Person, SourcedState[]>();
  for (const person of persons) {
    const binding = new Set(person.records);
    for (const key of person.keys) for (const record of recordsOfKey.get(key)!) binding.add(record);
    const states = sourcedStates(binding).filter(({ level }) => personScoped.includes(level));
    bindingStates.set(person, states);
    person.level = strongest(states);
  }

  const suppressionRows: string[][] = [];
  for (const [key, claimants] of claimantsOfKey) {
    const direct = sourcedStates(recordsOfKey.get(key)!).filter(({ level }) => suppresses(level));
    const suppressedClaimants = claimants.filter(({ level }) => level !== null);
    const states =
      direct.length > 0 ? direct : suppressedClaimants.flatMap((person) => bindingStates.get(person)!);
    if (states.length === 0) continue;
    const times = states.flatMap(({ at }) => at ?? []).sort((a, b) => a - b);
    suppressionRows.push([
      key,
      strongest(states)!,
      direct.length > 0 ? "direct" : "person",
      listCell(claimants.flatMap(({ userId }) => userId ?? [])),
      listCell(states.map(({ source }) => source)),
      times.length > 0 ? printTime(times[0]!) : "",
      times.length > 0 ? printTime(times.at(-1)!) : "",
    ]);
  }

  const peopleRows = persons.map((person) => {
    const email = primaryEmail(person, isContested, sourcePriority);
    return [
      person.personKey,
      person.userId ?? "",
      email ?? "",
      listCell([...person.keys].filter((key) => key !== email)),
      String(person.level !== null),
      person.level ?? "",
      listCell(person.records.map(({ record }) => record.source)),
      String(person.records.length),
    ];
  });

  addKeyConflicts(conflicts, recordsOfKey, idsOfKey);
  addCaseTwins(conflicts, persons);
  for (const person of persons) addPersonConflicts(conflicts, person);

  return {
    summary: {
      records: kept.length,
      rejected: unreadableRows + records.length - kept.length,
      persons: persons.filter(({ userId }) => userId !== null).length,
      leads: persons.filter(({ userId }) => userId === null).length,
      addresses: recordsOfKey.size,
      suppressed_persons: persons.filter(({ level }) => level !== null).length,
      suppressed_addresses: suppressionRows.length,
      conflicts: conflicts.counts(),
    },
    people: csv("person_key,user_id,email,alt_emails,suppressed,level,sources,records", peopleRows),
    suppressions: csv("email,level,via,user_ids,sources,first_at,last_at", suppressionRows),
    conflicts: conflicts.sorted(),
  };
}

class ConflictIds {
  /** Printed id by true id: they differ where the record id is a fallback. */
  readonly #printed = new Map<string, string>();

  add(code: ConflictCode, subject: string): void {
    this.#printed.set(`${code}:${subject}`, `${code}:${subject}`);
  }

  addRow(code: "BAD_EMAIL" | "NO_IDENTIFIER", { source, recordId, content }: OracleRecord): void {
    if (recordId === null) this.#printed.set(`${code}:${source}\n${content}`, `${code}:${source}/*`);
    else this.add(code, `${source}/${recordId}`);
  }

  counts(): Record<ConflictCode, number> {
    const counts = Object.fromEntries(conflictCodes.map((code) => [code, 0])) as Record<ConflictCode, number>;
    for (const id of this.#printed.values()) counts[id.slice(0, id.indexOf(":")) as ConflictCode] += 1;
    return counts;
  }

  sorted(): string[] {
    return [...this.#printed.values()].sort(compareCodePoints);
  }
}

/** Merge-rules §2: the keys of every record; records left with neither are rejected and not returned. */
function withKeys(records: readonly OracleRecord[], conflicts: ConflictIds): KeyedRecord[] {
  const read = records.map((record) => ({
    record,
    email: readEmail(record.email),
    writtenId: trimEnds(record.userId ?? ""),
  }));
  const keysOfId = new Map<string, Set<string>>();
  for (const { email, writtenId } of read) {
    if (!keysOfId.has(writtenId)) keysOfId.set(writtenId, new Set());
    if (email.kind === "good") keysOfId.get(writtenId)!.add(email.key);
  }
  const isIgnored = (id: string): boolean => isBlockedId(id) || keysOfId.get(id)!.size > 5;

  const spellingsOfKey = new Map<string, Set<string>>();
  const kept: KeyedRecord[] = [];
  for (const { record, email, writtenId } of read) {
    const userId = writtenId === "" || isIgnored(writtenId) ? null : writtenId;
    const key = email.kind === "good" ? email.key : null;
    if (writtenId !== "" && userId === null) conflicts.add("ID_BLOCKED", writtenId);
    if (email.kind === "bad") conflicts.addRow("BAD_EMAIL", record);
    if (email.kind === "good") {
      spellingsOfKey.set(email.key, (spellingsOfKey.get(email.key) ?? new Set()).add(email.spelling));
    }
    if (userId === null && key === null) conflicts.addRow("NO_IDENTIFIER", record);
    else kept.push({ record, userId, key, states: record.states });
  }
  for (const [key, spellings] of spellingsOfKey)
    if (spellings.size > 1) conflicts.add("EMAIL_CASE_TWIN", key);
  return kept;
}

/** Merge-rules §5: an unsubscribe event is history where the same source has a user row for its key. */
function withCountingStates(records: KeyedRecord[]): KeyedRecord[] {
  const userRows = new Set<string>();
  for (const { record, key, userId } of records) {
    if (record.kind === "event") continue;
    if (key !== null) userRows.add(`${record.source} email ${key}`);
    if (userId !== null) userRows.add(`${record.source} id ${userId}`);
  }
  return records.map((keyed) => {
    const { record, key, userId } = keyed;
    const hasUserRow = userRows.has(`${record.source} ${key === null ? `id ${userId}` : `email ${key}`}`);
    return hasUserRow ? { ...keyed, states: keyed.states.filter(({ history }) => !history) } : keyed;
  });
}

/** Merge-rules §3. */
function findPersons(records: KeyedRecord[], idsOfKey: Map<string, Set<string>>): Person[] {
  const personKeyOf = ({ userId, key }: KeyedRecord): string => {
    if (userId !== null) return `id:${userId}`;
    const ids = [...idsOfKey.get(key!)!];
    return ids.length === 1 ? `id:${ids[0]}` : `email:${key}`;
  };
  return [...groupBy(records, personKeyOf)].map(([personKey, own]) => {
    const keys = new Set(own.flatMap(({ key }) => key ?? []));
    return {
      personKey,
      userId: personKey.startsWith("id:") ? personKey.slice("id:".length) : null,
      records: own,
      keys,
      level: null,
    };
  });
}

function primaryEmail(
  person: Person,
  isContested: (key: string) => boolean,
  sourcePriority: readonly SourceName[],
): string | null {
  const candidates = person.records
    .flatMap(({ key, record }) => (key === null || isContested(key) ? [] : [{ key, record }]))
    .sort(
      (a, b) =>
        (b.record.updatedAt ?? Number.NEGATIVE_INFINITY) - (a.record.updatedAt ?? Number.NEGATIVE_INFINITY) ||
        sourcePriority.indexOf(a.record.source) - sourcePriority.indexOf(b.record.source) ||
        compareCodePoints(a.key, b.key),
    );
  return candidates[0]?.key ?? null;
}

function addKeyConflicts(
  conflicts: ConflictIds,
  recordsOfKey: Map<string, KeyedRecord[]>,
  idsOfKey: Map<string, Set<string>>,
): void {
  for (const [key, ids] of idsOfKey) {
    if (ids.size < 2) continue;
    conflicts.add("EMAIL_MANY_IDS", key);
    if (recordsOfKey.get(key)!.some(({ userId }) => userId === null)) conflicts.add("AMBIGUOUS_EMAIL", key);
  }
}

function addCaseTwins(conflicts: ConflictIds, persons: Person[]): void {
  for (const [lowerCased, twins] of groupBy(persons, ({ userId }) => userId?.toLowerCase() ?? null)) {
    if (twins.length > 1) conflicts.add("ID_CASE_TWIN", lowerCased);
  }
}

function addPersonConflicts(conflicts: ConflictIds, person: Person): void {
  if (person.userId !== null && person.keys.size > 1) conflicts.add("ID_MANY_EMAILS", person.userId);
  const levels = person.records.flatMap(({ states }) => states.map(({ level }) => level));
  if (levels.some(suppresses) && levels.some((level) => level === "implied" || level === "explicit_opt_in")) {
    conflicts.add("CONSENT_CONFLICT", person.personKey);
  }
  const valuesOfAttribute = new Map<string, Set<string>>();
  for (const { record } of person.records) {
    for (const [name, value] of record.attributes) {
      valuesOfAttribute.set(name, (valuesOfAttribute.get(name) ?? new Set()).add(value));
    }
  }
  for (const [name, values] of valuesOfAttribute) {
    if (values.size > 1) conflicts.add("ATTR_CONFLICT", `${person.personKey}/${name}`);
  }
}

function sourcedStates(records: Iterable<KeyedRecord>): SourcedState[] {
  return [...records].flatMap(({ record, states }) =>
    states.map((state) => ({ ...state, source: record.source })),
  );
}

function strongest(states: readonly ConsentState[]): ConsentLevel | null {
  return states.map(({ level }) => level).sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string | null): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Sorted, without repeats, joined with `|`; `|` and `\` inside an item are escaped. */
function listCell(items: string[]): string {
  return [...new Set(items)]
    .sort(compareCodePoints)
    .map((item) => item.replace(/[\\|]/g, "\\$&"))
    .join("|");
}

function csv(header: string, rows: string[][]): string {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const sorted = rows.sort((a, b) => compareCodePoints(a[0]!, b[0]!));
  return [header, ...sorted.map((row) => row.map(cell).join(","))].map((line) => `${line}\r\n`).join("");
}
