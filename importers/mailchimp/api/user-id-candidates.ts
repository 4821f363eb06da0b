import type { UserIdCandidate } from "../../api-importer.ts";
import { headerKey, standardAttributes } from "../../headers.ts";
import { isEntry, stretchOf } from "./answer-shape.ts";
import { type Audience, type MergeField, userIdRank } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import { memberKey, userIdOf } from "./member-record.ts";

/** The prefix of a merge field's tag in `ApiAccess.userIdField`. */
export const mergeFieldPrefix = "merge_fields.";

/**
 * The merge fields that may hold the user_id, counted over one page of members of every audience. Fields of a
 * standard attribute (a name, a telephone number) are none.
 */
export async function findUserIdCandidates(
  client: MailchimpClient,
  audiences: readonly { audience: Audience; fields: readonly MergeField[] }[],
): Promise<UserIdCandidate[]> {
  /** By tag, then by member: somebody in two audiences counts once. */
  const found = new Map<string, { rank: number; values: Map<string, string> }>();
  await Promise.all(
    audiences.map(async ({ audience, fields }) => {
      const possible = fields.filter(mayBeUserId);
      if (possible.length === 0) return;
      const members = await sample(client, audience);
      for (const field of possible) {
        const { rank, values } = found.get(field.tag) ?? {
          rank: userIdRank(field),
          values: new Map<string, string>(),
        };
        for (const member of members) {
          const key = memberKey(member);
          const mergeFields = isEntry(member) ? member.merge_fields : undefined;
          values.set(key, userIdOf(mergeFields, field.tag)?.trim() || (values.get(key) ?? ""));
        }
        found.set(field.tag, { rank: Math.min(rank, userIdRank(field)), values });
      }
    }),
  );
  return [...found]
    .map(([tag, { rank, values }]) => {
      const filled = [...values.values()].filter((value) => value !== "");
      const distinct = [...new Set(filled)];
      return {
        rank,
        candidate: {
          field: `${mergeFieldPrefix}${tag}`,
          named: rank !== Number.POSITIVE_INFINITY,
          sampled: values.size,
          filled: filled.length,
          distinct: distinct.length,
          examples: distinct.slice(0, 3),
        },
      };
    })
    .sort(
      (a, b) =>
        a.rank - b.rank || b.candidate.distinct - a.candidate.distinct || compare(a.candidate, b.candidate),
    )
    .map(({ candidate }) => candidate);
}

function mayBeUserId(field: MergeField): boolean {
  if (userIdRank(field) !== Number.POSITIVE_INFINITY) return true;
  const isStandard = [field.tag, field.name].some((text) => standardAttributes.has(headerKey(text)));
  return !isStandard && ["text", "number"].includes(field.type);
}

function compare(a: UserIdCandidate, b: UserIdCandidate): number {
  return a.field < b.field ? -1 : 1;
}

async function sample(client: MailchimpClient, audience: Audience): Promise<unknown[]> {
  const what = `a sample of the members of “${audience.name}”`;
  const answer = await client.call(what, (api) =>
    api.lists.getListMembersInfoWithHttpInfo(audience.id, {
      fields: ["members.id", "members.merge_fields", "total_items"],
      count: client.pageSize,
    }),
  );
  return stretchOf(answer, "members", what).rows;
}
