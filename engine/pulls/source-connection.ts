import { badInput } from "../../contract/failure.ts";
import type { SourceConnection } from "../../contract/pulls.ts";
import type { SourceName } from "../../contract/source.ts";
import type { ApiExport, ApiImporter, UserIdCandidate } from "../../importers/api-importer.ts";
import { importers } from "../../importers/registry.ts";
import type { EngineHost } from "../workspace/workspace.ts";

/** Where and how a source is asked. */
export interface SourceAccess {
  source: SourceName;
  /** A simulator on loopback; null for the vendor's own hosts. */
  endpoint: string | null;
  userIdField: string | null;
}

/** @throws Failure `bad_input` where a source has no API, as CSV files have none */
export function apiImporterOf(source: SourceName): ApiImporter {
  const { api } = importers[source];
  if (api) return api;
  const others = Object.values(importers).flatMap((each) => each.api?.source ?? []);
  throw badInput(
    "SOURCE_WITHOUT_API",
    `There is no API to export ${source} over.`,
    `Import its files instead. Sources with an API: ${others.join(", ")}.`,
  );
}

/** @throws Failure `bad_input` where the source has no API or its key is not at hand */
export async function openExport(
  host: EngineHost,
  { source, endpoint, userIdField }: SourceAccess,
  signal: AbortSignal,
): Promise<ApiExport> {
  const importer = apiImporterOf(source);
  const key = await host.sourceKey(source);
  if (!key) {
    throw badInput(
      "NO_SOURCE_KEY",
      `The API key of ${source} is not at hand.`,
      `In the window enter it under Sources; for the command line set ${source.toUpperCase()}_API_KEY.`,
    );
  }
  return importer.connect({
    key,
    userIdField,
    signal,
    ...(endpoint !== null && { endpoint }),
    ...(endpoint !== null &&
      host.practiceMinuteMs !== undefined && { practiceMinuteMs: host.practiceMinuteMs }),
  });
}

/** Checks a source's key and says what could be the user_id, for the operator to confirm. */
export async function connectSource(
  host: EngineHost,
  source: SourceName,
  endpoint: string | null,
  signal: AbortSignal,
): Promise<SourceConnection> {
  const api = await openExport(host, { source, endpoint, userIdField: null }, signal);
  const { account } = await api.probe();
  const candidates = await api.userIdCandidates();
  return {
    source,
    account,
    capabilities: apiImporterOf(source).capabilities,
    candidates,
    suggestion: standardField(candidates),
  };
}

/** Of the filled values; fewer different ones than this name no persons. */
const leastShareOfDistinctValues = 0.5;

/** The field that is a user_id by its very name, filled and telling people apart; null where there is none. */
export function standardField(candidates: readonly UserIdCandidate[]): string | null {
  const field = candidates.find(
    ({ named, filled, distinct }) => named && filled > 0 && distinct >= filled * leastShareOfDistinctValues,
  );
  return field?.field ?? null;
}

/** @param candidates of `otherCandidates` */
export function unconfirmedWords(source: SourceName, candidates: string): string {
  return `No field of ${source} is the user_id by its name, so its people are known by their address alone; it could be ${candidates}.`;
}

/** Fields that only the operator can judge, in words; null where there are none. */
export function otherCandidates({ candidates, suggestion }: SourceConnection): string | null {
  const filled = candidates.filter((candidate) => candidate.filled > 0);
  if (suggestion !== null || filled.length === 0) return null;
  return filled
    .slice(0, 5)
    .map(
      ({ field, sampled, filled: values, distinct }) =>
        `${field} (filled ${values} of ${sampled}, ${distinct} different)`,
    )
    .join("; ");
}
