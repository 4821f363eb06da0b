import type { HttpInfo, MailchimpMarketing } from "@mailchimp/mailchimp_marketing";
import { stretchOf } from "./answer-shape.ts";
import type { MailchimpClient } from "./client.ts";
import type { PagedList } from "./pages.ts";

interface PlainList {
  /** In words: `the merge fields of “News”`. */
  what: string;
  /** The name under which an answer holds the rows. */
  rows: string;
  keyOf(row: unknown): string;
  ask(api: MailchimpMarketing, page: { count: number; offset: number }): Promise<HttpInfo>;
}

/** A list that no time cuts: it comes by offset alone. */
export function plainList(client: MailchimpClient, { what, rows, keyOf, ask }: PlainList): PagedList {
  return {
    what,
    pageSize: client.pageSize,
    since: null,
    keyOf,
    fetch: async ({ offset, count }) =>
      stretchOf(await client.call(what, (api) => ask(api, { count, offset })), rows, what),
  };
}
