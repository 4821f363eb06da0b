import { Failure } from "../../../contract/failure.ts";
import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { type Entry, isEntry, textOf, timeOf } from "./answer-shape.ts";
import { readAll } from "./audiences.ts";
import { connections, type MailchimpClient } from "./client.ts";
import { lost } from "./deleted-meanwhile.ts";
import { memberKey, rejected, userIdOf } from "./member-record.ts";
import { everyMember, memberList } from "./members.ts";
import { type Position, readPages, rowsMissing } from "./pages.ts";
import { plainList } from "./plain-list.ts";
import { isNotFound } from "./refusal.ts";

/** A campaign from which people opted out, or about which they complained. */
export interface CampaignReport {
  id: string;
  listId: string;
  listName: string;
  unsubscribed: number;
  complaints: number;
}

/** All campaigns that somebody opted out from or complained about. */
export async function readCampaignReports(client: MailchimpClient): Promise<CampaignReport[]> {
  const rows = await readAll(
    plainList(client, {
      what: "the campaign reports",
      rows: "reports",
      keyOf: (row) => textOf(isEntry(row) ? row.id : row),
      ask: (api, page) =>
        api.reports.getAllCampaignReportsWithHttpInfo({
          fields: [
            "reports.id",
            "reports.list_id",
            "reports.list_name",
            "reports.unsubscribed",
            "reports.abuse_reports",
            "total_items",
          ],
          ...page,
        }),
    }),
  );
  return rows.flatMap((row) => {
    const report = {
      id: textOf(row.id),
      listId: textOf(row.list_id),
      listName: textOf(row.list_name) || textOf(row.list_id),
      unsubscribed: Number(row.unsubscribed) || 0,
      complaints: Number(row.abuse_reports) || 0,
    };
    return report.id !== "" && report.unsubscribed + report.complaints > 0 ? [report] : [];
  });
}

export type OptOutTimes = {
  listId: string;
  audience: string;
  /** False where the audience is no more: then nobody in these reports can have come back to it. */
  exists: boolean;
  campaigns: string[];
};
/** Where to go on: in which campaign, and where in it. */
export type OptOutPosition = { campaign: number; position: Position | null };

/**
 * When people opted out, from the reports of one audience's campaigns: a member itself does not say it
 * (reference/mailchimp.md §5). A report is history: who is a member and not unsubscribed now, or joined again after the
 * report, is left out. Whoever the audience has no longer counts, as do all in reports of a deleted audience: it is the
 * only place left that tells of these opt-outs.
 */
export async function* readOptOutTimes(
  client: MailchimpClient,
  { listId, audience, exists, campaigns }: OptOutTimes,
  userIdTag: string | null,
  from: OptOutPosition | null,
): AsyncGenerator<ApiPage> {
  const joined = exists ? await joinTimesOfUnsubscribed(client, listId, audience) : null;
  const begin = from?.campaign ?? 0;
  const open = (campaign: number) => {
    const list = unsubscribedFrom(client, campaigns[campaign]!, audience);
    const pages = readPages(list, campaign === begin ? (from?.position ?? null) : null);
    const first = pages.next();
    // It may be dropped before anybody waits for it.
    first.catch(() => {});
    return { pages, first };
  };
  /** Most reports are one page, so several are asked for at once. */
  const ahead: ReturnType<typeof open>[] = [];
  for (let campaign = begin; campaign < campaigns.length; campaign += 1) {
    while (ahead.length < connections && campaign + ahead.length < campaigns.length)
      ahead.push(open(campaign + ahead.length));
    const { pages, first } = ahead.shift()!;
    const id = campaigns[campaign]!;
    const isLastCampaign = campaign === campaigns.length - 1;
    try {
      for (let step = await first; !step.done; step = await pages.next()) {
        const page = step.value;
        const standing = await Promise.all(
          page.rows.map((row) => isEntry(row) && stands(client, { listId, audience, joined }, row)),
        );
        const records: ApiRecord[] = [];
        const rejections = [];
        for (const [index, row] of page.rows.entries()) {
          if (!isEntry(row)) rejections.push(rejected(row, index + 1, "The entry is no object."));
          else if (standing[index]) records.push(optOut(row, index + 1, id, userIdTag));
        }
        yield {
          records,
          rejections,
          raw: page.raw,
          checkpoint: page.last
            ? { campaign: campaign + 1, position: null }
            : { campaign, position: page.position },
          declared: null,
          last: page.last && isLastCampaign,
        };
      }
    } catch (error) {
      if (!isIncomplete(error)) throw error;
      const what = `who opted out from the campaign ${id} to “${audience}”`;
      yield {
        records: [],
        // While the audience is there, its reports bring times: the opt-outs themselves stand in the members.
        rejections: joined === null ? [lost(what, "Its report could not be read to its end")] : [],
        raw: "",
        checkpoint: { campaign: campaign + 1, position: null },
        declared: null,
        last: isLastCampaign,
      };
    }
  }
  // Killed after the last page: the mark of the end comes once more.
  if (begin >= campaigns.length)
    yield { records: [], rejections: [], raw: "", checkpoint: from, declared: null, last: true };
}

/** A campaign was deleted meanwhile, or its report lists somebody twice, so that its count never agrees. */
function isIncomplete(error: unknown): boolean {
  return isNotFound(error) || (error instanceof Failure && error.code === rowsMissing);
}

/** By the hash of the address. Null where the audience is no more. */
type JoinTimes = Map<string, number | null> | null;

/** Everybody who is unsubscribed now, with when they joined last. */
async function joinTimesOfUnsubscribed(
  client: MailchimpClient,
  listId: string,
  audience: string,
): Promise<JoinTimes> {
  const filter = {
    ...everyMember({ id: listId, name: audience }),
    status: "unsubscribed" as const,
    timed: true,
  };
  const members = memberList(client, filter, ["members.id", "members.timestamp_opt", "members.last_changed"]);
  const joined = new Map<string, number | null>();
  try {
    for await (const { rows } of readPages(members, null))
      for (const row of rows) if (isEntry(row)) joined.set(memberKey(row), timeOf(row.timestamp_opt));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
  return joined;
}

/** Whether the row of a report still says something about its person. */
async function stands(
  client: MailchimpClient,
  { listId, audience, joined }: { listId: string; audience: string; joined: JoinTimes },
  row: Entry,
): Promise<boolean> {
  const id = textOf(row.email_id);
  if (joined === null || id === "") return true;
  const joinedAt = joined.get(id);
  if (joinedAt === undefined) return !(await isMember(client, listId, audience, id));
  const at = timeOf(row.timestamp);
  return at !== null && (joinedAt === null || at >= joinedAt);
}

async function isMember(
  client: MailchimpClient,
  listId: string,
  audience: string,
  id: string,
): Promise<boolean> {
  try {
    await client.call(`a member of “${audience}”`, (api) =>
      api.lists.getListMemberWithHttpInfo(listId, id, { fields: ["status"] }),
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function unsubscribedFrom(client: MailchimpClient, campaignId: string, audience: string) {
  return plainList(client, {
    what: `who opted out from a campaign to “${audience}”`,
    rows: "unsubscribes",
    keyOf: (row) => (isEntry(row) ? `${textOf(row.email_id)}/${textOf(row.timestamp)}` : JSON.stringify(row)),
    ask: (api, page) =>
      api.reports.getUnsubscribedListForCampaignWithHttpInfo(campaignId, {
        exclude_fields: ["_links", "unsubscribes._links"],
        ...page,
      }),
  });
}

function optOut(row: Entry, line: number, campaignId: string, userIdTag: string | null): ApiRecord {
  const id = `${campaignId}/${textOf(row.email_id) || memberKey(row)}`;
  return {
    key: `unsubscribe/${id}`,
    record: {
      line,
      recordId: id,
      kind: "event",
      userId: userIdOf(row.merge_fields, userIdTag),
      email: typeof row.email_address === "string" ? row.email_address : null,
      updatedAt: null,
      states: [{ level: "unsubscribed_all", at: timeOf(row.timestamp) }],
      attributes: {},
    },
  };
}
