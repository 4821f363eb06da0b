/**
 * Recognises a file and maps its rows to source records: interfaces §4, levels and times by merge-rules §5.
 */
import { basename } from "node:path";
import type { ConsentLevel, ConsentState } from "../../contract/consent.ts";
import type { ColumnMapping, FileMeaning, SourceName } from "../../contract/source.ts";
import { readTime, trimEnds } from "./keys.ts";
import { type CellValue, type FileContent, parseJsonLine, readExportFile } from "./read-file.ts";

export interface OracleInput {
  source: SourceName;
  file: string;
  means?: FileMeaning;
  map?: ColumnMapping;
}

export interface OracleRecord {
  source: SourceName;
  /** The vendor's own key of the row; null where it is empty or not unique in its file. */
  recordId: string | null;
  /** The row's content: it stands in for a missing record id. */
  content: string;
  kind: "profile" | "event";
  userId: string | null;
  email: string | null;
  updatedAt: number | null;
  states: ConsentState[];
  /** By merged name. Empty values and the vendors' bookkeeping columns are left out. */
  attributes: Map<string, string>;
}

export interface SourceContent {
  records: OracleRecord[];
  rejectedRows: { file: string; line: number }[];
}

export function readSource(input: OracleInput): SourceContent {
  const contents = readExportFile(input.file);
  return {
    records: contents.flatMap((content) => recordsOf(content, input)),
    rejectedRows: contents.flatMap(({ file, rejectedLines }) =>
      rejectedLines.map((line) => ({ file, line })),
    ),
  };
}

/** Headers are matched by name: case, spaces and punctuation do not matter. */
function plainName(header: string): string {
  return header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** One row, asked by plain header name. Of two columns with the same name the first counts. */
class RowReader {
  readonly cells: [string, CellValue][];
  readonly #byName = new Map<string, CellValue>();

  constructor(cells: [string, CellValue][]) {
    this.cells = cells;
    for (const [header, value] of cells) {
      const name = plainName(header);
      if (!this.#byName.has(name)) this.#byName.set(name, value);
    }
  }

  /** The cell as text; null where the row has no such cell. */
  text(name: string): string | null {
    const value = this.#byName.get(name);
    return value === undefined || value === null ? null : textOf(value);
  }

  time(name: string): number | null {
    return readTime(this.text(name));
  }

  /** The first of these times that can be read. */
  firstTime(...names: string[]): number | null {
    for (const name of names) {
      const time = this.time(name);
      if (time !== null) return time;
    }
    return null;
  }

  /** The items of an array cell, which CSV holds as JSON. A value that is no array counts as one item. */
  list(name: string): string[] {
    const value = this.#byName.get(name) ?? null;
    const parsed = typeof value === "string" ? (parseJsonLine(value) ?? value) : value;
    if (parsed === null || parsed === "") return [];
    return Array.isArray(parsed) ? parsed.map((item) => trimEnds(textOf(item))) : [textOf(parsed)];
  }
}

function textOf(value: CellValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a kind of file makes of one row. */
interface RowMapping {
  kind: "profile" | "event";
  /** Plain names of the columns that it reads, which therefore are no attributes. */
  reads: string[];
  userId: (row: RowReader) => string | null;
  email: (row: RowReader) => string | null;
  recordId: (row: RowReader) => string | null;
  updatedAt: (row: RowReader) => number | null;
  states: (row: RowReader) => ConsentState[];
}

function recordsOf(content: FileContent, input: OracleInput): OracleRecord[] {
  const mapping = recognise(content, input);
  const records = content.rows.map(({ cells, content: rowContent }): OracleRecord => {
    const row = new RowReader(cells);
    return {
      source: input.source,
      recordId: trimEnds(mapping.recordId(row) ?? ""),
      content: rowContent,
      kind: mapping.kind,
      userId: mapping.userId(row),
      email: mapping.email(row),
      updatedAt: mapping.kind === "event" ? null : mapping.updatedAt(row),
      states: mapping.states(row),
      attributes: mapping.kind === "event" ? new Map() : attributesOf(row, mapping.reads, input.source),
    };
  });
  const uses = new Map<string | null, number>();
  for (const { recordId } of records) uses.set(recordId, (uses.get(recordId) ?? 0) + 1);
  for (const record of records) {
    if (record.recordId === "" || uses.get(record.recordId)! > 1) record.recordId = null;
  }
  return records;
}

function recognise(content: FileContent, input: OracleInput): RowMapping {
  const names = new Set(content.headers.map(plainName));
  const mapping = {
    mailchimp: () => mailchimp(names, content.file),
    klaviyo: () => klaviyo(names),
    iterable: () => iterable(names),
    csv: () => otherCsv(names, input),
  }[input.source]();
  if (mapping) return mapping;
  throw new Error(`${content.file}: not a ${input.source} export; it has ${content.headers.join(", ")}`);
}

const userIdNames = ["userid", "externalid", "customerid"];

function state(level: ConsentLevel, at: number | null = null): ConsentState {
  return { level, at };
}

function mailchimp(names: Set<string>, file: string): RowMapping | undefined {
  if (!names.has("emailaddress") || !(names.has("leid") || names.has("euid"))) return undefined;
  const prefix = /^(subscribed|unsubscribed|cleaned|nonsubscribed)_/i
    .exec(basename(file))?.[1]
    ?.toLowerCase();
  const byColumn = names.has("cleantime") ? "cleaned" : names.has("unsubtime") ? "unsubscribed" : undefined;
  const states: Record<string, (row: RowReader) => ConsentState> = {
    subscribed: () => state("implied"),
    unsubscribed: (row) => state("unsubscribed_all", row.time("unsubtime")),
    cleaned: (row) => state("hard_bounce", row.time("cleantime")),
    nonsubscribed: () => state("unknown"),
  };
  const stateOf = states[prefix ?? byColumn ?? ""];
  if (!stateOf) return undefined;
  const userIdName = userIdNames.find((name) => names.has(name));
  return {
    kind: "profile",
    reads: ["emailaddress", ...(userIdName ? [userIdName] : [])],
    userId: (row) => (userIdName ? row.text(userIdName) : null),
    email: (row) => row.text("emailaddress"),
    recordId: (row) => row.text("leid"),
    updatedAt: (row) => row.firstTime("lastchanged", "unsubtime", "cleantime", "confirmtime", "optintime"),
    states: (row) => [stateOf(row)],
  };
}

function klaviyo(names: Set<string>): RowMapping | undefined {
  const signs = ["klaviyoid", "emailmarketingconsent", "emailsuppressions"];
  if (!names.has("email") || !signs.some((sign) => names.has(sign))) return undefined;
  return {
    kind: "profile",
    reads: ["email", "externalid"],
    userId: (row) => row.text("externalid"),
    email: (row) => row.text("email"),
    recordId: (row) => row.text("klaviyoid"),
    updatedAt: (row) => row.firstTime("lastactive", "profilecreatedon"),
    states: (row) => [
      klaviyoConsent(row.text("emailmarketingconsent"), row.time("emailmarketingconsenttimestamp")),
      ...klaviyoReasons(row.text("emailsuppressions") ?? "").map(klaviyoSuppression),
    ],
  };
}

function klaviyoConsent(cell: string | null, at: number | null): ConsentState {
  const consent = trimEnds(cell ?? "").toUpperCase();
  if (consent === "SUBSCRIBED") return state("explicit_opt_in", at);
  return consent === "UNSUBSCRIBED" ? state("unsubscribed_all", at) : state("unknown", at);
}

/** Several reasons separated by comma, semicolon or as a JSON array. */
function klaviyoReasons(cell: string): string[] {
  const parsed = parseJsonLine(cell);
  const items = Array.isArray(parsed) ? parsed.map(textOf) : cell.split(/[,;]/);
  return items.map((reason) => trimEnds(reason).toUpperCase()).filter((reason) => reason !== "");
}

function klaviyoSuppression(reason: string): ConsentState {
  if (reason === "UNSUBSCRIBE") return state("unsubscribed_all");
  if (reason === "HARD_BOUNCE") return state("hard_bounce");
  if (reason === "INVALID_EMAIL") return { ...state("hard_bounce"), invalidAddress: true };
  return reason === "SPAM_COMPLAINT" ? state("complaint") : state("manual");
}

function iterable(names: Set<string>): RowMapping | undefined {
  const isEvents = names.has("createdat") && (names.has("recipientstate") || names.has("unsubsource"));
  const isUsers = !names.has("createdat") && (names.has("profileupdatedat") || names.has("signupdate"));
  if (!names.has("email") || !(isEvents || isUsers)) return undefined;
  return {
    kind: isEvents ? "event" : "profile",
    reads: ["email", "userid"],
    userId: (row) => row.text("userid"),
    email: (row) => row.text("email"),
    recordId: (row) => (isEvents ? null : trimEnds(row.text("email") ?? "") || row.text("userid")),
    updatedAt: (row) => row.firstTime("profileupdatedat", "signupdate"),
    states: isEvents ? iterableEventStates : iterableUserStates,
  };
}

function topics(row: RowReader): ConsentState[] {
  const types = [...row.list("unsubscribedmessagetypeids"), ...row.list("messagetypeids")];
  return types.map((type) => ({ ...state("unsubscribed_topic"), topic: `message_type:${type}` }));
}

/** A file brings no list of channels, so any channel opt-out may be of all of them. */
function iterableUserStates(row: RowReader): ConsentState[] {
  const states = topics(row);
  if (row.list("unsubscribedchannelids").length > 0) {
    states.push({ ...state("unsubscribed_all"), assumed: true });
  }
  return states.length > 0 ? states : [state("implied")];
}

function iterableEventStates(row: RowReader): ConsentState[] {
  const at = row.time("createdat");
  const signs = [row.text("recipientstate"), row.text("unsubsource")].map((sign) => trimEnds(sign ?? ""));
  if (signs.includes("Complaint")) return [state("complaint", at)];
  if (signs.includes("HardBounce")) return [state("hard_bounce", at)];
  if (signs[1] === "") return [];
  const hasTopics = row.list("messagetypeids").length > 0;
  const isListRemoval = row.list("emaillistids").length > 0;
  // With channels: all of email, as the channels are unknown. With no scope at all: the restrictive reading.
  if (row.list("channelids").length > 0 || !(hasTopics || isListRemoval)) {
    return [{ ...state("unsubscribed_all", at), history: true, assumed: true }];
  }
  return topics(row).map((topic) => ({ ...topic, at, history: true }));
}

/** Headers that say by themselves which field they hold. */
const obviousNames: Record<keyof Required<ColumnMapping>, string[]> = {
  user_id: userIdNames,
  email: ["email", "emailaddress"],
  updated_at: ["updatedat"],
  record_id: ["recordid"],
  at: ["at"],
  reason: ["reason"],
};

function otherCsv(names: Set<string>, { means, map }: OracleInput): RowMapping | undefined {
  const column = (field: keyof ColumnMapping): string | undefined => {
    const wanted = map?.[field] === undefined ? obviousNames[field] : [plainName(map[field])];
    return wanted.find((name) => names.has(name));
  };
  const textIn = (field: keyof ColumnMapping): ((row: RowReader) => string | null) => {
    const name = column(field);
    return (row) => (name === undefined ? null : row.text(name));
  };
  const fields = Object.keys(obviousNames) as (keyof ColumnMapping)[];
  const reads = fields.map(column).filter((name) => name !== undefined);
  if (means === undefined || (column("email") === undefined && column("user_id") === undefined))
    return undefined;
  const meaning = {
    unsubscribed: "unsubscribed_all",
    bounced: "hard_bounce",
    complained: "complaint",
    manual: "manual",
  } as const;
  return {
    kind: "profile",
    reads,
    userId: textIn("user_id"),
    email: textIn("email"),
    recordId: textIn("record_id"),
    updatedAt: (row) => readTime(textIn("updated_at")(row)),
    states: (row) => {
      const at = readTime(textIn("at")(row));
      const byReason = reasonLevel(textIn("reason")(row));
      return [
        state(means === "profiles" ? "unknown" : meaning[means], at),
        ...(byReason ? [state(byReason, at)] : []),
      ];
    },
  };
}

/** Reason words: reference/identity-and-consent.md §8. An unknown word is `manual`. */
function reasonLevel(cell: string | null): ConsentLevel | undefined {
  const reason = trimEnds(cell ?? "").toLowerCase();
  if (reason === "" || /^(soft|4\d\d|4\.|block(ed)?$)/.test(reason)) return undefined;
  if (/^(hard.*bounce|5\.\d|5\d\d|invalid|cleaned)/.test(reason)) return "hard_bounce";
  if (/^(spam|complain|abuse|fbl)/.test(reason)) return "complaint";
  return /^(unsub|opt(ed)?[ _-]?out)/.test(reason) ? "unsubscribed_all" : "manual";
}

const standardNames: Record<string, string> = Object.fromEntries(
  Object.entries({
    first_name: "firstname fname givenname",
    last_name: "lastname lname surname familyname",
    name: "name fullname",
    phone: "phone phonenumber mobile mobilephone",
    company: "company organization organisation",
    title: "title jobtitle",
    address: "address address1 streetaddress",
    address2: "address2",
    city: "city",
    region: "state region stateregion province",
    country: "country",
    zip: "zip zipcode postcode postalcode",
    birthday: "birthday dateofbirth",
    locale: "locale language",
    timezone: "timezone",
  }).flatMap(([merged, spellings]) => spellings.split(" ").map((spelling) => [spelling, merged])),
);

/** Vendors' bookkeeping columns, by plain name; Mailchimp's families by their prefix as written. */
const bookkeeping: Record<SourceName, (plain: string, header: string) => boolean> = {
  mailchimp: (plain, header) =>
    /^(optin|confirm|unsub|clean)_/i.test(header) ||
    "memberrating latitude longitude gmtoff dstoff timezone cc region lastchanged leid euid notes tags"
      .split(" ")
      .includes(plain),
  klaviyo: (plain) =>
    /consent|suppressions?$|timestamp|lifetimevalue|ordervalue|numberoforders|betweenorders/.test(plain) ||
    (
      "klaviyoid source ipaddress latitude longitude firstactive lastactive profilecreatedon dateadded " +
      "lastopen lastclick"
    )
      .split(" ")
      .includes(plain),
  iterable: (plain) =>
    /^(itbl|phonenumberdetails)/.test(plain) ||
    (
      "signupdate signupsource profileupdatedat emaillistids userlistids unsubscribedchannelids " +
      "unsubscribedmessagetypeids subscribedmessagetypeids devices browsertokens ip unsubsource"
    )
      .split(" ")
      .includes(plain),
  csv: () => false,
};

function attributesOf(row: RowReader, reads: string[], source: SourceName): Map<string, string> {
  const attributes = new Map<string, string>();
  const seen = new Set<string>();
  for (const [header, value] of row.cells) {
    const plain = plainName(header);
    const name = standardNames[plain] ?? header;
    const isRepeated = seen.has(header);
    seen.add(header);
    if (isRepeated || reads.includes(plain) || bookkeeping[source](plain, header)) continue;
    const isEmpty = value === null || value === "" || (Array.isArray(value) && value.length === 0);
    if (!isEmpty && !attributes.has(name)) attributes.set(name, textOf(value));
  }
  return attributes;
}
