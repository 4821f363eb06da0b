import type { ColumnMapping, SourceRecord } from "../../contract/source.ts";
import { Columns } from "../columns.ts";
import type { FileHead, ImportOptions, RawRow, RecordMapper } from "../file-importer.ts";
import { headerKey } from "../headers.ts";
import type { Channels } from "./channels.ts";
import { readIdList } from "./id-list.ts";
import { userStates } from "./levels.ts";

/** Interfaces §4, Iterable. Nested fields may come flat, as `devices.token` (reference/iterable.md §6.1). */
const bookkeepingKeys = new Set(
  [
    "signupDate",
    "signupSource",
    "profileUpdatedAt",
    "emailListIds",
    "userListIds",
    "unsubscribedChannelIds",
    "subscribedChannelIds",
    "unsubscribedMessageTypeIds",
    "subscribedMessageTypeIds",
    "browserTokens",
    "ip",
    "unsubSource",
  ].map(headerKey),
);
const bookkeepingColumn = /^(?:itbl|phonenumberdetails|devices)/;

/** @param key the column's header key */
export function isBookkeeping(key: string): boolean {
  return bookkeepingKeys.has(key) || bookkeepingColumn.test(key);
}

/** The mapper for an export of users, or null. */
export function usersMapper(head: FileHead, options: ImportOptions): RecordMapper | null {
  const keys = new Set(head.headers.map(headerKey));
  const isUsers = keys.has("email") && (keys.has("profileupdatedat") || keys.has("signupdate"));
  if (!isUsers || keys.has("createdat")) return null;
  return { kind: "users", carriesSuppressions: true, map: userReader(head, options.map, null) };
}

/**
 * Makes records of user rows.
 * @param channels null where they are unknown, as in files
 */
export function userReader(
  head: FileHead,
  map: ColumnMapping | undefined,
  channels: Channels | null,
): (row: RawRow) => SourceRecord {
  const columns = new Columns(
    {
      source: "iterable",
      fields: {
        email: ["email"],
        user_id: ["userid"],
        record_id: [],
        updated_at: ["profileupdatedat"],
        signed_up_at: ["signupdate"],
        channels: ["unsubscribedchannelids"],
        message_types: ["unsubscribedmessagetypeids"],
      },
      isBookkeeping,
    },
    head,
    map,
  );
  return (raw) => {
    const row = columns.row(raw);
    const email = row.text("email");
    const userId = row.text("user_id");
    const mappedId = row.text("record_id")?.trim();
    return {
      line: raw.line,
      recordId: mappedId || email?.trim() || userId?.trim() || "",
      kind: "profile",
      userId,
      email,
      updatedAt: row.time("updated_at") ?? row.time("signed_up_at"),
      states: userStates(readIdList(row.value("channels")), readIdList(row.value("message_types")), channels),
      attributes: row.attributes(),
    };
  };
}
