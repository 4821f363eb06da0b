import type { AppCall, AppRoute } from "./app-api.ts";
import { appError, type SimulatorResponse } from "./http.ts";
import { list } from "./paging.ts";

export interface SimulatedSegment {
  id: number;
  name: string;
  /** `dynamic` fills itself by conditions that the API does not tell. Default. */
  type?: "dynamic" | "manual";
}

/** How `used_by` answers: UNCONFIRMED. Under its own name or not, with numbers or with objects. */
export type UsedByShape = "wrapped" | "bare" | "objects";

/** What the App API says of segments (reference/customerio.md §2.4). */
export const segmentRoutes: AppRoute[] = [
  ["GET segments", listSegments],
  ["GET segments/*/used_by", usedBy],
];

function listSegments({ workspace, settings }: AppCall): SimulatorResponse {
  const segments = workspace.segments.map(({ id, name, type = "dynamic" }) => ({
    id,
    deduplicate_id: `${id}:0`,
    name,
    description: "",
    state: "finished",
    progress: null,
    type,
    tags: null,
    created_at: 0,
    updated_at: 0,
  }));
  return list("segments", segments, settings);
}

function usedBy({ workspace, values }: AppCall): SimulatorResponse {
  const segment = workspace.segments.find(({ id }) => String(id) === values[0]);
  if (!segment) return appError(404, "segment not found");
  const users = workspace.messaging.campaigns.filter(
    ({ trigger_segment_ids = [], filter_segment_ids = [] }) =>
      [...trigger_segment_ids, ...filter_segment_ids].includes(segment.id),
  );
  const campaigns = users.map(({ id, name }) => (workspace.usedByShape === "objects" ? { id, name } : id));
  const uses = { segment_id: segment.id, campaigns, draft_newsletters: [], sent_newsletters: [] };
  return { status: 200, body: workspace.usedByShape === "bare" ? uses : { used_by: uses } };
}
