import { type AppReader, listIn, refused } from "./app-answers.ts";
import { isObject } from "./json.ts";

/** A segment that a campaign is built on. */
export interface CampaignSegment {
  id: number;
  name: string;
  /** A manual segment is filled by hand or by API only: an import does not move people into it. */
  manual: boolean;
  /** Campaigns that run, or whose state the vendor does not tell; without a name where it tells none. */
  campaigns: { id: number; name: string | null }[];
}

/**
 * Segments that running campaigns are built on (reference/customerio.md §2.4). Where the vendor's list of campaigns
 * says by which segments each is triggered, only those count; else every campaign that uses the segment does, as a
 * trigger or as a filter. The shape of `used_by` is UNCONFIRMED: a list of numbers or of objects is read, at the top or
 * under `used_by`.
 */
export async function campaignSegments(reader: AppReader): Promise<CampaignSegment[]> {
  const segments = listIn(await reader.read("GET", "/v1/segments"), "segments", "GET", "/v1/segments");
  if (segments.length === 0) return [];
  const campaigns = await knownCampaigns(reader);
  const found = await Promise.all(
    segments.filter(isObject).map(async (segment): Promise<CampaignSegment> => {
      const id = Number(segment.id);
      const named = [...campaigns]
        .filter(([, { triggers }]) => triggers?.has(id))
        .map(([campaign]) => campaign);
      const users = [...new Set([...named, ...(await usersOf(reader, id))])].filter((campaign) => {
        const known = campaigns.get(campaign);
        return known === undefined || (known.mayRun && (known.triggers === null || known.triggers.has(id)));
      });
      return {
        id,
        name: String(segment.name ?? id),
        manual: segment.type === "manual",
        campaigns: users.map((campaign) => ({ id: campaign, name: campaigns.get(campaign)?.name ?? null })),
      };
    }),
  );
  return found.filter((segment) => segment.campaigns.length > 0);
}

interface KnownCampaign {
  name: string | null;
  /** False only where the vendor says that it does not run. */
  mayRun: boolean;
  /** Null where the vendor does not say. */
  triggers: Set<number> | null;
}

async function knownCampaigns(reader: AppReader): Promise<Map<number, KnownCampaign>> {
  const template = "/v1/campaigns";
  const known = new Map<number, KnownCampaign>();
  for (const entry of listIn(await reader.read("GET", template), "campaigns", "GET", template)) {
    if (!isObject(entry)) continue;
    const triggers = entry.trigger_segment_ids;
    const stopped = entry.active === false || entry.state === "draft" || entry.state === "stopped";
    known.set(Number(entry.id), {
      name: typeof entry.name === "string" ? entry.name : null,
      mayRun: !stopped,
      triggers: Array.isArray(triggers) ? new Set(triggers.map(Number)) : null,
    });
  }
  return known;
}

/** Numbers of the campaigns that use the segment. */
async function usersOf(reader: AppReader, segment: number): Promise<number[]> {
  const template = "/v1/segments/{segment_id}/used_by";
  const { status, body } = await reader.ask("GET", template, { segment_id: String(segment) });
  // Gone since it was listed.
  if (status === 404) return [];
  if (status >= 400) throw refused("GET", template, status, body);
  const uses = isObject(body) && isObject(body.used_by) ? body.used_by : body;
  const campaigns = isObject(uses) && Array.isArray(uses.campaigns) ? uses.campaigns : [];
  return campaigns
    .map((campaign) => Number(isObject(campaign) ? campaign.id : campaign))
    .filter((id) => Number.isInteger(id));
}
