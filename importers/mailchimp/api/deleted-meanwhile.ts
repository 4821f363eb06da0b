import type { RejectedRow } from "../../../contract/source.ts";
import type { ApiPage } from "../../api-importer.ts";
import { readAudiences } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import { rejected } from "./member-record.ts";
import type { MailchimpStream } from "./plan.ts";
import { isNotFound } from "./refusal.ts";

/**
 * Ends a stream whose audience was deleted before it was read to its end, so that the export does not ask for it for
 * ever. What was read of it stays; that the rest may hold opt-outs is a rejected row, which locks the gate until the
 * operator accounts for it.
 * @throws Failure as the pages do, where the audience is still there
 */
export async function* endWhereDeleted(
  client: MailchimpClient,
  { title, carriesSuppressions, scope }: MailchimpStream,
  pages: AsyncIterable<ApiPage>,
): AsyncGenerator<ApiPage> {
  try {
    yield* pages;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const audiences = await readAudiences(client);
    if (audiences.some(({ id }) => id === scope.listId)) throw error;
    yield {
      records: [],
      rejections: carriesSuppressions
        ? [{ ...lost(title, "Its audience was deleted before it was read to its end"), lasting: true }]
        : [],
      raw: "",
      checkpoint: null,
      declared: null,
      last: true,
      note: `The audience “${scope.audience}” was deleted while it was exported. What was read of it stays; the rest cannot be read any more.`,
    };
  }
}

/** What Mailchimp will never hand out, as a row that the operator must account for. */
export function lost(what: string, why: string): RejectedRow {
  return rejected(what, 1, `${why}, so opt-outs in it may be missing.`);
}
