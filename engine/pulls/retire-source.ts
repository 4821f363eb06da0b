import { badInput } from "../../contract/failure.ts";
import type { SourceName } from "../../contract/source.ts";
import { now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { apiSource } from "./api-sources.ts";
import { pullTimes } from "./pulled-sources.ts";
import { unfinishedPull } from "./unfinished-pull.ts";

/**
 * The operator's word that the old tool sends no more and takes no opt-outs: it is not asked any longer, and its age
 * locks nothing. What it said stays.
 * @throws Failure `bad_input` where the source was never read to its end, since its opt-outs would be missing
 */
export async function retireSource(project: Project, source: SourceName, reason: string): Promise<void> {
  const { store } = project;
  if (!(await apiSource(store, source))) {
    throw badInput(
      "SOURCE_NOT_PULLED",
      `${source} is not pulled over its API.`,
      "There is nothing to retire.",
    );
  }
  const { full_pulled_at } = await pullTimes(store, source);
  if (full_pulled_at === null || (await unfinishedPull(store, source))) {
    throw badInput(
      "SOURCE_INCOMPLETE",
      `${source} was not read to its end, so its opt-outs are not all known.`,
      "Pull it to its end first, then retire it.",
    );
  }
  // On record before it counts: a word that is on no record looks like an edit by hand.
  await project.journal.append("source_retired", { source });
  await store.run("UPDATE api_source SET retired_at = $at, retired_reason = $reason WHERE source = $source", {
    at: now(),
    reason,
    source,
  });
}
