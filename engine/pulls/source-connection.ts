import { badInput } from "../../contract/failure.ts";
import type { SourceConnection } from "../../contract/pulls.ts";
import type { SourceName } from "../../contract/source.ts";
import type { ApiExport, ApiImporter, UserIdCandidate } from "../../importers/api-importer.ts";
import { apiImporters } from "../../importers/registry.ts";
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
  const importer = apiImporters.find((each) => each.source === source);
  if (importer) return importer;
  throw badInput(
    "SOURCE_WITHOUT_API",
    `There is no API to export ${source} over.`,
    `Import its files instead. Sources with an API: ${apiImporters.map((each) => each.source).join(", ")}.`,
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

/** In the order in which they count where there are several (interfaces §4). */
const standardNames = ["userid", "externalid", "customerid"];
/** Of the filled values; fewer different ones than this name no persons. */
const leastShareOfDistinctValues = 0.5;

/**
 * The field that is a user_id by its very name (interfaces §4), filled and telling people apart; null where there is
 * none, and then nobody but the operator can say.
 */
export function standardField(candidates: readonly UserIdCandidate[]): string | null {
  for (const name of standardNames) {
    const field = candidates.find(
      (candidate) => nameOf(candidate.field) === name && candidate.field.split(".")[0] !== "properties",
    );
    if (field && field.filled > 0 && field.distinct >= field.filled * leastShareOfDistinctValues)
      return field.field;
  }
  return null;
}

function nameOf(field: string): string {
  return field
    .slice(field.indexOf(".") + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

/**
 * The user_id of a source that is pulled for the first time and about which the operator said nothing.
 * @throws Failure `bad_input` where fields could hold it and none does so by its name
 */
export function userIdByName({ source, candidates, suggestion }: SourceConnection): string | null {
  const filled = candidates.filter((candidate) => candidate.filled > 0);
  if (suggestion !== null || filled.length === 0) return suggestion;
  const offered = filled
    .slice(0, 5)
    .map(
      ({ field, sampled, filled: values, distinct }) =>
        `${field} (filled ${values} of ${sampled}, ${distinct} different)`,
    );
  throw badInput(
    "USER_ID_UNCONFIRMED",
    `Which field of ${source} holds the user_id is not known. It could be: ${offered.join("; ")}.`,
    "Choose one with --user-id FIELD, or --user-id none to know people by their address alone; in the window choose it under Sources.",
  );
}
