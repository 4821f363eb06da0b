import type { ConsentLevel } from "../../contract/consent.ts";
import { badInput } from "../../contract/failure.ts";
import type { FileMeaning } from "../../contract/source.ts";
import { Columns } from "../columns.ts";
import type { FileHead, FileImporter, ImportOptions, RecordMapper } from "../file-importer.ts";
import { headerKey, userIdHeaderKeys } from "../headers.ts";

/** What all rows of one file are: Mailchimp writes it into the file's name and nowhere else. */
interface FileState {
  kind: string;
  level: ConsentLevel;
  /** Header keys of the column with the state's time. */
  at: readonly string[];
}

const subscribed: FileState = { kind: "subscribed", level: "implied", at: [] };
const unsubscribed: FileState = { kind: "unsubscribed", level: "unsubscribed_all", at: ["unsubtime"] };
const cleaned: FileState = { kind: "cleaned", level: "hard_bounce", at: ["cleantime"] };
const nonsubscribed: FileState = { kind: "nonsubscribed", level: "unknown", at: [] };
const smsOnly: FileState = { kind: "sms_only", level: "unknown", at: [] };

const statesByMeaning: Record<FileMeaning, FileState> = {
  profiles: { kind: "profiles", level: "unknown", at: [] },
  unsubscribed,
  bounced: { ...cleaned, kind: "bounced" },
  complained: { kind: "complained", level: "complaint", at: ["unsubtime", "cleantime"] },
  manual: { kind: "manual", level: "manual", at: ["unsubtime", "cleantime"] },
};

/** Interfaces §4, Mailchimp: single columns, and families by their prefix. */
const bookkeepingKeys = new Set(
  "MEMBER_RATING LATITUDE LONGITUDE GMTOFF DSTOFF TIMEZONE CC REGION LAST_CHANGED LEID EUID NOTES TAGS"
    .split(" ")
    .map(headerKey),
);
const bookkeepingFamily = /^(?:optin|confirm|unsub|clean)_/i;

/** Audience exports: one CSV per state, or the ZIP that holds them (reference/mailchimp.md §9). */
export const mailchimpImporter: FileImporter = {
  source: "mailchimp",
  capabilities: { full: false, delta: false, declaredTotals: false, topics: false },
  recognisedBy:
    "Mailchimp audience export: the columns Email Address and LEID or EUID, and a file name that begins with subscribed_, unsubscribed_, cleaned_ or nonsubscribed_",
  recognise(head, options) {
    const keys = new Set(head.headers.map(headerKey));
    if (head.format !== "csv" || !keys.has("emailaddress") || !(keys.has("leid") || keys.has("euid")))
      return null;
    return mapper(head, options, stateOf(head.name, keys, options.means));
  },
};

function stateOf(name: string, keys: ReadonlySet<string>, means: FileMeaning | undefined): FileState {
  const meant = means && statesByMeaning[means];
  const told = stateByName(name) ?? stateByColumns(keys);
  if (told && meant && meant.level !== told.level)
    throw badInput(
      "MEANS_CONTRADICTS_FILE",
      `${name} is Mailchimp's export of ${told.kind} contacts, but it is said to mean “${means}”.`,
      "Leave out --means, or rename the file if its name is wrong.",
    );
  const state = told ?? meant;
  if (state) return state;
  throw badInput(
    "MAILCHIMP_STATE_UNKNOWN",
    `${name} is a Mailchimp export, but neither its name nor its columns say whether these contacts are subscribed.`,
    "Keep Mailchimp's own file name (subscribed_…, unsubscribed_…, cleaned_…, nonsubscribed_…), or say it with --means.",
  );
}

function stateByName(name: string): FileState | undefined {
  const prefix = /^(subscribed|unsubscribed|cleaned|nonsubscribed|sms_only)_/i.exec(name)?.[1]?.toLowerCase();
  return [subscribed, unsubscribed, cleaned, nonsubscribed, smsOnly].find(({ kind }) => kind === prefix);
}

function stateByColumns(keys: ReadonlySet<string>): FileState | undefined {
  if (keys.has("unsubtime") === keys.has("cleantime")) return undefined;
  return keys.has("unsubtime") ? unsubscribed : cleaned;
}

function mapper(head: FileHead, options: ImportOptions, state: FileState): RecordMapper {
  const columns = new Columns(
    {
      source: "mailchimp",
      fields: {
        email: ["emailaddress"],
        user_id: userIdHeaderKeys,
        record_id: ["leid"],
        updated_at: ["lastchanged"],
        at: state.at,
        unsubscribed_at: ["unsubtime"],
        cleaned_at: ["cleantime"],
        confirmed_at: ["confirmtime"],
        opted_in_at: ["optintime"],
      },
      isBookkeeping: (key, header) => bookkeepingKeys.has(key) || bookkeepingFamily.test(header),
    },
    head,
    options.map,
  );
  return {
    kind: state.kind,
    carriesSuppressions: !["implied", "unknown"].includes(state.level),
    map(raw) {
      const row = columns.row(raw);
      return {
        line: raw.line,
        recordId: (row.text("record_id") ?? "").trim(),
        kind: "profile",
        userId: row.text("user_id"),
        email: row.text("email"),
        updatedAt:
          row.time("updated_at") ??
          row.time("unsubscribed_at") ??
          row.time("cleaned_at") ??
          row.time("confirmed_at") ??
          row.time("opted_in_at"),
        states: [{ level: state.level, at: row.time("at") }],
        attributes: row.attributes(),
      };
    },
  };
}
