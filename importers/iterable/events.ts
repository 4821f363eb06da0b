import type { ConsentState } from "../../contract/consent.ts";
import { Columns, type MappedRow } from "../columns.ts";
import type { FileHead, ImportOptions, RecordMapper } from "../file-importer.ts";
import { headerKey } from "../headers.ts";
import { readIdList, unreadable } from "./id-list.ts";

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

/** Event types by their key. The others of a mixed export say nothing about consent (merge-rules §5). */
const eventTypes = new Map<string, "bounce" | "complaint" | "unsubscribe" | "other">([
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
  const columns = new Columns({ source: "iterable", fields, isBookkeeping: () => false }, head, options.map);
  return {
    kind: "events",
    carriesSuppressions: true,
    map(raw) {
      const row = columns.row(raw);
      return {
        line: raw.line,
        recordId: "",
        kind: "event",
        userId: row.text("user_id"),
        email: row.text("email"),
        updatedAt: null,
        states: eventStates(row),
        attributes: {},
      };
    },
  };
}

function eventStates(row: EventRow): ConsentState[] {
  const at = row.time("at");
  const type = typeOf(row);
  const signs = [row.text("recipient_state"), row.text("source")].map((text) => headerKey(text ?? ""));
  const states: ConsentState[] = [];
  if (type !== "other" && signs.includes("hardbounce")) states.push({ level: "hard_bounce", at });
  if (type === "complaint" || (type !== "other" && signs.includes("complaint")))
    states.push({ level: "complaint", at });
  return type === "unsubscribe" && states.length === 0 ? unsubscribeStates(row, at) : states;
}

function typeOf(row: EventRow): "bounce" | "complaint" | "unsubscribe" | "other" {
  for (const field of ["type", "event_type", "event_name", "data_type"] as const) {
    const known = eventTypes.get(headerKey(row.text(field) ?? ""));
    if (known) return known;
  }
  return (row.text("source") ?? "").trim() === "" ? "bounce" : "unsubscribe";
}

/**
 * merge-rules §5 and reference/iterable.md §6.2: the scope is whichever list of ids is not empty. A file has no
 * channel list, so any channel may be all of them; a row that names nothing may mean everything.
 */
function unsubscribeStates(row: EventRow, at: number | null): ConsentState[] {
  const everything: ConsentState[] = [{ level: "unsubscribed_all", at, history: true, assumed: true }];
  const [channels, messageTypes, lists] = [
    ids(row, "channels", "channel"),
    ids(row, "message_types", "message_type"),
    ids(row, "lists", "list"),
  ];
  if (channels.length > 0 || messageTypes === unreadable) return everything;
  if (messageTypes.length > 0)
    return messageTypes.map((id) => ({
      level: "unsubscribed_topic",
      at,
      topic: `message_type:${id}`,
      history: true,
    }));
  return lists.length > 0 ? [] : everything;
}

function ids(
  row: EventRow,
  several: keyof typeof fields,
  single: keyof typeof fields,
): string[] | typeof unreadable {
  const list = readIdList(row.value(several));
  return list.length > 0 ? list : readIdList(row.value(single));
}
