import { Failure, failed } from "../../../contract/failure.ts";
import type { Connection } from "./connection.ts";
import type { Profiles } from "./profiles.ts";
import type { ProjectMode } from "./project.ts";
import { type Identity, identityOf, isAddress } from "./records.ts";
import { Trouble, troubleFailure } from "./trouble.ts";

/** A line of a list, and who it is. */
export interface ListMember {
  printed: string;
  identity: Identity;
}

const template = "/api/lists/getUsers";
const pageSize = 1_000;
const mostBreaks = 6;

/**
 * All members of a list by pages; the first comes when the whole list is here, so the last one is proof.
 *
 * A line is an address or a userId. Projects with one kind of identifier print that one. Hybrid ones print
 * addresses or, when asked, userIds, and of somebody who has but one of them that one: the list is read both
 * ways, and a line that stands in both and could be either is looked up (reference/iterable.md §7).
 */
export async function* readMembers(
  connection: Connection,
  profiles: Profiles,
  mode: ProjectMode,
  listId: string,
  userIdField: string | null,
): AsyncGenerator<{ members: ListMember[]; last: boolean }> {
  const preferringUserIds = new Set(mode === "hybrid" ? await readLines(connection, listId, true) : []);
  const lines = new Set(await readLines(connection, listId, false));
  const preferringEmails = new Set(lines);
  for (const line of preferringUserIds) lines.add(line);

  const isUserId = async (line: string): Promise<boolean> => {
    if (mode !== "hybrid") return mode === "userID";
    if (!preferringEmails.has(line)) return true;
    if (!preferringUserIds.has(line)) return false;
    return !line.includes("@") || (await profiles.byUserId(line)) !== null;
  };
  const identify = async (printed: string): Promise<ListMember> => {
    if (await isUserId(printed)) {
      const user = userIdField === "userId" ? null : await profiles.byUserId(printed);
      return { printed, identity: identityOf(user ?? { userId: printed }, userIdField) };
    }
    // Nobody is ever mailed there: what counts is whom the address stands for.
    const user = isAddress(printed) ? null : await profiles.byEmail(printed);
    return { printed, identity: identityOf(user ?? { email: printed }, userIdField) };
  };

  const all = [...lines];
  for (let start = 0; start === 0 || start < all.length; start += pageSize) {
    const end = start + pageSize;
    yield { members: await Promise.all(all.slice(start, end).map(identify)), last: end >= all.length };
  }
}

/** @throws Failure `failed` where the list is gone, or does not come through */
async function readLines(connection: Connection, listId: string, preferUserId: boolean): Promise<string[]> {
  for (let breaks = 1; ; breaks += 1) {
    try {
      const { pieces } = await connection.stream({
        budget: "list_members",
        method: "GET",
        template,
        query: { listId, ...(preferUserId ? { preferUserId: "true" } : {}) },
      });
      const chunks: Buffer[] = [];
      for await (const piece of pieces) chunks.push(piece);
      const text = Buffer.concat(chunks).toString("utf8");
      // A call for text may answer an error in JSON all the same (reference/iterable.md §2).
      if (/^\s*\{.*"code"\s*:/s.test(text)) throw new Trouble("UNREADABLE", "an error in place of the list");
      return text.split(/[\r\n]+/).flatMap((line) => line.trim() || []);
    } catch (error) {
      if (error instanceof Failure && error.code === "ITERABLE_REFUSED")
        throw failed(
          "ITERABLE_LIST_GONE",
          `Iterable does not give the members of the suppression list ${listId} any more.`,
          "Check in Iterable that the list still exists, and pull again.",
          error,
        );
      if (!(error instanceof Trouble)) throw error;
      connection.signal.throwIfAborted();
      if (breaks === mostBreaks) throw troubleFailure(`GET ${template}`, error);
      await connection.backOff(breaks);
    }
  }
}
