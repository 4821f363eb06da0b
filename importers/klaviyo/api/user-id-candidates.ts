import type { UserIdCandidate } from "../../api-importer.ts";
import { headerKey, userIdHeaderKeys } from "../../headers.ts";
import type { KlaviyoClient } from "./client.ts";
import { isObject, type JsonObject } from "./json.ts";
import { pageChain } from "./page-chain.ts";
import { propertyField, userIdOf } from "./profile.ts";

/** Pages of 100 from each end of the account's life: the oldest profiles and the newest. */
const pagesFromEachEnd = 3;
/** A property under another name may still be an identifier where nearly every value is its own. */
const distinctEnough = 0.9;

/** The external id, and the custom properties that are called or behave like an identifier; the best first. */
export async function findUserIdCandidates(client: KlaviyoClient): Promise<UserIdCandidate[]> {
  const sample = [...(await sampleProfiles(client)).values()];
  const names = new Set(
    sample.flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : [])),
  );
  const properties = [...names]
    .map((name) => count(propertyField(name), sample, { property: name }))
    .filter(
      ({ field, filled, distinct }) =>
        filled > 0 &&
        (rank(field) < userIdHeaderKeys.length || (filled > 1 && distinct >= distinctEnough * filled)),
    );
  return [count("external_id", sample, "external_id"), ...properties].sort(
    (one, other) =>
      Number(other.filled > 0) - Number(one.filled > 0) ||
      rank(one.field) - rank(other.field) ||
      other.distinct - one.distinct ||
      (one.field < other.field ? -1 : 1),
  );
}

/** Attributes by profile id. */
async function sampleProfiles(client: KlaviyoClient): Promise<Map<string, JsonObject>> {
  const sample = new Map<string, JsonObject>();
  for (const sort of ["-created", "created"] as const) {
    let pages = 0;
    const chain = pageChain(
      client,
      {
        endpoint: "profiles",
        pageSize: 100,
        ask: ({ profiles }, page) =>
          profiles.getProfiles({ ...page, fieldsProfile: ["external_id", "properties"], sort }),
      },
      null,
    );
    for await (const { entries } of chain) {
      for (const entry of entries) {
        if (isObject(entry) && isObject(entry.attributes)) sample.set(String(entry.id), entry.attributes);
      }
      pages += 1;
      if (pages === pagesFromEachEnd) break;
    }
  }
  return sample;
}

function count(field: string, sample: JsonObject[], place: Parameters<typeof userIdOf>[1]): UserIdCandidate {
  const values = sample
    .map((attributes) => userIdOf(attributes, place)?.trim() ?? "")
    .filter((value) => value !== "");
  const distinct = new Set(values);
  const examples = [...distinct].slice(0, 3).map((value) => value.slice(0, 80));
  return {
    field,
    named: field === "external_id",
    sampled: sample.length,
    filled: values.length,
    distinct: distinct.size,
    examples,
  };
}

/** The place of the field's name among the names that identifiers have; behind all of them for another name. */
function rank(field: string): number {
  const place = userIdHeaderKeys.indexOf(headerKey(field.replace(/^properties\./, "")));
  return place === -1 ? userIdHeaderKeys.length : place;
}
