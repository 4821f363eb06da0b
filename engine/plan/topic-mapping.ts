import type { SourceName } from "../../contract/source.ts";
import type { Project } from "../project/project.ts";

export interface TopicMapping {
  source: SourceName;
  topic: string;
  /** A Customer.io topic such as `topic_4`; null takes the mapping back. */
  destination: string | null;
}

/** Puts on record which Customer.io topic a source's topic is. */
export async function saveTopicMapping(
  project: Project,
  { source, topic, destination }: TopicMapping,
): Promise<void> {
  if (destination === null) {
    await project.store.run("DELETE FROM topic_mapping WHERE source = $source AND topic = $topic", {
      source,
      topic,
    });
  } else {
    await project.store.run("INSERT OR REPLACE INTO topic_mapping VALUES ($source, $topic, $destination)", {
      source,
      topic,
      destination,
    });
  }
  await project.journal.append("topic_mapped", { source, destination });
}
