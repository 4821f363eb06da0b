import { Failure } from "../../../contract/failure.ts";
import type { ApiStream, Checkpoint, PullPlan } from "../../api-importer.ts";
import type { CampaignComplaints } from "./abuse-reports.ts";
import { isEntry, stretchOf, timeOf } from "./answer-shape.ts";
import type { Audience } from "./audiences.ts";
import type { MailchimpClient } from "./client.ts";
import { isSuppressed, memberStatuses } from "./member-record.ts";
import { allHaveTimes, everyMember, type MemberFilter } from "./members.ts";
import { type CampaignReport, type OptOutTimes, readCampaignReports } from "./opt-out-times.ts";
import { isNotFound } from "./refusal.ts";

/** What a stream reads, as the plan fixed it. Times are microseconds since 1970. */
export type StreamScope =
  | ({ reads: "members" | "unknown_statuses" } & MemberFilter)
  | { reads: "abuse_reports"; listId: string; audience: string }
  | ({ reads: "opt_out_times" } & OptOutTimes)
  | ({ reads: "campaign_complaints" } & CampaignComplaints);

export type MailchimpStream = ApiStream & { scope: StreamScope };

/** What the next pull needs to know. */
type Mark = {
  /** Null where the next pull must read the audience whole: it was empty, or somebody lacks a time of change. */
  audiences: { [id: string]: { name: string; changedUntil: number | null } };
  /** Opt-outs by campaign: a report is read again when its number has changed. */
  unsubscribed: { [campaignId: string]: number };
};

const minute = 60_000_000;
/** Who changes while the export runs is read again from this much before it began. */
const catchUpOverlap = 5 * minute;
/**
 * A delta begins this much before the last pull: so late may a change show at Mailchimp, and so far may its clock
 * step back, without a loss.
 */
const deltaOverlap = 24 * 60 * minute;

/** Decides what to read. @param since the mark of the last complete pull; null, or one that is none, for a full pull */
export async function planPull(
  client: MailchimpClient,
  audiences: readonly Audience[],
  since: Checkpoint | null,
): Promise<PullPlan & { streams: MailchimpStream[] }> {
  const old = readMark(since);
  const reachedIn = ({ id }: Audience) => old?.audiences[id]?.changedUntil ?? null;
  const [moments, reports] = await Promise.all([
    Promise.all(
      audiences.map((audience) =>
        reachedIn(audience) === null ? dividingMoment(client, audience) : newestChange(client, audience),
      ),
    ),
    readReportsWhereAllowed(client),
  ]);
  const members: MailchimpStream[] = [];
  const changed: MailchimpStream[] = [];
  for (const [index, audience] of audiences.entries()) {
    const newest = moments[index]!;
    const reached = reachedIn(audience);
    if (reached !== null) changed.push(...changedStreams(audience, reached - deltaOverlap));
    else {
      members.push(...memberStreams(audience, newest));
      changed.push(...changedStreams(audience, newest === null ? null : newest - catchUpOverlap));
    }
  }
  const complaints = audiences.map(abuseStream);
  const mark: Mark = {
    audiences: Object.fromEntries(
      audiences.map(({ id, name }, index) => [id, { name, changedUntil: moments[index]! }]),
    ),
    unsubscribed: Object.fromEntries((reports ?? []).map(({ id, unsubscribed }) => [id, unsubscribed])),
  };
  return {
    kind: old ? "delta" : "full",
    // Changes after all members: somebody may move from a status not yet read to one that was read.
    streams: [
      ...members,
      ...changed,
      ...complaints,
      ...formerComplaintStreams(reports ?? [], audiences),
      ...optOutStreams(reports ?? [], audiences, old),
    ],
    mark,
    notes: notesOf(audiences, old, reports !== null),
  };
}

/**
 * The time that divides an audience into those who changed before and those who change from then on. Null where there
 * is none: the audience is empty, or somebody in it has no time of change and would be on neither side.
 */
async function dividingMoment(client: MailchimpClient, audience: Audience): Promise<number | null> {
  const newest = await newestChange(client, audience);
  return newest !== null && (await allHaveTimes(client, audience, newest)) ? newest : null;
}

/**
 * The newest time of change in an audience, but never later than Mailchimp's own clock: that clock may have stepped
 * back, and ours may be wrong. Null where the audience is empty.
 */
async function newestChange(client: MailchimpClient, audience: Audience): Promise<number | null> {
  const what = `the newest change in “${audience.name}”`;
  const answer = await client.call(what, (api) =>
    api.lists.getListMembersInfoWithHttpInfo(audience.id, {
      fields: ["members.last_changed", "total_items"],
      sort_field: "last_changed",
      sort_dir: "DESC",
      count: 1,
    }),
  );
  const [member] = stretchOf(answer, "members", what).rows;
  const newest = isEntry(member) ? timeOf(member.last_changed) : null;
  return newest === null ? null : Math.min(newest, answer.at ?? newest);
}

/** Null where the key may not see reports. They bring times alone, so that is told and stops nothing. */
async function readReportsWhereAllowed(client: MailchimpClient): Promise<CampaignReport[] | null> {
  try {
    return await readCampaignReports(client);
  } catch (error) {
    if (isNotFound(error) || (error instanceof Failure && error.code === "MAILCHIMP_FORBIDDEN")) return null;
    throw error;
  }
}

function memberStreams(audience: Audience, before: number | null): MailchimpStream[] {
  const { id, name } = audience;
  const filter = { ...everyMember(audience), before, timed: before !== null };
  return [
    ...memberStatuses.map((status) => ({
      id: `members/${id}/${status}`,
      title: `“${name}”: ${status} members`,
      carriesSuppressions: isSuppressed(status),
      scope: { reads: "members" as const, ...filter, status },
    })),
    {
      id: `members/${id}/unknown-statuses`,
      title: `“${name}”: members with an unknown status`,
      carriesSuppressions: true,
      scope: { reads: "unknown_statuses", ...filter },
    },
  ];
}

function changedStreams(audience: Audience, since: number | null): MailchimpStream[] {
  const { id, name } = audience;
  const filter = { ...everyMember(audience), since, timed: since !== null };
  return [
    ...[...memberStatuses, null].map((status) => ({
      id: `changed/${id}/${status ?? "any"}`,
      title: `“${name}”: changes, ${status ?? "any"} status`,
      carriesSuppressions: status === null || isSuppressed(status),
      scope: { reads: "members" as const, ...filter, status },
    })),
    {
      id: `changed/${id}/unsubscribed-since`,
      title: `“${name}”: opt-outs by their own time`,
      carriesSuppressions: true,
      scope: {
        reads: "members",
        ...filter,
        status: "unsubscribed",
        since: null,
        unsubscribedSince: since,
      },
    },
  ];
}

function abuseStream({ id, name }: Audience): MailchimpStream {
  return {
    id: `abuse/${id}`,
    title: `“${name}”: spam complaints`,
    carriesSuppressions: true,
    scope: { reads: "abuse_reports", listId: id, audience: name },
  };
}

/** Complaints about campaigns to audiences that are no more. */
function formerComplaintStreams(
  reports: readonly CampaignReport[],
  audiences: readonly Audience[],
): MailchimpStream[] {
  const known = new Set(audiences.map(({ id }) => id));
  const former = reports.filter(({ listId, complaints }) => complaints > 0 && !known.has(listId));
  return [...byList(former)].map(([listId, some]) => ({
    id: `former-complaints/${listId}`,
    title: `“${some[0]!.listName}” (deleted): spam complaints in reports`,
    carriesSuppressions: true,
    scope: {
      reads: "campaign_complaints",
      listId,
      audience: some[0]!.listName,
      campaigns: some.map(({ id }) => id),
    },
  }));
}

function byList(reports: readonly CampaignReport[]): Map<string, CampaignReport[]> {
  const lists = new Map<string, CampaignReport[]>();
  for (const report of reports) lists.set(report.listId, [...(lists.get(report.listId) ?? []), report]);
  return lists;
}

function optOutStreams(
  reports: readonly CampaignReport[],
  audiences: readonly Audience[],
  old: Mark | null,
): MailchimpStream[] {
  const news = reports.filter(
    ({ id, unsubscribed }) => unsubscribed > 0 && old?.unsubscribed[id] !== unsubscribed,
  );
  return [...byList(news)].map(([listId, some]) => {
    const audience = audiences.find(({ id }) => id === listId);
    const name = audience?.name ?? some[0]!.listName;
    return {
      id: `opt-out-times/${listId}`,
      title: audience ? `“${name}”: times of opt-outs` : `“${name}” (deleted): opt-outs in reports`,
      carriesSuppressions: true,
      scope: {
        reads: "opt_out_times",
        listId,
        audience: name,
        exists: audience !== undefined,
        campaigns: some.map(({ id }) => id),
      },
    };
  });
}

function notesOf(audiences: readonly Audience[], old: Mark | null, reportsRead: boolean): string[] {
  const gone = Object.entries(old?.audiences ?? {}).filter(([id]) => !audiences.some((one) => one.id === id));
  return [
    "Mailchimp does not hand out contacts that were deleted permanently. If they had opted out, nobody can tell from here: add what you know of them as a CSV.",
    "Mailchimp does not show what archived contacts were before. They all count as opted out.",
    "Contacts known by SMS alone are not in Mailchimp's member lists; at most 50 tags of a person are handed out.",
    ...gone.map(
      ([, { name }]) =>
        `The audience “${name}” was deleted since the last pull. Its people stay as they were read then.`,
    ),
    ...(reportsRead
      ? []
      : [
          "This key may not see campaign reports. All opt-outs are read, but the times of those from campaigns are missing.",
        ]),
    ...(old
      ? [
          "This pull reads what changed since a day before the last one. A full pull finds changes that Mailchimp showed later than that.",
        ]
      : []),
  ];
}

function readMark(since: Checkpoint | null): Mark | null {
  return isEntry(since) && isEntry(since.audiences) && isEntry(since.unsubscribed) ? (since as Mark) : null;
}
