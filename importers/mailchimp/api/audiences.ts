import { headerKey, standardAttributes, userIdHeaderKeys } from "../../headers.ts";
import { type Entry, isEntry, textOf } from "./answer-shape.ts";
import type { MailchimpClient } from "./client.ts";
import { type PagedList, readPages } from "./pages.ts";
import { plainList } from "./plain-list.ts";

/** An audience, which the API calls a list. */
export interface Audience {
  id: string;
  name: string;
}

export interface MergeField {
  tag: string;
  name: string;
  type: string;
}

/** All audiences of the account, the oldest first. */
export async function readAudiences(client: MailchimpClient): Promise<Audience[]> {
  const rows = await readAll(
    plainList(client, {
      what: "the audiences",
      rows: "lists",
      keyOf: (row) => textOf(isEntry(row) ? row.id : row),
      ask: (api, page) =>
        api.lists.getAllListsWithHttpInfo({
          // Whole audiences make answers so long that they time out (reference/mailchimp.md §4).
          fields: ["lists.id", "lists.name", "total_items"],
          sort_field: "date_created",
          sort_dir: "ASC",
          ...page,
        }),
    }),
  );
  return rows.map((row) => ({ id: textOf(row.id), name: textOf(row.name) || textOf(row.id) }));
}

/** All merge fields of an audience. EMAIL is not among them. */
export async function readMergeFields(client: MailchimpClient, audience: Audience): Promise<MergeField[]> {
  const rows = await readAll(
    plainList(client, {
      what: `the merge fields of “${audience.name}”`,
      rows: "merge_fields",
      keyOf: (row) => textOf(isEntry(row) ? row.tag : row),
      ask: (api, page) =>
        api.lists.getListMergeFieldsWithHttpInfo(audience.id, {
          fields: ["merge_fields.tag", "merge_fields.name", "merge_fields.type", "total_items"],
          ...page,
        }),
    }),
  );
  return rows.map((row) => ({ tag: textOf(row.tag), name: textOf(row.name), type: textOf(row.type) }));
}

/**
 * The attribute of each merge field, by tag: the standard name where its display name or its tag has one
 * (interfaces §4), else the display name, which is also its column in an export file.
 */
export function attributeNames(fields: readonly MergeField[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { tag, name } of fields) {
    const standard = standardAttributes.get(headerKey(name)) ?? standardAttributes.get(headerKey(tag));
    const own = name === "" || taken.has(name) ? `mailchimp.${tag}` : name;
    names.set(tag, standard ?? own);
    taken.add(name);
  }
  return names;
}

/** How well a merge field's name speaks for a user_id: 0 for the best name, Infinity for none of them. */
export function userIdRank({ tag, name }: MergeField): number {
  const ranks = [tag, name].map((text) => userIdHeaderKeys.indexOf(headerKey(text)));
  return Math.min(...ranks.map((rank) => (rank === -1 ? Number.POSITIVE_INFINITY : rank)));
}

/** The whole of a short list, each entry once. */
export async function readAll(list: PagedList): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  for await (const { rows } of readPages(list, null))
    for (const row of rows) if (isEntry(row)) entries.set(list.keyOf(row), row);
  return [...entries.values()];
}
