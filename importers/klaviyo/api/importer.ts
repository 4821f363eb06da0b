import { readAhead } from "../../api/read-ahead.ts";
import type { ApiExport, ApiImporter, ApiPage, ApiStream, Checkpoint, PullPlan } from "../../api-importer.ts";
import { type ClientSettings, KlaviyoClient, vendorSettings } from "./client.ts";
import { listTopic } from "./consent.ts";
import { isObject } from "./json.ts";
import { pageChain, type Sequence } from "./page-chain.ts";
import { mapProfiles, type UserIdPlace, userIdPlace } from "./profile.ts";
import { isForbidden } from "./trouble.ts";
import { findUserIdCandidates } from "./user-id-candidates.ts";

/**
 * Klaviyo over its API, by `klaviyo-api`. A full pull is one scan of all profiles. A delta asks for the profiles
 * that changed or were suppressed, and scans everybody's consent, because an opt-out moves no other mark
 * (reference/klaviyo.md §6, consistency traps).
 */
export const klaviyoApiImporter: ApiImporter = createKlaviyoApiImporter();

/** @param settings how patient it is; for tests */
export function createKlaviyoApiImporter(settings: Partial<ClientSettings> = {}): ApiImporter {
  return {
    source: "klaviyo",
    capabilities: { full: true, delta: true, declaredTotals: false, topics: true },
    connect: (access) =>
      new KlaviyoExport(
        new KlaviyoClient(access, { ...vendorSettings, ...settings }),
        userIdPlace(access.userIdField),
      ),
  };
}

type Kind = "all" | "updated" | "suppressed" | "consent";

const titles: Record<Kind, string> = {
  all: "All profiles",
  updated: "Profiles that changed",
  suppressed: "Profiles that were suppressed",
  consent: "Everybody's consent",
};

/**
 * How far a delta looks back behind the last pull's beginning. Klaviyo's jobs bring changes to light hours after
 * they were asked for, and clocks are set; a day more of them costs little beside the scan of consent.
 */
const overlapMs = 24 * 60 * 60 * 1000;
/** How far the end of a full pull looks back behind its beginning, for servers whose clocks differ. */
const closingOverlapMs = 10 * 60 * 1000;

class KlaviyoExport implements ApiExport {
  readonly #client: KlaviyoClient;
  readonly #userId: UserIdPlace;

  constructor(client: KlaviyoClient, userId: UserIdPlace) {
    this.#client = client;
    this.#userId = userId;
  }

  async probe(): Promise<{ account: string }> {
    const account = await this.#accountName();
    await this.#client.get(
      "profiles",
      ({ profiles }) => profiles.getProfiles({ additionalFieldsProfile: ["subscriptions"], pageSize: 1 }),
      () => {},
    );
    return { account };
  }

  userIdCandidates() {
    return findUserIdCandidates(this.#client);
  }

  async plan(since: Checkpoint | null): Promise<PullPlan> {
    const { topicNames, notes } = await this.#topics();
    const startedAt = this.#client.vendorTime();
    const last = markTime(since);
    const full = last === null;
    const from = new Date(full ? startedAt - closingOverlapMs : last - overlapMs).toISOString();
    const kinds: Kind[] = full ? ["all", "updated", "suppressed"] : ["updated", "suppressed", "consent"];
    return {
      kind: full ? "full" : "delta",
      streams: kinds.map((kind) => ({
        id: kind === "all" ? "profiles" : `profiles/${kind}`,
        title: titles[kind],
        carriesSuppressions: true,
        scope: { kind, from },
      })),
      mark: { startedAt: new Date(startedAt).toISOString() },
      topicNames,
      notes: [
        ...notes,
        "Klaviyo does not say how many profiles there are: that an export is complete is proven by its chain of pages.",
        "Profiles that were deleted in Klaviyo cannot be exported, nor what they had opted out of.",
        ...(full
          ? []
          : [
              "A sync reads what changed and everybody's consent; only a full pull proves that nothing is missing.",
            ]),
      ],
    };
  }

  async *read(stream: ApiStream, from: Checkpoint | null): AsyncIterable<ApiPage> {
    const { kind, since } = scopeOf(stream);
    if (isObject(from) && from.end === true) {
      yield { records: [], rejections: [], raw: "", checkpoint: { end: true }, declared: null, last: true };
      return;
    }
    const sequence = sequenceOf(kind, since, this.#userId);
    const pages = readAhead(pageChain(this.#client, sequence, cursorOf(from)));
    for await (const { entries, text, next, restarted } of pages) {
      yield {
        ...mapProfiles(entries, this.#userId, kind === "consent"),
        raw: text,
        checkpoint: next === null ? { end: true } : { cursor: next },
        declared: null,
        last: next === null,
        ...(restarted
          ? {
              note: `${stream.title}: Klaviyo refused the place where the last page left off, so the reading began again.`,
            }
          : {}),
      };
    }
  }

  /** A key for profiles alone is enough to export, so the account's name may stay unknown. */
  async #accountName(): Promise<string> {
    try {
      return await this.#client.get(
        "accounts",
        ({ accounts }) => accounts.getAccounts(),
        (body) => {
          const account: unknown = Array.isArray(body.data) ? body.data[0] : undefined;
          if (!isObject(account)) return unknownAccount;
          const { contact_information: contact } = isObject(account.attributes) ? account.attributes : {};
          const name = isObject(contact) ? contact.organization_name : undefined;
          return [name, account.id].filter((part) => typeof part === "string" && part !== "").join(", ");
        },
      );
    } catch (error) {
      if (isForbidden(error)) return unknownAccount;
      throw error;
    }
  }

  /** The lists' names: what a list suppression is about. */
  async #topics(): Promise<{ topicNames: Record<string, string>; notes: string[] }> {
    const names = new Map<string, string>();
    const sequence: Sequence = {
      endpoint: "lists",
      pageSize: 10,
      ask: ({ lists }, page) => lists.getLists({ ...page, sort: "id" }),
    };
    try {
      for await (const { entries } of pageChain(this.#client, sequence, null)) {
        for (const entry of entries) {
          const name = isObject(entry) && isObject(entry.attributes) ? entry.attributes.name : undefined;
          if (isObject(entry) && typeof name === "string") names.set(listTopic(String(entry.id)), name);
        }
      }
    } catch (error) {
      if (!isForbidden(error)) throw error;
      return {
        topicNames: {},
        notes: [
          "The key may not read lists, so list opt-outs are shown by the list's id instead of its name.",
        ],
      };
    }
    return { topicNames: Object.fromEntries(names), notes: [] };
  }
}

const unknownAccount = "a Klaviyo account whose name the key may not read";

/** Everything by id: a sequence by a time would shift while people change. */
function sequenceOf(kind: Kind, since: string, userId: UserIdPlace): Sequence {
  const filters: Record<Kind, string | undefined> = {
    all: undefined,
    updated: `greater-than(updated,${since})`,
    suppressed: `greater-or-equal(subscriptions.email.marketing.suppression.timestamp,${since})`,
    // No filter knows consent, and a list's suppressions can only be asked for list by list: all are read.
    consent: undefined,
  };
  const filter = filters[kind];
  const identifier = userId === null || userId === "external_id" ? "external_id" : "properties";
  return {
    endpoint: "profiles",
    pageSize: 100,
    ask: ({ profiles }, page) =>
      profiles.getProfiles({
        ...page,
        additionalFieldsProfile: ["subscriptions"],
        sort: "id",
        ...(filter === undefined ? {} : { filter }),
        ...(kind === "consent"
          ? { fieldsProfile: ["email", identifier, "subscriptions", "updated"] as const }
          : {}),
      }),
  };
}

function scopeOf(stream: ApiStream): { kind: Kind; since: string } {
  const scope = isObject(stream.scope) ? stream.scope : {};
  if (typeof scope.kind !== "string" || !(scope.kind in titles) || typeof scope.from !== "string") {
    throw new TypeError(`The stream ${stream.id} is not one of this plan's.`);
  }
  return { kind: scope.kind as Kind, since: scope.from };
}

/** The cursor to go on from; null for the beginning. */
function cursorOf(checkpoint: Checkpoint | null): string | null {
  const cursor = isObject(checkpoint) ? checkpoint.cursor : undefined;
  return typeof cursor === "string" ? cursor : null;
}

/** When the last complete pull began, in milliseconds since 1970; null where there was none. */
function markTime(mark: Checkpoint | null): number | null {
  const text = isObject(mark) ? mark.startedAt : undefined;
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isFinite(time) ? time : null;
}
