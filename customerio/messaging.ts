import { type AppReader, listIn, unexpected } from "./app-answers.ts";
import { isObject, textOrNull } from "./json.ts";

/** A campaign, newsletter or API-triggered broadcast, with everything that its answer says about whether it sends. */
export interface MessageSource {
  kind: "campaign" | "newsletter" | "broadcast";
  id: number;
  name: string;
  /** What triggers a campaign, or a newsletter's channel; null where the vendor does not say. */
  type: string | null;
  /** In the vendor's words; null where it names none. */
  state: string | null;
  /** Null where the vendor does not say. */
  active: boolean | null;
  /** Unix seconds; null where the answer has none. */
  updated: number | null;
  firstStarted: number | null;
  sentAt: number | null;
  /** Undefined where the answer has no such field: then nothing is known of a schedule. */
  scheduledAt: number | null | undefined;
}

/** That somebody, by API, set a broadcast going. */
export interface StoredTrigger {
  id: number;
  /** Unix seconds; null where the answer has none. */
  createdAt: number | null;
  /** Null while its messages are still to be made, or where the vendor does not say. */
  processedAt: number | null;
}

/** One message for one person. */
export interface MessageDelivery {
  id: string;
  /** `email`, `push`, …; null where the vendor does not say. */
  channel: string | null;
  /** The profile's id; null where it has none. */
  personId: string | null;
  /** As in the answer: the recipient and the profile's address, which may be anything. */
  addresses: string[];
  /** Whether the answer says who the person is, though it may have neither id nor address. */
  identified: boolean;
  /** What became of it so far: `created`, `sent`, `dropped`, … */
  metrics: string[];
}

/** What a workspace sends by itself, and what it has sent. */
export interface Messaging {
  campaigns(): Promise<MessageSource[]>;
  newsletters(): Promise<MessageSource[]>;
  broadcasts(): Promise<MessageSource[]>;
  triggers(broadcastId: number): Promise<StoredTrigger[]>;
  /** Every delivery of a newsletter or broadcast made at or after `since` (unix seconds), by pages. */
  deliveries(kind: "newsletter" | "broadcast", id: number, since: number): AsyncGenerator<MessageDelivery[]>;
}

const newsletterPageSize = 100;
const deliveryPageSize = 1_000;

/**
 * Reads `/v1/campaigns`, `/v1/newsletters`, `/v1/broadcasts` and their deliveries. Their fields changed over the years
 * (newsletters have a `send_state` since 2026), so each is read where it is there, and its absence is told.
 * @throws Failure `failed` from each call where an answer is refused, unreadable or its pages run in circles: a list
 * that was not read to its end is no list
 */
export function createMessaging(reader: AppReader): Messaging {
  return {
    campaigns: () => sources(reader, "campaign", "/v1/campaigns", "campaigns"),
    broadcasts: () => sources(reader, "broadcast", "/v1/broadcasts", "broadcasts"),
    newsletters: () =>
      // The oldest first: what is made meanwhile comes at the end and shifts no page.
      sources(reader, "newsletter", "/v1/newsletters", "newsletters", {
        limit: String(newsletterPageSize),
        sort: "asc",
      }),
    async triggers(broadcastId) {
      const template = "/v1/broadcasts/{broadcast_id}/triggers";
      const found: StoredTrigger[] = [];
      for await (const page of pages(reader, template, "triggers", { broadcast_id: String(broadcastId) })) {
        for (const entry of page) {
          found.push({
            id: numberOf(entry, template),
            createdAt: secondsIn(entry, "created_at") ?? null,
            processedAt: secondsIn(entry, "processed_at") ?? null,
          });
        }
      }
      return found;
    },
    async *deliveries(kind, id, since) {
      const template = `/v1/${kind}s/{id}/messages`;
      const query = { limit: String(deliveryPageSize), start_ts: String(since) };
      for await (const page of pages(reader, template, "messages", { id: String(id) }, query)) {
        yield page.map((entry) => readDelivery(entry, template));
      }
    },
  };
}

async function sources(
  reader: AppReader,
  kind: MessageSource["kind"],
  template: string,
  key: string,
  query: Record<string, string> = {},
): Promise<MessageSource[]> {
  const found = new Map<number, MessageSource>();
  for await (const page of pages(reader, template, key, {}, query)) {
    for (const entry of page) {
      const id = numberOf(entry, template);
      found.set(id, {
        kind,
        id,
        name: textOrNull(entry.name) ?? "without a name",
        type: textOrNull(entry.type),
        state: textOrNull(entry.send_state) ?? textOrNull(entry.state) ?? textOrNull(entry.status),
        active: typeof entry.active === "boolean" ? entry.active : null,
        updated: secondsIn(entry, "updated") ?? null,
        firstStarted: secondsIn(entry, "first_started") ?? null,
        sentAt: secondsIn(entry, "sent_at") ?? null,
        scheduledAt: secondsIn(entry, "scheduled_at"),
      });
    }
  }
  return [...found.values()];
}

async function* pages(
  reader: AppReader,
  template: string,
  key: string,
  values: Record<string, string>,
  query: Record<string, string> = {},
): AsyncGenerator<Record<string, unknown>[]> {
  const seen = new Set<string>();
  for (let start = ""; ; ) {
    const body = await reader.read("GET", template, values, start === "" ? query : { ...query, start });
    const page = listIn(body, key, "GET", template);
    if (!page.every(isObject)) throw unexpected("GET", template, "an entry is no object");
    yield page as Record<string, unknown>[];
    start = typeof body.next === "string" || typeof body.next === "number" ? String(body.next) : "";
    if (start === "") return;
    if (seen.has(start)) throw unexpected("GET", template, "its pages run in circles");
    seen.add(start);
  }
}

function readDelivery(entry: Record<string, unknown>, template: string): MessageDelivery {
  const id = textOrNull(entry.id);
  if (id === null) throw unexpected("GET", template, "a delivery has no id");
  const identifiers = isObject(entry.customer_identifiers) ? entry.customer_identifiers : {};
  const metrics = isObject(entry.metrics) ? entry.metrics : {};
  return {
    id,
    channel: textOrNull(entry.type),
    personId: textOrNull(identifiers.id) ?? textOrNull(entry.customer_id),
    addresses: [textOrNull(entry.recipient), textOrNull(identifiers.email)].flatMap((text) => text ?? []),
    identified:
      textOrNull(identifiers.cio_id) !== null ||
      textOrNull(identifiers.id) !== null ||
      textOrNull(identifiers.email) !== null ||
      textOrNull(entry.customer_id) !== null,
    metrics: Object.keys(metrics).filter((metric) => Boolean(metrics[metric])),
  };
}

function numberOf(entry: Record<string, unknown>, template: string): number {
  const id = Number(entry.id);
  if (!Number.isInteger(id) || id <= 0) throw unexpected("GET", template, "an entry has no number");
  return id;
}

/** Unix seconds; null for 0, nothing or what is no time, undefined where the field is missing. */
function secondsIn(entry: Record<string, unknown>, key: string): number | null | undefined {
  if (!(key in entry)) return undefined;
  const value = Number(entry[key]);
  return Number.isFinite(value) && value > 0 ? value : null;
}
