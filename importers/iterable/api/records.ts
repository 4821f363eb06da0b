import { createHash } from "node:crypto";
import type { SourceRecord } from "../../../contract/source.ts";
import type { ApiRecord } from "../../api-importer.ts";
import type { FileHead } from "../../file-importer.ts";
import { parseTime } from "../../time.ts";
import { type EventType, eventReader } from "../events.ts";
import { readIdList, unreadable } from "../id-list.ts";
import { userReader } from "../users.ts";
import { markForgotten } from "./forgotten.ts";
import type { Project, ProjectMode } from "./project.ts";

/** One exported row, or one user as looked up. */
export type Row = Record<string, unknown>;

/** The kinds of data that say something about consent, as `dataTypeName` takes them. */
export const eventTypes = ["emailBounce", "emailComplaint", "emailUnSubscribe"] as const;
export type ExportedEvent = (typeof eventTypes)[number];

const meanings: Record<ExportedEvent, EventType> = {
  emailBounce: "bounce",
  emailComplaint: "complaint",
  emailUnSubscribe: "unsubscribe",
};

/** What the keys of users begin with whom Iterable's userId identifies. */
export const userIdKey = "user/id:";

/** Makes records of a project's rows. `line` is the row's number within its page, from 1. */
export interface RecordMaker {
  user(row: Row, line: number): ApiRecord;
  /** @param behind who it is about, where the row itself does not say it */
  event(type: ExportedEvent, row: Row, line: number, behind?: Identity): ApiRecord;
  /** A member of a global suppression list, by the identifier that the list prints. */
  listMember(listId: string, printed: string, identity: Identity, line: number): ApiRecord;
}

/** Who a row is about, in Iterable's terms. */
export interface Identity {
  email: string | null;
  /** Iterable's own. */
  userId: string | null;
  /** What the operator takes for the user_id. */
  chosenId: string | null;
}

/** @param userIdField the user's field that the operator took for the user_id; null where there is none */
export function createRecordMaker(project: Project, userIdField: string | null): RecordMaker {
  const { mode, channels, forgotten } = project;
  const custom = userIdField !== null && userIdField !== "userId";
  const head: FileHead = { name: "Iterable", format: "ndjson", headers: custom ? [userIdField] : [] };
  const readUser = userReader(head, custom ? { user_id: userIdField } : undefined, channels);
  const readEvent = Object.fromEntries(
    eventTypes.map((type) => [
      type,
      eventReader({ ...head, headers: [] }, undefined, channels, meanings[type]),
    ]),
  ) as Record<ExportedEvent, ReturnType<typeof eventReader>>;

  return {
    user(row, line) {
      const record = readUser({ line, object: row });
      const { email, userId, chosenId } = identityOf(row, userIdField);
      const [first, second] = mode === "email" ? [email, userId] : [userId, email];
      const key = first ?? second;
      const prefix = key !== null && key === email ? "user/email:" : userIdKey;
      return {
        key: key === null ? `user/nobody/${hash(row)}` : prefix + key,
        record: markForgotten({ ...record, recordId: key ?? "", userId: chosenId }, row.userId, forgotten),
      };
    },
    event(type, row, line, behind) {
      const record = readEvent[type]({ line, object: row });
      // Iterable's userId is the user_id only where the operator said so.
      const userId = (userIdField === "userId" && record.userId) || behind?.chosenId || null;
      const email = isAddress(record.email) ? record.email : (behind?.email ?? record.email);
      return {
        key: `event/${type}/${hash(essence(row, mode))}`,
        record: markForgotten({ ...record, userId, email }, row.userId ?? behind?.userId, forgotten),
      };
    },
    listMember(listId, printed, { email, userId, chosenId }, line) {
      const record: SourceRecord = {
        line,
        recordId: printed,
        // No user row: it must not stand for one where unsubscribe events are history.
        kind: "event",
        userId: chosenId,
        email,
        updatedAt: null,
        states: [{ level: "manual", at: null }],
        attributes: {},
      };
      return { key: `list/${listId}/${printed}`, record: markForgotten(record, userId, forgotten) };
    },
  };
}

/** False for a placeholder, which stands for somebody without an address (reference/iterable.md §9). */
export function isAddress(email: string | null): email is string {
  return email !== null && email.trim() !== "" && !/@placeholder\.email\s*$/i.test(email);
}

/** Who a user's row, or an event's, is about. */
export function identityOf(row: Row, userIdField: string | null): Identity {
  const text = (value: unknown) => {
    const trimmed =
      value === null || value === undefined || typeof value === "object" ? "" : String(value).trim();
    return trimmed === "" ? null : trimmed;
  };
  return {
    email: text(row.email),
    userId: text(row.userId),
    // By its exact name: names of fields may differ by letter case alone (reference/iterable.md §6.1).
    chosenId: userIdField === null ? null : text(row[userIdField]),
  };
}

/**
 * What makes an event this event, whichever way it was exported: the ways write times, ids and empty lists
 * differently and may add snapshots of the profile, which change. Two that agree in all of it say the same.
 */
function essence(row: Row, mode: ProjectMode): unknown[] {
  const { email, userId } = identityOf(row, null);
  const byEmail = email !== null && (mode === "email" || userId === null);
  const time = row.createdAt;
  const at = typeof time === "string" || typeof time === "number" ? parseTime(time) : null;
  return [
    byEmail ? ["email", email.toLowerCase()] : ["id", userId],
    at === null ? String(time) : Math.floor(at / 1_000_000),
    ...idFields.map((name) => {
      const ids = readIdList(row[name]);
      return ids === unreadable ? JSON.stringify(row[name]) : ids.sort();
    }),
    ...textFields.map((name) => String(row[name] ?? "")),
  ];
}
const idFields = [
  "channelIds",
  "channelId",
  "messageTypeIds",
  "messageTypeId",
  "emailListIds",
  "emailListId",
];
const textFields = ["recipientState", "status", "unsubSource", "campaignId", "templateId", "messageId"];

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
