import type { RejectedRow } from "../../../contract/source.ts";
import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { isEntry, stretchOf, textOf, timeOf } from "./answer-shape.ts";
import type { Audience } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import { lost } from "./deleted-meanwhile.ts";
import { rejected, userIdOf } from "./member-record.ts";
import { type Position, readPages } from "./pages.ts";
import { plainList } from "./plain-list.ts";
import { isNotFound } from "./refusal.ts";

/** The complaints of an audience. Members who complained read as unsubscribed; only here it says why. */
export async function* readAbuseReports(
  client: MailchimpClient,
  audience: Audience,
  userIdTag: string | null,
  from: Position | null,
): AsyncGenerator<ApiPage> {
  const list = plainList(client, {
    what: `the abuse reports of “${audience.name}”`,
    rows: "abuse_reports",
    keyOf: complaintId,
    ask: (api, page) =>
      api.lists.getListAbuseReportsWithHttpInfo(audience.id, { exclude_fields: links, ...page }),
  });
  for await (const { rows, raw, position, declared, last } of readPages(list, from))
    yield { ...readRows(rows, audience.id, userIdTag), raw, checkpoint: position, declared, last };
}

export type CampaignComplaints = {
  listId: string;
  audience: string;
  campaigns: string[];
};

/**
 * The complaints of an audience that was deleted: its campaigns' reports are the only place left that tells of them.
 * Such a report is not paged (reference/mailchimp.md §5). One that is not handed out whole is a rejected row.
 * @param from how many campaigns were read
 */
export async function* readCampaignComplaints(
  client: MailchimpClient,
  { listId, audience, campaigns }: CampaignComplaints,
  userIdTag: string | null,
  from: number | null,
): AsyncGenerator<ApiPage> {
  const begin = from ?? 0;
  for (const [index, campaign] of campaigns.slice(begin).entries()) {
    const checkpoint = begin + index + 1;
    const { rows, total, raw } = await complaintsAbout(client, campaign, audience);
    const { records, rejections } = readRows(rows, listId, userIdTag);
    if (total === null || rows.length < total)
      rejections.push(
        lost(
          `who complained about the campaign ${campaign} to “${audience}”`,
          total === null
            ? "Its report was deleted before it was read"
            : `Mailchimp counts ${total} and hands out ${rows.length}`,
        ),
      );
    yield { records, rejections, raw, checkpoint, declared: null, last: checkpoint === campaigns.length };
  }
  // Killed after the last page: the mark of the end comes once more.
  if (begin >= campaigns.length)
    yield { records: [], rejections: [], raw: "", checkpoint: from, declared: null, last: true };
}

/** Without a total where the report is no more. */
async function complaintsAbout(client: MailchimpClient, campaign: string, audience: string) {
  const what = `who complained about a campaign to “${audience}”`;
  try {
    const answer = await client.call(what, (api) =>
      api.reports.getCampaignAbuseReportsWithHttpInfo(campaign, { exclude_fields: links }),
    );
    return stretchOf(answer, "abuse_reports", what);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { rows: [], total: null, raw: "" };
  }
}

const links = ["_links", "abuse_reports._links"];

function complaintId(row: unknown): string {
  return isEntry(row)
    ? textOf(row.id) || `${textOf(row.campaign_id)}/${textOf(row.email_id)}`
    : JSON.stringify(row);
}

function readRows(rows: readonly unknown[], listId: string, userIdTag: string | null) {
  const records: ApiRecord[] = [];
  const rejections: RejectedRow[] = [];
  for (const [index, row] of rows.entries()) {
    if (!isEntry(row)) {
      rejections.push(rejected(row, index + 1, "The entry is no object."));
      continue;
    }
    records.push({
      key: `abuse/${listId}/${complaintId(row)}`,
      record: {
        line: index + 1,
        recordId: textOf(row.id),
        kind: "event",
        userId: userIdOf(row.merge_fields, userIdTag),
        email: typeof row.email_address === "string" ? row.email_address : null,
        updatedAt: null,
        states: [{ level: "complaint", at: timeOf(row.date) }],
        attributes: {},
      },
    });
  }
  return { records, rejections };
}
