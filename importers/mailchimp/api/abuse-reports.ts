import { failed } from "../../../contract/failure.ts";
import type { RejectedRow } from "../../../contract/source.ts";
import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { isEntry, stretchOf, textOf, timeOf } from "./answer-shape.ts";
import type { Audience } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import { rejected, userIdOf } from "./member-record.ts";
import { type Position, readPages } from "./pages.ts";
import { plainList } from "./plain-list.ts";

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
 * Such a report is not paged (reference/mailchimp.md §5).
 * @param from how many campaigns were read
 * @throws Failure where a report is not handed out whole
 */
export async function* readCampaignComplaints(
  client: MailchimpClient,
  { listId, audience, campaigns }: CampaignComplaints,
  userIdTag: string | null,
  from: number | null,
): AsyncGenerator<ApiPage> {
  const what = `who complained about a campaign to “${audience}”`;
  const begin = from ?? 0;
  for (const [index, campaign] of campaigns.slice(begin).entries()) {
    const answer = await client.call(what, (api) =>
      api.reports.getCampaignAbuseReportsWithHttpInfo(campaign, { exclude_fields: links }),
    );
    const { rows, total, raw } = stretchOf(answer, "abuse_reports", what);
    if (rows.length < total)
      throw failed(
        "MAILCHIMP_ROWS_MISSING",
        `Mailchimp counts ${total} entries in ${what}, but hands out ${rows.length}.`,
        "Start the export again; if it stays so, ask Mailchimp's support about this campaign.",
      );
    const checkpoint = begin + index + 1;
    yield {
      ...readRows(rows, listId, userIdTag),
      raw,
      checkpoint,
      declared: null,
      last: checkpoint === campaigns.length,
    };
  }
  // Killed after the last page: the mark of the end comes once more.
  if (begin >= campaigns.length)
    yield { records: [], rejections: [], raw: "", checkpoint: from, declared: null, last: true };
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
