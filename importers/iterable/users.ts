import type { ConsentState } from "../../contract/consent.ts";
import { Columns } from "../columns.ts";
import type { FileHead, ImportOptions, RecordMapper } from "../file-importer.ts";
import { headerKey } from "../headers.ts";
import { readIdList, unreadable } from "./id-list.ts";

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

/** The mapper for an export of users, or null. */
export function usersMapper(head: FileHead, options: ImportOptions): RecordMapper | null {
  const keys = new Set(head.headers.map(headerKey));
  const isUsers = keys.has("email") && (keys.has("profileupdatedat") || keys.has("signupdate"));
  if (!isUsers || keys.has("createdat")) return null;
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
      isBookkeeping: (key) => bookkeepingKeys.has(key) || bookkeepingColumn.test(key),
    },
    head,
    options.map,
  );
  return {
    kind: "users",
    carriesSuppressions: true,
    map(raw) {
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
        states: userStates(row.value("channels"), row.value("message_types")),
        attributes: row.attributes(),
      };
    },
  };
}

/** merge-rules §5: a file has no channel list, so any channel may be all of them. Profile rows have no times. */
function userStates(channelCell: unknown, messageTypeCell: unknown): ConsentState[] {
  const channels = readIdList(channelCell);
  const messageTypes = readIdList(messageTypeCell);
  const states: ConsentState[] = [];
  if (channels.length > 0 || messageTypes === unreadable)
    states.push({ level: "unsubscribed_all", at: null, assumed: true });
  if (messageTypes !== unreadable)
    for (const id of messageTypes)
      states.push({ level: "unsubscribed_topic", at: null, topic: `message_type:${id}` });
  return states.length > 0 ? states : [{ level: "implied", at: null }];
}
