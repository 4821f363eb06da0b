import type { RejectedRow } from "../../../contract/source.ts";
import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { isEntry, stretchOf, timeOf, timeText } from "./answer-shape.ts";
import type { Audience } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import {
  isMemberStatus,
  type MemberReading,
  type MemberStatus,
  memberKey,
  memberStatuses,
  readMember,
} from "./member-record.ts";
import { type PagedList, type Position, readPages } from "./pages.ts";

/** Which members of an audience. Times are microseconds since 1970. */
export type MemberFilter = {
  listId: string;
  audience: string;
  /** Null asks without a status. */
  status: MemberStatus | null;
  /** Changed since then; null for all. */
  since: number | null;
  /** Changed before then; null for all. It freezes what is read: who changes meanwhile leaves it. */
  before: number | null;
  /** Opted out since then, a second witness beside the time of change; only with the status `unsubscribed`. */
  unsubscribedSince: number | null;
  /** True if each of them has a time of change: where one lacks it, no question for a time brings that one. */
  timed: boolean;
};

const links = ["_links", "members._links"];

/** @param fields what of each member; without it everything but the links */
export function memberList(client: MailchimpClient, filter: MemberFilter, fields?: string[]): PagedList {
  const what = `the ${filter.status ?? ""} members of “${filter.audience}”`.replace("  ", " ");
  return {
    what,
    pageSize: client.pageSize,
    since: filter.since,
    keyOf: memberKey,
    ...(filter.timed && { timeOf: (row) => (isEntry(row) ? timeOf(row.last_changed) : null) }),
    fetch: async ({ since, offset, count }) =>
      stretchOf(
        await client.call(what, (api) =>
          api.lists.getListMembersInfoWithHttpInfo(filter.listId, {
            ...queryOf({ ...filter, since }),
            ...(fields ? { fields: [...fields, "total_items"] } : { exclude_fields: links }),
            sort_field: "last_changed",
            sort_dir: "ASC",
            count,
            offset,
          }),
        ),
        "members",
        what,
      ),
  };
}

/** How many members the filter lets through, by Mailchimp's count. */
async function countMembers(client: MailchimpClient, filter: MemberFilter): Promise<number> {
  const list = memberList(client, filter, ["members.id"]);
  return (await list.fetch({ since: filter.since, offset: 0, count: 1 })).total;
}

/** How often counts are asked for that do not agree, since people may have moved in between. */
const countings = 5;

/**
 * Whether all members have a time of change, so that asking for those before a moment and for those since then
 * brings everybody: told by the counts.
 * @param moment microseconds since 1970
 */
export async function allHaveTimes(
  client: MailchimpClient,
  audience: Audience,
  moment: number,
): Promise<boolean> {
  const everybody = { ...everyMember(audience), timed: true };
  const agree = async (status: MemberStatus | null) => {
    for (let counting = 0; counting < countings; counting += 1) {
      const sides = [{ before: moment }, { since: moment }, { since: moment, before: moment }, {}];
      const counts = await Promise.all(
        sides.map((side) => countMembers(client, { ...everybody, status, ...side })),
      );
      const [before, since, both, all] = counts as [number, number, number, number];
      // Whether a moment counts as before and as since itself is not confirmed.
      if (before + since - both === all) return true;
    }
    return false;
  };
  // A question without status may leave the archived out.
  const agreed = await Promise.all([agree(null), agree("archived")]);
  return agreed.every((each) => each);
}

/** All members of an audience, whatever their status. */
export function everyMember({ id, name }: Audience) {
  return { listId: id, audience: name, status: null, since: null, before: null, unsubscribedSince: null };
}

export async function* readMembers(
  client: MailchimpClient,
  filter: MemberFilter,
  reading: MemberReading,
  from: Position | null,
): AsyncGenerator<ApiPage> {
  for await (const { rows, raw, position, declared, last } of readPages(memberList(client, filter), from))
    yield { ...readRows(rows, reading), raw, checkpoint: position, declared, last };
}

/**
 * Members whose status is none of the six: a question for each status never brings them. They are found by the
 * count of a question without status, which must be the sum of the others, with or without the archived.
 */
export async function* readUnknownStatuses(
  client: MailchimpClient,
  filter: MemberFilter,
  reading: MemberReading,
  from: Position | null,
): AsyncGenerator<ApiPage> {
  if (from === null && !(await hasUnknownStatuses(client, filter))) {
    yield { records: [], rejections: [], raw: "", checkpoint: null, declared: null, last: true };
    return;
  }
  for await (const { rows, raw, position, last } of readPages(memberList(client, filter), from)) {
    const unknown = rows.map((row) =>
      isEntry(row) && typeof row.status === "string" && isMemberStatus(row.status) ? null : row,
    );
    yield { ...readRows(unknown, reading), raw, checkpoint: position, declared: null, last };
  }
}

async function hasUnknownStatuses(client: MailchimpClient, filter: MemberFilter): Promise<boolean> {
  const [all, ...counts] = await Promise.all(
    [null, ...memberStatuses].map((status) => countMembers(client, { ...filter, status })),
  );
  const archived = counts[memberStatuses.indexOf("archived")]!;
  const sum = counts.reduce((total, count) => total + count, 0);
  if (all === sum - archived) return false;
  // Counts that agree with the archived prove nothing where a question without status leaves these out.
  return all !== sum || !(await archivedAreAmongAll(client, filter));
}

/** Asks without status for one archived member by its id. */
async function archivedAreAmongAll(client: MailchimpClient, filter: MemberFilter): Promise<boolean> {
  const archived = memberList(client, { ...filter, status: "archived" }, ["members.unique_email_id"]);
  const { rows } = await archived.fetch({ since: filter.since, offset: 0, count: 1 });
  const id = isEntry(rows[0]) ? rows[0].unique_email_id : undefined;
  if (typeof id !== "string" || id === "") return false;
  const what = archived.what;
  const answer = await client.call(what, (api) =>
    api.lists.getListMembersInfoWithHttpInfo(filter.listId, {
      unique_email_id: id,
      fields: ["members.status", "total_items"],
    }),
  );
  return stretchOf(answer, "members", what).rows.some((row) => isEntry(row) && row.status === "archived");
}

/** Null rows are left out; their numbers stay free. */
function readRows(rows: readonly unknown[], reading: MemberReading) {
  const records: ApiRecord[] = [];
  const rejections: RejectedRow[] = [];
  for (const [index, row] of rows.entries()) {
    if (row === null) continue;
    const read = readMember(row, index + 1, reading);
    if ("key" in read) records.push(read);
    else rejections.push(read);
  }
  return { records, rejections };
}

function queryOf({ status, since, before, unsubscribedSince }: MemberFilter) {
  return {
    ...(status === null ? {} : { status }),
    ...(since === null ? {} : { since_last_changed: timeText(since) }),
    ...(before === null ? {} : { before_last_changed: timeText(before) }),
    ...(unsubscribedSince === null ? {} : { unsubscribed_since: timeText(unsubscribedSince) }),
  };
}
