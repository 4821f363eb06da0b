import type { ApiPage, Checkpoint } from "../../api-importer.ts";
import type { MailchimpStream } from "./plan.ts";

/** So many streams behind the one that is read are on their way: each keeps one page. */
const mostAhead = 3;
/** Streams that may be read in any order among themselves. What changed is read when all members were. */
const groups = ["members/", "changed/", "abuse/"];

export interface StreamsAhead {
  /** To be called with the streams of each new plan. */
  planned(streams: readonly MailchimpStream[]): void;
  read(stream: MailchimpStream, from: Checkpoint | null): AsyncIterable<ApiPage>;
}

/**
 * Most streams are one page: rare statuses, small audiences, a day's changes. Read one after the other they would use
 * one connection of many, so the first pages of the next streams are asked for while one is read.
 */
export function createStreamsAhead(
  open: (stream: MailchimpStream, from: Checkpoint | null) => AsyncGenerator<ApiPage>,
): StreamsAhead {
  let plan: readonly MailchimpStream[] = [];
  /** By id. */
  const begun = new Map<string, AsyncIterable<ApiPage>>();

  function begin(stream: MailchimpStream): AsyncIterable<ApiPage> {
    const pages = open(stream, null);
    const first = pages.next();
    // It may be dropped before anybody waits for it.
    first.catch(() => {});
    return (async function* () {
      for (let step = await first; !step.done; step = await pages.next()) yield step.value;
    })();
  }

  return {
    planned(streams) {
      plan = streams;
      begun.clear();
    },
    read(stream, from) {
      const pages = (from === null ? begun.get(stream.id) : undefined) ?? open(stream, from);
      begun.delete(stream.id);
      const group = groups.find((prefix) => stream.id.startsWith(prefix));
      const place = plan.findIndex(({ id }) => id === stream.id);
      const next = place === -1 ? [] : plan.slice(place + 1, place + 1 + mostAhead);
      for (const other of next)
        if (group && other.id.startsWith(group) && !begun.has(other.id)) begun.set(other.id, begin(other));
      return pages;
    },
  };
}
