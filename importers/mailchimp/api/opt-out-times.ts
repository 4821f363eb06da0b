import { Failure } from "../../../contract/failure.ts";
import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { type Entry, isEntry, textOf, timeOf } from "./answer-shape.ts";
import { readAll } from "./audiences.ts";
import { connections, type MailchimpClient } from "./client.ts";
import { memberKey, rejected, userIdOf } from "./member-record.ts";
import { memberList } from "./members.ts";
import { type Position, readPages } from "./pages.ts";
import { plainList } from "./plain-list.ts";

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
      listName: textOf(row.list_name),
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
 * (reference/mailchimp.md §5). Who is not unsubscribed now, or joined again after the report, is left out: a report is
 * history. Reports of a deleted audience all count, since it is the only place left that tells of these opt-outs.
 */
export async function* readOptOutTimes(
  client: MailchimpClient,
  { listId, audience, exists, campaigns }: OptOutTimes,
  userIdTag: string | null,
  from: OptOutPosition | null,
): AsyncGenerator<ApiPage> {
  const joined = exists ? await joinTimesOfUnsubscribed(client, listId, audience) : null;
  const stands = (row: Entry) => {
    if (joined === null) return true;
    const at = timeOf(row.timestamp);
    const joinedAt = joined.get(textOf(row.email_id));
    return joinedAt !== undefined && at !== null && (joinedAt === null || at >= joinedAt);
  };
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
        const records: ApiRecord[] = [];
        const rejections = [];
        for (const [index, row] of page.rows.entries()) {
          if (!isEntry(row)) rejections.push(rejected(row, index + 1, "The entry is no object."));
          else if (stands(row)) records.push(optOut(row, index + 1, id, userIdTag));
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
      if (!(error instanceof Failure && canDoWithout(error.code, exists))) throw error;
      yield {
        records: [],
        rejections: [],
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

/**
 * A campaign that was deleted meanwhile, or a report that lists somebody twice, so that its count never agrees. While
 * the audience is there, its reports bring times alone: the opt-outs themselves stand in the members.
 */
function canDoWithout(code: string, exists: boolean): boolean {
  return code === "MAILCHIMP_NOT_FOUND" || (exists && code === "MAILCHIMP_ROWS_MISSING");
}

/** Everybody who is unsubscribed now, by the hash of the address, with when they joined last. */
async function joinTimesOfUnsubscribed(
  client: MailchimpClient,
  listId: string,
  audience: string,
): Promise<Map<string, number | null>> {
  const filter = { since: null, before: null, unsubscribedSince: null };
  const members = memberList(client, { listId, audience, status: "unsubscribed", ...filter }, [
    "members.id",
    "members.timestamp_opt",
    "members.last_changed",
  ]);
  const joined = new Map<string, number | null>();
  for await (const { rows } of readPages(members, null))
    for (const row of rows) if (isEntry(row)) joined.set(memberKey(row), timeOf(row.timestamp_opt));
  return joined;
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
