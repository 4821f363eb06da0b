import type { ConsentState } from "../../contract/consent.ts";
import type { Channels } from "./channels.ts";
import { type IdList, unreadable } from "./id-list.ts";

/**
 * What a user row says (merge-rules §5). Such rows have no times.
 * @param channels null where they are unknown, as in files
 */
export function userStates(
  channelIds: IdList,
  messageTypeIds: IdList,
  channels: Channels | null,
): ConsentState[] {
  const left = leftChannels(channelIds, channels);
  const all = messageTypeIds === unreadable ? "assumed" : left.all;
  const states: ConsentState[] = [
    ...(all ? [everything(all)] : []),
    ...left.topics.map(topic),
    ...messageTypeTopics(messageTypeIds).map(topic),
  ];
  return states.length > 0 ? states : [{ level: "implied", at: null }];
}

/**
 * What an unsubscribe event says, where neither a bounce nor a complaint made it (merge-rules §5,
 * reference/iterable.md §6.2): the scope is whichever list of ids is not empty, and a row that names nothing may
 * mean everything.
 */
export function unsubscribeStates(
  ids: { channels: IdList; messageTypes: IdList; lists: IdList },
  at: number | null,
  channels: Channels | null,
): ConsentState[] {
  const history = (state: ConsentState): ConsentState => ({ ...state, at, history: true });
  const left = leftChannels(ids.channels, channels);
  const all = ids.messageTypes === unreadable ? "assumed" : left.all;
  if (all) return [everything(all), ...left.topics.map(topic)].map(history);
  const topics = [...left.topics, ...messageTypeTopics(ids.messageTypes)];
  if (topics.length > 0) return topics.map(topic).map(history);
  return ids.channels.length > 0 || ids.lists.length > 0 ? [] : [history(everything("assumed"))];
}

/**
 * Which e-mail channels were left: all that marketing uses, or some of them as topics. Channels of other media
 * do not count. Where it cannot be told how many there are, any of them may be all.
 */
function leftChannels(
  ids: IdList,
  channels: Channels | null,
): { all: "known" | "assumed" | null; topics: string[] } {
  if (ids === unreadable) return { all: "assumed", topics: [] };
  const left = ids.filter((id) => channels?.kinds.get(id) !== "other");
  if (left.length === 0) return { all: null, topics: [] };
  if (channels === null || channels.emailMarketing.length === 0) return { all: "assumed", topics: [] };
  const all = channels.emailMarketing.every((id) => left.includes(id));
  return {
    all: all ? "known" : null,
    topics: left
      .filter((id) => !(all && channels.kinds.get(id) === "email_marketing"))
      .map((id) => `channel:${id}`),
  };
}

function messageTypeTopics(ids: IdList): string[] {
  return ids === unreadable ? [] : ids.map((id) => `message_type:${id}`);
}

function everything(known: "known" | "assumed"): ConsentState {
  return { level: "unsubscribed_all", at: null, ...(known === "assumed" ? { assumed: true as const } : {}) };
}

function topic(name: string): ConsentState {
  return { level: "unsubscribed_topic", at: null, topic: name };
}
