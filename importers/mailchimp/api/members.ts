import type { RejectedRow } from "../../../contract/source.ts";
import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { isEntry, stretchOf, timeOf, timeText } from "./answer-shape.ts";
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
    timeOf: (row) => (isEntry(row) ? timeOf(row.last_changed) : null),
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
export async function countMembers(client: MailchimpClient, filter: MemberFilter): Promise<number> {
  const list = memberList(client, filter, ["members.id"]);
  return (await list.fetch({ since: filter.since, offset: 0, count: 1 })).total;
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
