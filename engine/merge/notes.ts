import type { Store } from "../store/store.ts";

/** What the merge kept as it is and the operator should know of; merge-rules ask for these flags (§2, §5). */
const flags: readonly { count: string; words: (count: string) => string }[] = [
  {
    count: "SELECT count(*) AS found FROM live_record WHERE hidden_characters",
    words: (count) =>
      `${count} addresses hold invisible characters. They are matched without them; look them over.`,
  },
  {
    count:
      "SELECT count(*) AS found FROM identifier WHERE regexp_full_match(user_id, '\\d([.,]\\d+)?[eE]\\+\\d+')",
    words: (count) =>
      `${count} user_ids look like 1.23E+12: a spreadsheet shortened them and their digits are lost. They are kept as they are; export those files again without a spreadsheet in between.`,
  },
  {
    count: "SELECT count(DISTINCT record) AS found FROM counting_state WHERE is_assumed",
    words: (count) =>
      `${count} records count as unsubscribed from everything, because their file does not say which channels are marketing e-mail.`,
  },
];

/** Notes in words, for the merge that stands; empty where there is nothing to tell. */
export async function mergeNotes(store: Store): Promise<string[]> {
  const notes: string[] = [];
  for (const { count, words } of flags) {
    const row = await store.row<{ found: number }>(count);
    if (row!.found > 0) notes.push(words(row!.found.toLocaleString("en")));
  }
  return notes;
}
