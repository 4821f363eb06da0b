import type {
  OptedInAgain,
  PulledSource,
  PullReport,
  PullStream,
  SourceConnection,
} from "../../contract/pulls.ts";
import type { SourceFile } from "../../contract/sources.ts";
import type { SyncReport, SyncRun, SyncState } from "../../contract/sync.ts";
import type { ApiSourceName } from "../shared/words.ts";

/** Invented exports over APIs and syncs for the fake engine. */

/** How far the faked exports over APIs are. */
export const pullScenes = [
  "none",
  "complete",
  "unfinished",
  "incomplete",
  "unconfirmed",
  "retired",
  "huge",
] as const;
export type PullScene = (typeof pullScenes)[number];

/** What the faked sync has behind it. */
export const syncScenes = ["none", "runs", "quiet", "missed", "stopped", "cut off"] as const;
export type SyncScene = (typeof syncScenes)[number];

const partsOf: Record<ApiSourceName, [title: string, share: number, optOuts: boolean][]> = {
  mailchimp: [
    ["“Newsletter”: subscribed members", 0.7, false],
    ["“Newsletter”: unsubscribed members", 0.2, true],
    ["“Newsletter”: cleaned members", 0.06, true],
    ["“Newsletter”: archived members", 0.03, true],
    ["“Newsletter”: spam complaints", 0.01, true],
  ],
  klaviyo: [
    ["profiles with their consent", 0.8, true],
    ["suppressed profiles", 0.2, true],
  ],
  iterable: [
    ["users", 0.8, true],
    ["unsubscribe events", 0.12, true],
    ["bounce events", 0.06, true],
    ["complaint events", 0.02, true],
  ],
};

function inventedStreams(source: ApiSourceName, people: number): PullStream[] {
  return partsOf[source].map(([title, share, carriesSuppressions], index) => ({
    id: `${source}/${index}`,
    title,
    carriesSuppressions,
    declared: source === "mailchimp" ? Math.round(people * share) : null,
    received: Math.round(people * share),
    rejected: index === 0 ? 2 : 0,
    complete: true,
  }));
}

export function inventedPullReport(
  source: ApiSourceName,
  kind: PullReport["kind"],
  people: number,
): PullReport {
  const streams = inventedStreams(source, kind === "full" ? people : Math.round(people / 50));
  const sum = (field: "received" | "rejected") => streams.reduce((total, stream) => total + stream[field], 0);
  return {
    source,
    account: accounts[source],
    kind,
    user_id_field: userIdFields[source],
    declared: source === "mailchimp" ? sum("received") : null,
    received: sum("received"),
    rejected: sum("rejected"),
    complete: true,
    streams,
    added: kind === "full" ? sum("received") - 2 : 12,
    changed: kind === "full" ? 0 : 31,
    gone: kind === "full" ? 0 : 1,
    opted_in_again: kind === "full" ? 0 : 3,
    notes:
      source === "mailchimp"
        ? [
            "Contacts that were deleted for ever are not given out by Mailchimp’s API. If you have older exports that name them, add the files.",
          ]
        : [],
    seconds: 41,
  };
}

/** The engine lists what an export brought among the files. */
export function inventedPullFile(id: number, { source, kind, received, rejected }: PullReport): SourceFile {
  return {
    id,
    source,
    name: `${source} API, ${kind === "full" ? "everything" : "changes"}`,
    kind: "api",
    carriesSuppressions: true,
    sha256: id.toString(16).padStart(4, "0").repeat(16),
    bytes: received * 400,
    rows: received,
    imported: received - rejected,
    rejected,
    rejectedOpen: 0,
    importedAt: "2026-11-23T10:15:00Z",
    replacedBy: null,
  };
}

const accounts: Record<ApiSourceName, string> = {
  mailchimp: "Acme Coffee Ltd.",
  klaviyo: "Acme Coffee (Klaviyo)",
  iterable: "Acme hybrid project",
};
const userIdFields: Record<ApiSourceName, string | null> = {
  mailchimp: "merge_fields.USER_ID",
  klaviyo: "external_id",
  iterable: "userId",
};

export function inventedPulled(source: ApiSourceName, scene: PullScene, people: number): PulledSource {
  const full = inventedPullReport(source, "full", people);
  const streams =
    scene === "huge"
      ? Array.from({ length: 400 }, (_, index) => ({
          ...full.streams[index % full.streams.length]!,
          id: `${source}/${index}`,
          title: `“Audience with a long name number ${index + 1}”: ${full.streams[index % full.streams.length]!.title}`,
        }))
      : full.streams;
  const half = streams.map((stream, index) => ({
    ...stream,
    complete: index < streams.length / 2 - 1,
    received: index < streams.length / 2 ? stream.received : 0,
  }));
  const unfinished = scene === "unfinished";
  return {
    source,
    account: full.account,
    endpoint: null,
    userIdField: full.user_id_field,
    unconfirmed:
      scene === "unconfirmed" ? "properties.Loyalty card 1 (filled 177 of 200, 176 different)" : null,
    pulledAt: unfinished ? null : "2026-11-23T12:15:00Z",
    fullPulledAt: unfinished ? null : "2026-11-21T10:15:00Z",
    unfinished: unfinished ? { kind: "full", startedAt: "2026-11-23T10:15:00Z", streams: half } : null,
    last: unfinished
      ? null
      : {
          ...full,
          ...(scene === "incomplete" && { complete: false, streams: half }),
          ...(scene === "huge" && {
            streams,
            notes: Array.from(
              { length: 12 },
              (_, index) =>
                `Note ${index + 1} on a very large account: the reading of one audience began again.`,
            ),
          }),
        },
    retired:
      scene === "retired"
        ? { at: "2026-11-23T13:00:00Z", reason: "The account was closed on 20 November." }
        : null,
  };
}

/** @param fields how many candidates; none of them is named like a user ID where there are more than 20 */
export function inventedConnection(source: ApiSourceName, fields: number): SourceConnection {
  const named = userIdFields[source]!;
  const plain = fields <= 20;
  const candidates = Array.from({ length: fields }, (_, index) => {
    const filled = index === 0 ? 200 : Math.max(0, 188 - index * 11);
    return {
      field: index === 0 && plain ? named : `properties.Loyalty card ${index}`,
      named: index === 0 && plain,
      sampled: 200,
      filled,
      distinct: index === 0 ? 200 : Math.max(0, filled - index),
      examples:
        filled > 0 ? [`u-10${index}`, `u-20${index}`, `a-rather-long-value-that-nobody-reads-${index}`] : [],
    };
  });
  return {
    source,
    account: accounts[source],
    capabilities: {
      full: true,
      delta: true,
      declaredTotals: source === "mailchimp",
      topics: source !== "mailchimp",
    },
    candidates,
    suggestion: plain && fields > 0 ? named : null,
  };
}

export function inventedOptedInAgain(index: number): OptedInAgain {
  return {
    source: (["klaviyo", "mailchimp", "iterable"] as const)[index % 3]!,
    userId: index % 4 === 0 ? null : `user-${100_000 + index}`,
    email: index % 7 === 3 ? null : `person.${index}@example.com`,
    before: index % 5 === 0 ? ["hard_bounce", "unsubscribed_all"] : ["unsubscribed_all"],
    now: index % 3 === 0 ? ["explicit_opt_in"] : index % 3 === 1 ? ["implied"] : [],
    noticedAt: "2026-11-23T12:15:00Z",
  };
}

/** @param people about how many there are in all */
export function inventedSyncReport(people: number, added: number): SyncReport {
  const sources = (["mailchimp", "klaviyo", "iterable"] as const).map((source) =>
    inventedPullReport(source, "delta", people),
  );
  return {
    started_at: "2026-11-24T08:00:00Z",
    missed_at: null,
    sources,
    unanswered: [],
    added,
    added_by: inventedAdditions(7, added),
    removed: 0,
    opted_in_again: 3,
    uploaded: added + 4,
    verified: { covered: Math.round(people * 0.28) + added, missing: 0 },
    profiles_open: 0,
    gate_open: true,
    words: [
      `Mailchimp, Klaviyo and Iterable were asked what changed since 2026-11-23T12:15:00Z.`,
      `${added} addresses are newly suppressed; all of them are in place at Customer.io.`,
      "3 people opted in again. They stay suppressed.",
    ],
    seconds: 74,
  };
}

function inventedAdditions(seed: number, about: number): SyncRun["added"] {
  const share = (part: number) => Math.round((about * ((seed * part) % 11)) / 22);
  return [
    { source: "klaviyo", level: "unsubscribed_all", addresses: share(3) },
    { source: "klaviyo", level: "hard_bounce", addresses: share(5) },
    { source: "klaviyo", level: "manual", addresses: share(9) },
    { source: "mailchimp", level: "unsubscribed_all", addresses: share(7) },
    { source: "mailchimp", level: "complaint", addresses: share(2) },
    { source: "iterable", level: "unsubscribed_all", addresses: share(4) },
    { source: "iterable", level: "forgotten", addresses: share(8) },
  ].filter(({ addresses }) => addresses > 0);
}

/** Runs of every hour, newest first. */
export function inventedRuns(count: number, people: number, scene: SyncScene): SyncRun[] {
  const newest = Date.parse("2026-11-24T07:00:00Z");
  return Array.from({ length: count }, (_, index) => {
    const startedAt = newest - index * 3_600_000;
    const stopped = (scene === "stopped" && index === 0) || index % 17 === 11;
    const cutOff = scene === "cut off" && index === 0;
    return {
      startedAt: new Date(startedAt).toISOString(),
      endedAt: cutOff ? null : new Date(startedAt + 74_000).toISOString(),
      missedAt: index % 13 === 6 ? new Date(startedAt - 9_000_000).toISOString() : null,
      scheduled: index % 5 !== 0,
      added:
        stopped || cutOff || scene === "quiet" ? [] : inventedAdditions(index + 1, Math.max(8, people / 400)),
      removed: 0,
      optedInAgain: index % 6 === 0 ? 1 : 0,
      trouble: stopped
        ? "Klaviyo refused the API key: it is wrong, expired or was taken back. Make a new key and enter it under Sources."
        : null,
      gateOpen: stopped || cutOff ? null : true,
    };
  });
}

export function inventedSyncState(scene: SyncScene, runs: number, people: number): SyncState {
  return {
    notReady: null,
    everyMinutes: scene === "none" ? null : 60,
    nextRunAt: scene === "none" || scene === "missed" ? null : "2026-11-24T09:00:00Z",
    missedAt: scene === "missed" ? "2026-11-24T08:00:00Z" : null,
    runs: scene === "none" ? [] : inventedRuns(runs, people, scene),
  };
}
