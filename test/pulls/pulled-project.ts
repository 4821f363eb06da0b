import { onTestFinished } from "vitest";
import type { PullReport, PullRequest } from "../../contract/pulls.ts";
import type { SourceName } from "../../contract/source.ts";
import { ActivityDesk } from "../../engine/activity/activity.ts";
import type { Project } from "../../engine/project/project.ts";
import { pull } from "../../engine/pulls/pull.ts";
import { type TemporaryProject, temporaryProject } from "../../engine/testing/temporary-project.ts";
import type { EngineHost } from "../../engine/workspace/workspace.ts";
import { type PracticeVendors, startPracticeVendors } from "../../simulators/practice-vendors.ts";

export type Tool = "mailchimp" | "klaviyo" | "iterable";
export const tools: readonly Tool[] = ["mailchimp", "klaviyo", "iterable"];
const minuteMs = 500;

/** How a test pulls from the simulators into one project. */
interface Pulling {
  host: EngineHost;
  desk: ActivityDesk;
  pull(source: SourceName, more?: Partial<PullRequest>): Promise<PullReport>;
}

/** A project whose sources are simulators on loopback. */
export interface PulledProject extends TemporaryProject, Pulling {
  vendors: PracticeVendors;
}

export async function pulledProject(people = 120): Promise<PulledProject> {
  const temporary = await temporaryProject();
  const vendors = await startPracticeVendors({
    people,
    seed: 3,
    pace: { appRequestsPerSecond: 200, minuteMs },
  });
  onTestFinished(() => vendors.close());
  return { ...temporary, vendors, ...pulling(temporary.project, vendors) };
}

export function pulling(project: Project, vendors: PracticeVendors): Pulling {
  const host: EngineHost = {
    name: "test",
    credentials: async () => vendors.customerio.keys,
    sourceKey: async (source) => (source === "csv" ? null : vendors[source].key),
    practiceAppRequestsPerSecond: 200,
    practiceMinuteMs: minuteMs,
  };
  const desk = new ActivityDesk();
  return {
    host,
    desk,
    pull: (source, more = {}) =>
      desk.run("pull", (progress) =>
        pull(
          project,
          host,
          { source, endpoint: source === "csv" ? undefined : vendors[source].url, ...more },
          progress,
        ),
      ),
  };
}

/** Everything that counts of a source, by key: who, what was said, attributes. Line and record numbers left out. */
export async function standing({ project }: TemporaryProject, source: SourceName) {
  return project.store.rows(
    `SELECT r.record_id, r.user_id, r.email_cell, r.is_event, r.updated_at, r.attributes,
       (SELECT list_sort(list({'level': s.level, 'topic': s.topic, 'at': s.stated_at}))
        FROM source_state s WHERE s.record = r.record)::VARCHAR AS states
     FROM live_record r WHERE r.source = $source ORDER BY ALL`,
    { source },
  );
}
