import type { ConsentState } from "../../contract/consent.ts";
import type { ColumnMapping, SourceRecord } from "../../contract/source.ts";
import { Columns, type MappedRow } from "../columns.ts";
import type { FileHead, ImportOptions, RawRow, RecordMapper } from "../file-importer.ts";
import { headerKey } from "../headers.ts";
import type { Channels } from "./channels.ts";
import { type IdList, readIdList } from "./id-list.ts";
import { unsubscribeStates } from "./levels.ts";

const fields = {
  email: ["email"],
  user_id: ["userid"],
  at: ["createdat"],
  type: ["type"],
  event_type: ["eventtype"],
  event_name: ["eventname"],
  data_type: ["datatypename"],
  recipient_state: ["recipientstate"],
  source: ["unsubsource"],
  channels: ["channelids"],
  channel: ["channelid"],
  message_types: ["messagetypeids"],
  message_type: ["messagetypeid"],
  lists: ["emaillistids"],
  list: ["emaillistid"],
} as const;
type EventRow = MappedRow<keyof typeof fields>;

export type EventType = "bounce" | "complaint" | "unsubscribe" | "other";

/** Event types by their key. The others of a mixed export say nothing about consent (merge-rules §5). */
const eventTypes = new Map<string, EventType>([
  ["emailbounce", "bounce"],
  ["emailcomplaint", "complaint"],
  ["emailunsubscribe", "unsubscribe"],
  ["emailsubscribe", "other"],
  ["emailsend", "other"],
  ["emailsendskip", "other"],
  ["emailopen", "other"],
  ["emailclick", "other"],
  ["hostedunsubscribeclick", "other"],
]);

/** The mapper for an export of events, or null. */
export function eventsMapper(head: FileHead, options: ImportOptions): RecordMapper | null {
  const keys = new Set(head.headers.map(headerKey));
  const hasState = keys.has("recipientstate") || keys.has("unsubsource");
  if (!hasState || !keys.has("email") || !keys.has("createdat")) return null;
  return { kind: "events", carriesSuppressions: true, map: eventReader(head, options.map, null) };
}

/**
 * Makes records of event rows.
 * @param channels null where they are unknown, as in files
 * @param type what all rows are, where that is known; else each row is asked
 */
export function eventReader(
  head: FileHead,
  map: ColumnMapping | undefined,
  channels: Channels | null,
  type?: EventType,
): (row: RawRow) => SourceRecord {
  const columns = new Columns({ source: "iterable", fields, isBookkeeping: () => false }, head, map);
  return (raw) => {
    const row = columns.row(raw);
    return {
      line: raw.line,
      recordId: "",
      kind: "event",
      userId: row.text("user_id"),
      email: row.text("email"),
      updatedAt: null,
      states: eventStates(row, type ?? typeOf(row), channels),
      attributes: {},
    };
  };
}

function eventStates(row: EventRow, type: EventType, channels: Channels | null): ConsentState[] {
  const at = row.time("at");
  const signs = [row.text("recipient_state"), row.text("source")].map((text) => headerKey(text ?? ""));
  const states: ConsentState[] = [];
  if (type !== "other" && signs.includes("hardbounce")) states.push({ level: "hard_bounce", at });
  if (type === "complaint" || (type !== "other" && signs.includes("complaint")))
    states.push({ level: "complaint", at });
  if (type !== "unsubscribe" || states.length > 0) return states;
  return unsubscribeStates(
    {
      channels: ids(row, "channels", "channel"),
      messageTypes: ids(row, "message_types", "message_type"),
      lists: ids(row, "lists", "list"),
    },
    at,
    channels,
  );
}

function typeOf(row: EventRow): EventType {
  for (const field of ["type", "event_type", "event_name", "data_type"] as const) {
    const known = eventTypes.get(headerKey(row.text(field) ?? ""));
    if (known) return known;
  }
  return (row.text("source") ?? "").trim() === "" ? "bounce" : "unsubscribe";
}

function ids(row: EventRow, several: keyof typeof fields, single: keyof typeof fields): IdList {
  const list = readIdList(row.value(several));
  return list.length > 0 ? list : readIdList(row.value(single));
}
