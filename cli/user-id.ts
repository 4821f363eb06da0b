import type { SourceConnection } from "../contract/pulls.ts";
import type { SourceName } from "../contract/source.ts";
import { ask } from "./confirm.ts";
import { number } from "./output.ts";
import type { EngineClient } from "./session.ts";

/** What could be the user_id of a source, with what speaks for and against each field; a star marks what its name says. */
export function candidateWords({ source, account, candidates, suggestion }: SourceConnection): string {
  if (candidates.length === 0) return `${source}, ${account}: no field of the sample looks like a user_id.`;
  return [
    `${source}, ${account}: what could be the user_id, counted over a sample.`,
    ...candidates.map(({ field, sampled, filled, distinct, examples }) => {
      const mark = field === suggestion ? "*" : " ";
      return `${mark} ${field}: filled ${number(filled)} of ${number(sampled)}, ${number(distinct)} different; ${examples.length > 0 ? `e.g. ${examples.join(", ")}` : "no example"}`;
    }),
    suggestion === null
      ? "None of them is the user_id by its name: say which one is, or none (--user-id)."
      : `${suggestion} is the user_id by its name.`,
  ].join("\n");
}

/**
 * At a terminal, before the first pull of a source, the operator confirms which field holds the user_id. Elsewhere
 * nobody can be asked: what stands by its name is taken and told, anything else locks the gate.
 * @returns null where people have none; undefined where the choice that stands is not touched
 */
export async function confirmUserId(
  client: EngineClient,
  source: SourceName,
  endpoint: string | undefined,
): Promise<string | null | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const pulled = await client.sources.pulled();
  if (pulled.some((each) => each.source === source)) return undefined;
  const connection = await client.sources.connect({ source, ...(endpoint !== undefined && { endpoint }) });
  process.stderr.write(`${candidateWords(connection)}\n`);
  const usual = connection.suggestion ?? "none";
  for (;;) {
    const typed =
      (await ask(`Which field holds the user_id, or none? Enter for ${usual}: `))?.trim() || usual;
    if (typed === "none") return null;
    if (connection.candidates.some(({ field }) => field === typed)) return typed;
    process.stderr.write(`${typed} is none of these fields.\n`);
  }
}
