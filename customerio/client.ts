import { badInput } from "../contract/failure.ts";
import { createPace } from "../pacing/pace.ts";
import { type Hosts, hostsOf, loopbackHosts, type Region } from "./allowed-hosts.ts";
import { errorSentence, readErrors } from "./answer-errors.ts";
import { type AppReader, listIn, refused, unexpected } from "./app-answers.ts";
import { type ApiAnswer, type ApiCall, type CallSettings, callUntilAnswered } from "./calls.ts";
import { type ErasedIdentifier, eraseProfile } from "./erase-profile.ts";
import { type IdentifierKind, takesIdentifier } from "./identifier-kinds.ts";
import { encodeItem, type IdentifyItem } from "./identify-item.ts";
import { isObject, textOrNull } from "./json.ts";
import { createMessaging, type Messaging } from "./messaging.ts";
import { type CampaignSegment, campaignSegments } from "./segments.ts";
import { createSends, type Sends } from "./sends.ts";

export interface CustomerIoCredentials {
  siteId: string;
  trackApiKey: string;
  appApiKey: string;
}

export interface CustomerIoClientOptions {
  credentials: CustomerIoCredentials;
  /** A simulator on loopback, e.g. `http://127.0.0.1:4010`; without it the vendor's own hosts. */
  endpoint?: string;
  /** Calls a second that all App calls share; the vendor allows 10 (the default). */
  appRequestsPerSecond?: number;
  /** Milliseconds between two broadcast triggers; the vendor allows one in 10,000 (the default). */
  broadcastIntervalMs?: number;
  /** Ends everything that is under way or waiting; calls then reject with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds that one attempt may take, its answer's body included. Default 30,000. */
  timeoutMs?: number;
  /** Attempts after the first one, for calls that are safe to repeat. Default 10: some minutes without a network, as after a laptop's sleep, end no long run. */
  retries?: number;
  /** Milliseconds before the first retry; doubles with each, with jitter, up to 30 s. Default 500. */
  retryDelayMs?: number;
}

/** What the destination said of one write. Trouble that may pass is thrown as a Failure, never an outcome. */
export type WriteOutcome = { kind: "accepted" } | { kind: "refused"; reason: string };

export const suppressionLists = ["blocks", "bounces", "spam_reports", "invalid_emails"] as const;
export type SuppressionList = (typeof suppressionLists)[number];

export interface SuppressionEntry {
  email: string;
  /** Unix seconds; null where missing. */
  created: number | null;
  reason: string;
  status: string;
}

/** A person as read back. */
export interface DestinationProfile {
  id: string | null;
  email: string | null;
  cioId: string;
  /** True only where Customer.io says so in as many words. */
  unsubscribed: boolean;
  /** All values are text here, `"true"` and `"1489014595"` too. */
  attributes: Record<string, string>;
}

export interface Topic {
  id: number;
  /** `topic_4`. */
  identifier: string;
  name: string;
  description: string;
  subscribedByDefault: boolean;
}

export interface CustomerIoActivity {
  id: string;
  type: string;
  /** Unix seconds. */
  timestamp: number;
  /** `named` is the vendor's `customer_id`, which may be an id or a cio_id. */
  customer: { id: string | null; email: string | null; cioId: string | null; named: string | null };
  /** As the vendor gives it; for attribute changes `{name: {from, to}}`. */
  data: unknown;
}

export interface CustomerIoClient extends Sends {
  messaging: Messaging;
  /**
   * Checks all keys and says which workspace they belong to.
   * @throws Failure `bad_input` that names the key that is wrong, or says that they do not belong together.
   */
  workspace(): Promise<{ id: number; region: Region; name: string }>;
  /**
   * Sends one Track v2 batch (pack it with `packBatches`) and returns one outcome per item at its index.
   * Safe to repeat. An answer that could not be read whole is trouble, never an acceptance.
   * @throws Failure `failed` for trouble that outlasted the retries; `bad_input` where the keys are refused.
   */
  sendBatch(items: readonly IdentifyItem[]): Promise<WriteOutcome[]>;
  /** Puts one address on an ESP suppression list. Safe to repeat. */
  addSuppression(list: SuppressionList, email: string): Promise<WriteOutcome>;
  /** Deletes the profile with this identifier for ever and blocks it: for erasure alone. Safe to repeat. */
  eraseProfile(identifier: ErasedIdentifier): Promise<WriteOutcome>;
  /** Takes one address off an ESP suppression list; an address that is not on it is no error. */
  removeSuppression(list: SuppressionList, email: string): Promise<void>;
  /** All entries of one list, by pages of up to 1,000. */
  suppressionList(list: SuppressionList): AsyncGenerator<SuppressionEntry[]>;
  /** The entries for one address; which list they are on is not reliably said. Empty where there are none. */
  searchSuppression(email: string): Promise<SuppressionEntry[]>;
  /** Any number of ids. The map holds those that exist, by the id as asked. */
  profilesByIds(ids: Iterable<string>): Promise<Map<string, DestinationProfile>>;
  /**
   * Any number of addresses. The map holds those that exist, by the address as asked; one address has
   * several profiles where email is no identifier of the workspace. `byLookup` says that this was so, at
   * one call an address.
   */
  profilesByEmails(
    emails: Iterable<string>,
  ): Promise<{ profiles: Map<string, DestinationProfile[]>; byLookup: boolean }>;
  /** Whether people of the workspace are identified by this kind of identifier; `phone` is new and rare. */
  takesIdentifier(kind: IdentifierKind): Promise<boolean>;
  /** Segments of the workspace that running campaigns are triggered by, or may be. One call a segment. */
  campaignSegments(): Promise<CampaignSegment[]>;
  topics(): Promise<Topic[]>;
  /** Activities of a type (`failed_attribute_change`, …) at or after `since` (unix seconds), by pages of up to 100. */
  activities(type: string, since: number): AsyncGenerator<CustomerIoActivity[]>;
}

/** For the first question of all, which an operator who connects a workspace waits for. */
const firstRetries = 4;
/** Ids or addresses that one look-up may name. */
const lookUpSize = 100;
const suppressionPageSize = 1_000;
const activityPageSize = 100;

/**
 * A client of one workspace. All its calls share one budget, so make one client per workspace.
 * @throws Failure `bad_input` where the endpoint is not on loopback.
 */
export function createCustomerIoClient(options: CustomerIoClientOptions): CustomerIoClient {
  const { credentials, signal } = options;
  const fixedHosts = options.endpoint === undefined ? null : loopbackHosts(options.endpoint);
  const basic = Buffer.from(`${credentials.siteId}:${credentials.trackApiKey}`).toString("base64");
  const settings: CallSettings = {
    authorization: { track: `Basic ${basic}`, app: `Bearer ${credentials.appApiKey}` },
    pace: {
      track: createPace({ limits: [{ calls: 100, perMs: 1_000 }], concurrency: 4, signal }),
      app: createPace({
        limits: [{ calls: options.appRequestsPerSecond ?? 10, perMs: 1_000 }],
        concurrency: 16,
        signal,
      }),
    },
    timeoutMs: options.timeoutMs ?? 30_000,
    retries: options.retries ?? 10,
    retryDelayMs: options.retryDelayMs ?? 500,
    signal,
  };
  let account: Promise<{ region: Region; workspaceId: number }> | undefined;

  /** Asked once: where the account lives. The question may go to either region. */
  function findAccount() {
    account ??= readAccount().catch((error) => {
      account = undefined;
      throw error;
    });
    return account;
  }

  async function readAccount() {
    const template = "/api/v1/accounts/region";
    const { track } = fixedHosts ?? hostsOf("us");
    const { body } = await callUntilAnswered(
      { api: "track", method: "GET", origin: track, path: template, template },
      { ...settings, retries: Math.min(settings.retries, firstRetries) },
    );
    const region = isObject(body) ? body.region : undefined;
    const workspaceId = isObject(body) ? body.environment_id : undefined;
    if ((region !== "us" && region !== "eu") || !Number.isInteger(workspaceId)) {
      throw unexpected("GET", template, "it names no region and workspace");
    }
    return { region, workspaceId: workspaceId as number } as const;
  }

  async function hosts(): Promise<Hosts> {
    return fixedHosts ?? hostsOf((await findAccount()).region);
  }

  /** Prepares an App call; `{name}` in the template stands for the value of that name. */
  async function appCall(
    method: ApiCall["method"],
    template: string,
    values: Record<string, string> = {},
    query: Record<string, string> = {},
    body?: unknown,
  ): Promise<ApiCall> {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return {
      api: "app",
      method,
      origin: (await hosts()).app,
      path: pairs.length > 0 ? `${path}?${pairs.join("&")}` : path,
      template,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
  }

  async function app(...call: Parameters<typeof appCall>): Promise<ApiAnswer> {
    return callUntilAnswered(await appCall(...call), settings);
  }

  /** The object in an App answer. @throws Failure `failed` where the call was refused. */
  async function read(...call: Parameters<typeof appCall>): Promise<Record<string, unknown>> {
    const { status, body } = await app(...call);
    if (status >= 400) throw refused(call[0], call[1], status, body);
    if (!isObject(body)) throw unexpected(call[0], call[1], "it is no JSON object");
    return body;
  }

  async function postBatch(items: readonly IdentifyItem[]): Promise<WriteOutcome[]> {
    const template = "/api/v2/batch";
    const { status, body } = await callUntilAnswered(
      {
        api: "track",
        method: "POST",
        origin: (await hosts()).track,
        path: template,
        template,
        body: `{"batch":[${items.map(encodeItem).join(",")}]}`,
      },
      settings,
    );
    const errors = readErrors(body);
    if (status === 200 || status === 207) {
      if (!isObject(body)) throw unexpected("POST", template, "it is no JSON object");
      const named = errors.every(
        ({ batchIndex }) => batchIndex !== null && batchIndex >= 0 && batchIndex < items.length,
      );
      if (named && (status === 200 || errors.length > 0)) {
        return items.map((_, index) => {
          const mine = errors.filter(({ batchIndex }) => batchIndex === index);
          return mine.length === 0
            ? { kind: "accepted" }
            : { kind: "refused", reason: `Customer.io refused it: ${errorSentence(mine)}.` };
        });
      }
      // Something was refused and the answer does not say what: asked again in parts, until it is clear.
      return splitBatch(items, `Customer.io refused it: ${errorSentence(errors)}.`);
    }
    if (status === 400 || status === 413 || status === 422) {
      return splitBatch(items, `Customer.io refused it (HTTP ${status}): ${errorSentence(errors)}.`);
    }
    throw refused("POST", template, status, body);
  }

  /** Finds the items that spoil a batch. */
  async function splitBatch(items: readonly IdentifyItem[], reason: string): Promise<WriteOutcome[]> {
    if (items.length === 1) return [{ kind: "refused", reason }];
    const middle = items.length >> 1;
    return [...(await postBatch(items.slice(0, middle))), ...(await postBatch(items.slice(middle)))];
  }

  /** Profiles by one kind of identifier; null where the workspace does not take that kind. */
  async function lookUp(
    type: "id" | "email" | "cio_id",
    values: string[],
  ): Promise<DestinationProfile[] | null> {
    const template = "/v1/customers/attributes";
    const { status, body } = await app("POST", template, {}, { id_type: type }, { ids: values });
    if (status === 400 && type === "email") return null;
    if (status === 400 && type === "id") throw idsNotTaken(body);
    if (status >= 400) throw refused("POST", template, status, body);
    return listIn(body, "customers", "POST", template).map((entry) => readProfile(entry, template));
  }

  /** All profiles with the address, where email is no identifier. */
  async function lookUpAddress(email: string): Promise<DestinationProfile[]> {
    const template = "/v1/customers";
    const results = listIn(await read("GET", template, {}, { email }), "results", "GET", template);
    const ids: string[] = [];
    const cioIds: string[] = [];
    for (const result of results) {
      if (!isObject(result)) throw unexpected("GET", template, "a result is no object");
      const id = textOrNull(result.id);
      if (id === null) cioIds.push(String(result.cio_id));
      else ids.push(id);
    }
    const found: DestinationProfile[] = [];
    const find = async (type: "id" | "cio_id", values: string[]) => {
      for (const some of inChunks(values, lookUpSize)) found.push(...((await lookUp(type, some)) ?? []));
    };
    await find("id", ids);
    await find("cio_id", cioIds);
    // Whether a cio_id is looked up with its prefix is not said (reference/customerio.md §2.3).
    const unread = cioIds.filter((wanted) => !found.some(({ cioId }) => cioId === wanted));
    if (unread.length > 0)
      await find(
        "cio_id",
        unread.map((cioId) => `cio_${cioId}`),
      );
    if (found.length < results.length) {
      throw unexpected("GET", template, "it names people whose profiles cannot be read");
    }
    return found;
  }

  const reader: AppReader = { ask: app, read };

  return {
    async workspace() {
      const { region, workspaceId } = await findAccount();
      const template = "/v1/workspaces";
      const { status, body } = await app("GET", template);
      if (status >= 400) throw refused("GET", template, status, body);
      // What the list is called is not said (reference/customerio.md §2.8); there is no other in the answer.
      const lists = Array.isArray(body)
        ? [body]
        : isObject(body)
          ? Object.values(body).filter(Array.isArray)
          : [];
      if (lists.length === 0) throw unexpected("GET", template, "it has no list of workspaces");
      const found = lists.flat().find((entry) => isObject(entry) && Number(entry.id) === workspaceId);
      if (!isObject(found)) {
        throw badInput(
          "KEYS_DO_NOT_MATCH",
          `The App API key belongs to another Customer.io account than the Track site ID and API key (workspace ${workspaceId}, region ${region}).`,
          "Create all three keys in the same workspace and enter them again.",
        );
      }
      return { id: workspaceId, region, name: String(found.name) };
    },

    async sendBatch(items) {
      return items.length === 0 ? [] : postBatch(items);
    },

    async addSuppression(list, email) {
      const template = "/v1/esp/suppression/{type}/{email}";
      const { status, body } = await app("POST", template, { type: list, email }, {}, {});
      // What it says of an address that stands there already is not documented.
      if (status < 300 || status === 409) return { kind: "accepted" };
      return {
        kind: "refused",
        reason: `Customer.io refused it (HTTP ${status}): ${errorSentence(readErrors(body))}.`,
      };
    },

    async eraseProfile(identifier) {
      return eraseProfile((await hosts()).track, identifier, settings);
    },

    async removeSuppression(list, email) {
      const template = "/v1/esp/suppression/{type}/{email}";
      const { status, body } = await app("DELETE", template, { type: list, email });
      if (status >= 400 && status !== 404) throw refused("DELETE", template, status, body);
    },

    async *suppressionList(list) {
      const template = "/v1/esp/suppression/{type}";
      let previous = "";
      // A short page is no proof of the end, so only an empty one ends the list.
      for (let offset = 0; ; ) {
        const query = { limit: String(suppressionPageSize), offset: String(offset) };
        const body = await read("GET", template, { type: list }, query);
        const entries = listIn(body, "suppressions", "GET", template).map((entry) =>
          readSuppression(entry, template),
        );
        if (entries.length === 0) return;
        const page = JSON.stringify(entries);
        if (page === previous) throw unexpected("GET", template, "it repeats the page before");
        previous = page;
        offset += entries.length;
        yield entries;
      }
    },

    async searchSuppression(email) {
      const template = "/v1/esp/search_suppression/{email}";
      const { status, body } = await app("GET", template, { email });
      if (status === 404) return [];
      if (status >= 400) throw refused("GET", template, status, body);
      return listIn(body, "suppressions", "GET", template).map((entry) => readSuppression(entry, template));
    },

    async profilesByIds(ids) {
      const found = new Map<string, DestinationProfile>();
      await Promise.all(
        inChunks([...new Set(ids)], lookUpSize).map(async (some) => {
          const asked = new Set(some);
          for (const profile of (await lookUp("id", some)) ?? []) {
            if (profile.id !== null && asked.has(profile.id)) found.set(profile.id, profile);
          }
        }),
      );
      return found;
    },

    async profilesByEmails(emails) {
      const profiles = new Map<string, DestinationProfile[]>();
      let byLookup = false;
      await Promise.all(
        inChunks([...new Set(emails)], lookUpSize).map(async (some) => {
          const found = await lookUp("email", some);
          if (found === null) {
            byLookup = true;
            await Promise.all(
              some.map(async (email) => {
                const people = await lookUpAddress(email);
                if (people.length > 0) profiles.set(email, people);
              }),
            );
            return;
          }
          const byAddress = new Map(found.map((profile) => [profile.email?.toLowerCase(), profile]));
          for (const email of some) {
            const profile = byAddress.get(email.toLowerCase());
            if (profile) profiles.set(email, [profile]);
          }
        }),
      );
      return { profiles, byLookup };
    },

    takesIdentifier: (kind) => takesIdentifier(reader, kind),
    campaignSegments: () => campaignSegments(reader),

    async topics() {
      const template = "/v1/subscription_topics";
      return listIn(await read("GET", template), "topics", "GET", template).map((entry) => {
        if (!isObject(entry) || typeof entry.identifier !== "string") {
          throw unexpected("GET", template, "a topic has no identifier");
        }
        return {
          id: Number(entry.id),
          identifier: entry.identifier,
          name: String(entry.name ?? entry.identifier),
          description: String(entry.description ?? ""),
          subscribedByDefault: entry.subscribed_by_default === true,
        };
      });
    },

    async *activities(type, since) {
      const template = "/v1/activities";
      let start = "";
      for (;;) {
        const query = { type, limit: String(activityPageSize), ...(start === "" ? {} : { start }) };
        const body = await read("GET", template, {}, query);
        const page = listIn(body, "activities", "GET", template).map((entry) =>
          readActivity(entry, template),
        );
        const recent = page.filter(({ timestamp }) => timestamp >= since);
        if (recent.length > 0) yield recent;
        const next = typeof body.next === "string" ? body.next : "";
        // Newest first, though that is not promised: only a page without anything recent ends the search.
        if (next === "" || next === start || recent.length === 0) return;
        start = next;
      }
    },

    messaging: createMessaging(reader),
    ...createSends({
      settings,
      prepare: (template, values, body) => appCall("POST", template, values, {}, body),
      intervalMs: options.broadcastIntervalMs ?? 10_000,
    }),
  };
}

/** The entry may hold the customer, or be it: the vendor's text and its example differ (reference/customerio.md §2.3). */
function readProfile(entry: unknown, template: string): DestinationProfile {
  const customer = isObject(entry) && "customer" in entry ? entry.customer : entry;
  const identifiers = isObject(customer) ? customer.identifiers : undefined;
  const attributes = isObject(customer) ? customer.attributes : undefined;
  if (!isObject(customer) || !isObject(identifiers) || !isObject(attributes)) {
    throw unexpected("POST", template, "a profile has no identifiers or attributes");
  }
  return {
    id: textOrNull(identifiers.id) ?? textOrNull(attributes.id),
    email: textOrNull(identifiers.email) ?? textOrNull(attributes.email),
    cioId: String(identifiers.cio_id ?? ""),
    unsubscribed: customer.unsubscribed === true,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  };
}

function readSuppression(entry: unknown, template: string): SuppressionEntry {
  if (!isObject(entry) || typeof entry.email !== "string") {
    throw unexpected("GET", template, "an entry has no address");
  }
  return {
    email: entry.email,
    created: typeof entry.created === "number" ? entry.created : null,
    reason: String(entry.reason ?? ""),
    status: String(entry.status ?? ""),
  };
}

function readActivity(entry: unknown, template: string): CustomerIoActivity {
  const timestamp = isObject(entry) ? Number(entry.timestamp ?? Number.NaN) : Number.NaN;
  if (!isObject(entry) || !Number.isFinite(timestamp)) {
    throw unexpected("GET", template, "an activity has no time");
  }
  const identifiers = isObject(entry.customer_identifiers) ? entry.customer_identifiers : {};
  return {
    id: String(entry.id ?? ""),
    type: String(entry.type ?? ""),
    timestamp,
    customer: {
      id: textOrNull(identifiers.id),
      email: textOrNull(identifiers.email),
      cioId: textOrNull(identifiers.cio_id),
      named: textOrNull(entry.customer_id),
    },
    data: entry.data,
  };
}

function inChunks(values: string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
}

function idsNotTaken(body: unknown) {
  return badInput(
    "IDS_NOT_TAKEN",
    `Customer.io does not look people up by id in this workspace (HTTP 400): ${errorSentence(readErrors(body))}.`,
    "Let the workspace identify people by email and id (Settings, Workspace settings, Identifiers), then start again.",
  );
}
