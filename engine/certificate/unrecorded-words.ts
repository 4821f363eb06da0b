import type { JournalLine } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";

interface Word {
  [key: string]: string | number;
  workspace: number;
  kind: string;
  name: string;
}

/**
 * The operator's words that open something and that no line of the journal tells of, and sends that the journal tells of
 * and that are gone: both were edited by hand. A word is on record before it counts, a send counts before it is on record,
 * so that no kill looks like an edit.
 */
export async function unrecordedWords(lines: readonly JournalLine[], store: Store): Promise<string[]> {
  const words = await store.rows<Word>(`
    SELECT DISTINCT workspace_id AS workspace, 'accepted' AS kind, leak_id AS name FROM leak_acceptance
    UNION
    SELECT workspace_id, 'accepted', 'send:' || kind || ':' || number FROM sending WHERE acknowledged_at IS NOT NULL
    UNION
    SELECT 0, 'retired', source FROM api_source WHERE retired_at IS NOT NULL`);
  const sends = await store.rows<Word>(
    "SELECT DISTINCT workspace_id AS workspace, 'sent' AS kind, kind || ':' || number AS name FROM sending",
  );
  const told = new Set<string>();
  const begun = new Set<string>();
  for (const { event, data } of lines) {
    if (event === "leak_accepted") told.add(`${data.workspace} accepted ${data.leak}`);
    if (event === "source_retired") told.add(`0 retired ${data.source}`);
    if (event === "send_intended") begun.add(`${data.workspace} sent ${data.kind}:${data.number}`);
  }
  const nameOf = ({ workspace, kind, name }: Word) => `${workspace} ${kind} ${name}`;
  for (const send of sends) begun.delete(nameOf(send));
  return [
    ...words
      .filter((word) => !told.has(nameOf(word)))
      .map(({ kind, name }) => `That ${name} is ${kind} was written`),
    ...[...begun].map((name) => `The record of what was sent (${name.split(" ").at(-1)}) was taken out`),
  ];
}
