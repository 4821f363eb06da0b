import type { ApiPage, ApiRecord } from "../../api-importer.ts";
import { isEntry, stretchOf, textOf, timeOf } from "./answer-shape.ts";
import type { Audience } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import { rejected, userIdOf } from "./member-record.ts";
import { type Position, readPages } from "./pages.ts";

/** The complaints of an audience. Members who complained read as unsubscribed; only here it says why. */
export async function* readAbuseReports(
  client: MailchimpClient,
  audience: Audience,
  userIdTag: string | null,
  from: Position | null,
): AsyncGenerator<ApiPage> {
  const what = `the abuse reports of “${audience.name}”`;
  const keyOf = (row: unknown) =>
    isEntry(row)
      ? textOf(row.id) || `${textOf(row.campaign_id)}/${textOf(row.email_id)}`
      : JSON.stringify(row);
  const pages = readPages(
    {
      what,
      pageSize: client.pageSize,
      since: null,
      keyOf,
      fetch: async ({ offset, count }) =>
        stretchOf(
          await client.call(what, (api) =>
            api.lists.getListAbuseReportsWithHttpInfo(audience.id, {
              exclude_fields: ["_links", "abuse_reports._links"],
              count,
              offset,
            }),
          ),
          "abuse_reports",
          what,
        ),
    },
    from,
  );
  for await (const { rows, raw, position, declared, last } of pages) {
    const records: ApiRecord[] = [];
    const rejections = [];
    for (const [index, row] of rows.entries()) {
      if (!isEntry(row)) {
        rejections.push(rejected(row, index + 1, "The entry is no object."));
        continue;
      }
      records.push({
        key: `abuse/${audience.id}/${keyOf(row)}`,
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
    yield { records, rejections, raw, checkpoint: position, declared, last };
  }
}
