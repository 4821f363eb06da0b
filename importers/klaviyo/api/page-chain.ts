import { Failure } from "../../../contract/failure.ts";
import type { Endpoint, KlaviyoClient } from "./client.ts";
import { isObject, type JsonObject } from "./json.ts";
import type { KlaviyoApis } from "./transport.ts";
import { requestRefused, revisionGone, Trouble, tooLarge } from "./trouble.ts";

/** How the pages of one sequence are asked for, by the vendor's client. */
export interface Sequence {
  endpoint: Endpoint;
  /** The largest that the vendor allows. */
  pageSize: number;
  ask(
    apis: KlaviyoApis,
    page: { pageSize: number; pageCursor?: string },
  ): ReturnType<Parameters<KlaviyoClient["get"]>[1]>;
}

export interface ChainPage {
  entries: unknown[];
  text: string;
  /** Null only where the vendor says that this is the last page. */
  next: string | null;
  /** True on the first page after the vendor refused a cursor: the sequence began again. */
  restarted: boolean;
}

/** A cursor that is refused this often is not worth another try. */
const mostRestarts = 3;

/**
 * Follows the pages from a cursor, or from the beginning, to the one that has no next. How long cursors live is
 * not documented: where one is refused the sequence begins again, so that nothing is left out.
 * @throws Failure `failed` where a page cannot be had; `bad_input` where the key is refused
 */
export async function* pageChain(
  client: KlaviyoClient,
  sequence: Sequence,
  from: string | null,
): AsyncGenerator<ChainPage> {
  const seen = new Set<string>();
  let cursor = from;
  let size = sequence.pageSize;
  let restarts = 0;
  let restarted = false;
  for (;;) {
    let page: Omit<ChainPage, "restarted">;
    try {
      page = await pageAt(client, { ...sequence, pageSize: size }, cursor, seen);
    } catch (error) {
      if (cursor === null || !isRefusal(error) || restarts === mostRestarts) throw error;
      restarts += 1;
      restarted = true;
      cursor = null;
      seen.clear();
      continue;
    }
    yield { ...page, restarted };
    if (page.next === null) return;
    restarted = false;
    size = sizeAfter(page, sequence.pageSize, client.largestAnswer);
    cursor = page.next;
    seen.add(cursor);
  }
}

/** One page, in smaller pieces where it is too large to hold. */
async function pageAt(
  client: KlaviyoClient,
  { endpoint, pageSize, ask }: Sequence,
  cursor: string | null,
  seen: ReadonlySet<string>,
): Promise<Omit<ChainPage, "restarted">> {
  for (let size = pageSize; ; size = Math.ceil(size / 10)) {
    try {
      const page = { pageSize: size, ...(cursor === null ? {} : { pageCursor: cursor }) };
      return await client.get(
        endpoint,
        (apis) => ask(apis, page),
        (body, text) => {
          if (!Array.isArray(body.data)) throw unreadable("it has no list of data");
          const next = nextCursor(body);
          if (next !== null && (next === cursor || seen.has(next)))
            throw unreadable("its pages go in a circle");
          return { entries: body.data as unknown[], text, next };
        },
      );
    } catch (error) {
      if (size === 1 || !(error instanceof Failure) || error.code !== tooLarge) throw error;
    }
  }
}

/** Entries of this size fill half of the largest answer: large ones come together, and pages are seldom asked for twice. */
function sizeAfter(
  { entries, text }: { entries: unknown[]; text: string },
  most: number,
  largestAnswer: number,
) {
  const fitting = Math.floor((largestAnswer / 2) * (entries.length / text.length));
  return entries.length === 0 ? most : Math.min(most, Math.max(1, fitting));
}

/**
 * The cursor in `links.next`, whose host is never followed; null where the links say that there is no next page.
 * @throws Trouble where there are no links, which proves nothing
 */
function nextCursor(body: JsonObject): string | null {
  if (!isObject(body.links))
    throw unreadable("it has no links, so it does not say whether more pages follow");
  const { next } = body.links;
  if (next === null || next === undefined) return null;
  const query = typeof next === "string" ? next.slice(next.indexOf("?") + 1) : "";
  const cursor = new URLSearchParams(query).get("page[cursor]");
  if (cursor === null || cursor === "") throw unreadable("its link to the next page has no cursor");
  return cursor;
}

function isRefusal(error: unknown): boolean {
  return error instanceof Failure && (error.code === requestRefused || error.code === revisionGone);
}

function unreadable(why: string): Trouble {
  return new Trouble("UNREADABLE", `the answer is not as documented, ${why}`);
}
