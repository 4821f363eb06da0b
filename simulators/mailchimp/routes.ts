import { hash32 } from "../world/random.ts";
import type { Account, Campaign } from "./account.ts";
import type { AbuseReport, Audience, MergeField } from "./audience.ts";
import { notFound, Problem, type SimulatorRequest } from "./http.ts";
import { isoTime, type Member, memberId, memberJson } from "./member.ts";
import { inOrder } from "./member-shelf.ts";
import { invalid, type Paging, readChoice, readPaging, readTime } from "./query.ts";

/** What the reference marks as not confirmed; the client must get along with every setting. */
export interface UnconfirmedSettings {
  /** Whether `since_last_changed` includes its own second. */
  since: "inclusive" | "exclusive";
  /** Whether `before_last_changed` includes its own second. */
  before: "inclusive" | "exclusive";
  /** Whether members without a `status` in the question include the archived. */
  statuslessIncludesArchived: boolean;
  /** A `count` above 1,000. */
  oversizedCount: "refuse" | "cap";
  /** Whether members that changed in the same second come in the same order each time. */
  tieOrder: "stable" | "shuffled";
}

const statusWords = ["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"];

/** The body of the answer to a GET. @throws Problem */
export function answerGet(
  { path, query, count }: SimulatorRequest,
  account: Account,
  settings: UnconfirmedSettings,
  apiUrl: string,
): unknown {
  const links = [{ rel: "self", href: `${apiUrl}${path}`, method: "GET" }];
  const [collection, id, part, member, more, ...rest] = path.split("/").slice(1).map(decodeURIComponent);
  if (rest.length > 0) throw notFound();
  if (collection === "" && id === undefined) return rootJson(account, links);
  if (collection === "ping" && id === undefined) return { health_status: "Everything's Chimpy!" };
  const paging = () => readPaging(query, settings.oversizedCount);

  if (collection === "lists" && id === undefined) {
    readChoice(query, "sort_field", ["date_created"]);
    const descending = readChoice(query, "sort_dir", ["ASC", "DESC"]) === "DESC";
    const audiences = descending ? [...account.audiences].reverse() : account.audiences;
    return {
      lists: pageOf(audiences, paging()).map((audience) => listJson(audience, account, apiUrl)),
      total_items: audiences.length,
      constraints: {
        may_create: false,
        max_instances: audiences.length,
        current_total_instances: audiences.length,
      },
      _links: links,
    };
  }
  if (collection === "lists") {
    const audience = account.audience(id!);
    if (!audience) throw notFound();
    const own = { list_id: audience.id, _links: links };
    if (part === undefined) return listJson(audience, account, apiUrl);
    if (part === "merge-fields" && member === undefined) {
      const fields = audience.mergeFields.map((field, index) =>
        mergeFieldJson(field, index + 1, audience.id),
      );
      return { merge_fields: pageOf(fields, paging()), total_items: fields.length, ...own };
    }
    if (part === "abuse-reports" && member === undefined) {
      const reports = audience.abuseReports;
      return {
        abuse_reports: pageOf(reports, paging()).map((report) => abuseJson(report, audience.id)),
        total_items: reports.length,
        ...own,
      };
    }
    if (part === "members" && member === undefined) {
      const { members, total } = findMembers(audience, query, paging(), settings, count);
      return {
        members: members.map((one) => memberJson(one, audience.id, apiUrl)),
        total_items: total,
        ...own,
      };
    }
    if (part === "members") {
      const found = audience.member(member!) ?? audience.member(memberId(member!));
      if (!found) throw notFound();
      if (more === undefined) return memberJson(found, audience.id, apiUrl);
      if (more !== "tags") throw notFound();
      const tags = found.tags.map((name, index) => ({
        id: 4000 + index,
        name,
        date_added: isoTime(found.lastChanged),
      }));
      return { tags: pageOf(tags, paging()), total_items: tags.length, _links: links };
    }
    throw notFound();
  }
  if (collection === "reports" && id === undefined) {
    const before = readTime(query, "before_send_time") ?? Number.POSITIVE_INFINITY;
    const since = readTime(query, "since_send_time") ?? Number.NEGATIVE_INFINITY;
    const campaigns = account.campaigns
      .filter(({ sentAt }) => sentAt >= since && sentAt <= before)
      .sort((a, b) => b.sentAt - a.sentAt || (a.id < b.id ? -1 : 1));
    return {
      reports: pageOf(campaigns, paging()).map((campaign) => reportJson(campaign, account)),
      total_items: campaigns.length,
      _links: links,
    };
  }
  const campaign = account.campaigns.find((one) => one.id === id);
  if (collection !== "reports" || !campaign || member !== undefined) throw notFound();
  if (part === undefined) return reportJson(campaign, account);
  const isActive = account.audience(campaign.listId) !== undefined;
  if (part === "unsubscribed")
    return {
      unsubscribes: pageOf(campaign.unsubscribes, paging()).map((row) => ({
        email_id: row.memberId,
        email_address: row.email,
        merge_fields: row.mergeFields,
        vip: false,
        timestamp: isoTime(row.at),
        reason: row.reason,
        campaign_id: campaign.id,
        list_id: campaign.listId,
        list_is_active: isActive,
      })),
      campaign_id: campaign.id,
      total_items: campaign.unsubscribes.length,
      _links: links,
    };
  if (part === "abuse-reports") {
    const reports = account.complaintsAbout(campaign);
    return {
      // The specification knows no paging here.
      abuse_reports: reports.map((report) => ({
        ...abuseJson(report, campaign.listId),
        list_is_active: isActive,
      })),
      campaign_id: campaign.id,
      total_items: reports.length,
      _links: links,
    };
  }
  throw notFound();
}

function findMembers(
  audience: Audience,
  query: URLSearchParams,
  { count, offset }: Paging,
  settings: UnconfirmedSettings,
  requestNumber: number,
): { members: Member[]; total: number } {
  const status = readChoice(query, "status", statusWords);
  const sortField = readChoice(query, "sort_field", ["timestamp_opt", "timestamp_signup", "last_changed"]);
  const descending = readChoice(query, "sort_dir", ["ASC", "DESC"]) === "DESC";
  const unsubscribedSince = readTime(query, "unsubscribed_since");
  if (query.has("unsubscribed_since") && status !== "unsubscribed")
    throw invalid("unsubscribed_since", "This can only be used with the status unsubscribed.");
  if (query.has("since_last_campaign") && status === null)
    throw invalid("since_last_campaign", "Member status is required.");

  const sinceTime = readTime(query, "since_last_changed");
  const beforeTime = readTime(query, "before_last_changed");
  // Times are whole seconds, so a second more turns "at or later" into "later".
  // Who has no time of change passes no question for one.
  const earliest = beforeTime === null ? Number.NEGATIVE_INFINITY : 0;
  const from = sinceTime === null ? earliest : sinceTime + (settings.since === "exclusive" ? 1000 : 0);
  const to =
    beforeTime === null
      ? Number.POSITIVE_INFINITY
      : beforeTime + (settings.before === "inclusive" ? 1000 : 0);

  const uniqueEmailId = query.get("unique_email_id");
  const sinceOptIn = readTime(query, "since_timestamp_opt");
  const beforeOptIn = readTime(query, "before_timestamp_opt");
  const emailType = query.get("email_type");
  const vipOnly = query.get("vip_only") === "true";
  const passes = (member: Member) =>
    (uniqueEmailId === null || member.euid === uniqueEmailId) &&
    (unsubscribedSince === null || (member.unsubscribedAt ?? 0) >= unsubscribedSince) &&
    (sinceOptIn === null || (member.optedInAt ?? 0) >= sinceOptIn) &&
    (beforeOptIn === null || (member.optedInAt ?? 0) <= beforeOptIn) &&
    (emailType === null || emailType === "html") &&
    (!vipOnly || member.vip);
  const filtered =
    uniqueEmailId !== null ||
    unsubscribedSince !== null ||
    sinceOptIn !== null ||
    beforeOptIn !== null ||
    emailType !== null ||
    vipOnly;

  // The way of large exports: one status, in order of change.
  if (
    status !== null &&
    sortField === "last_changed" &&
    !descending &&
    !filtered &&
    settings.tieOrder === "stable"
  ) {
    const shelf = audience.shelf(status);
    return { members: shelf.stretch(from, to, offset, count), total: shelf.countBetween(from, to) };
  }

  const statuses =
    status === null
      ? audience.statuses().filter((word) => settings.statuslessIncludesArchived || word !== "archived")
      : [status];
  const found = statuses.flatMap((word) => audience.shelf(word).between(from, to)).filter(passes);
  // Without an order asked for it is any: here that of the ids.
  if (sortField === null) found.sort((a, b) => (a.id < b.id ? -1 : 1));
  else {
    const timeOf = (member: Member) =>
      (sortField === "last_changed"
        ? member.lastChanged
        : sortField === "timestamp_opt"
          ? member.optedInAt
          : member.signedUpAt) ?? 0;
    const shuffled = (member: Member) => hash32(requestNumber, member.webId);
    found.sort(
      (a, b) =>
        timeOf(a) - timeOf(b) ||
        (settings.tieOrder === "shuffled" ? shuffled(a) - shuffled(b) : inOrder(a, b)),
    );
    if (descending) found.reverse();
  }
  return { members: found.slice(offset, offset + count), total: found.length };
}

function pageOf<Item>(items: readonly Item[], { count, offset }: Paging): Item[] {
  return items.slice(offset, offset + count);
}

function rootJson(account: Account, links: unknown): unknown {
  return {
    account_id: account.id,
    login_id: "practice",
    account_name: account.name,
    email: "owner@company.example",
    first_name: "Practice",
    last_name: "Owner",
    username: "practice",
    role: "owner",
    total_subscribers: account.audiences.reduce((sum, one) => sum + one.shelf("subscribed").size, 0),
    _links: links,
  };
}

function listJson(audience: Audience, account: Account, apiUrl: string): unknown {
  const campaigns = account.campaigns.filter(({ listId }) => listId === audience.id);
  const lastSent = Math.max(0, ...campaigns.map(({ sentAt }) => sentAt));
  return {
    id: audience.id,
    web_id: hash32("list", audience.id) % 1_000_000,
    name: audience.name,
    contact: {
      company: account.name,
      address1: "1 Harbour Street",
      address2: "",
      city: "Boston",
      state: "MA",
      zip: "",
      country: "US",
      phone: "",
    },
    permission_reminder: "You signed up on our website.",
    use_archive_bar: true,
    campaign_defaults: {
      from_name: account.name,
      from_email: "news@company.example",
      subject: "",
      language: "en",
    },
    notify_on_subscribe: "",
    notify_on_unsubscribe: "",
    date_created: isoTime(audience.createdAt),
    list_rating: 3,
    email_type_option: false,
    subscribe_url_short: "",
    subscribe_url_long: "",
    beamer_address: "",
    visibility: "prv",
    double_optin: false,
    has_welcome: false,
    marketing_permissions: false,
    modules: [],
    stats: {
      member_count: audience.shelf("subscribed").size,
      unsubscribe_count: audience.shelf("unsubscribed").size,
      cleaned_count: audience.shelf("cleaned").size,
      member_count_since_send: 0,
      unsubscribe_count_since_send: 0,
      cleaned_count_since_send: 0,
      campaign_count: campaigns.length,
      campaign_last_sent: lastSent === 0 ? "" : isoTime(lastSent),
      merge_field_count: audience.mergeFields.length,
      avg_sub_rate: 0,
      avg_unsub_rate: 0,
      target_sub_rate: 0,
      open_rate: 0,
      click_rate: 0,
      last_sub_date: "",
      last_unsub_date: "",
    },
    _links: [{ rel: "self", href: `${apiUrl}/lists/${audience.id}`, method: "GET" }],
  };
}

function mergeFieldJson({ tag, name, type }: MergeField, mergeId: number, listId: string): unknown {
  return {
    merge_id: mergeId,
    tag,
    name,
    type,
    required: false,
    default_value: "",
    public: false,
    display_order: mergeId + 1,
    options: type === "text" ? { size: 25 } : {},
    help_text: "",
    list_id: listId,
    _links: [],
  };
}

function abuseJson(report: AbuseReport, listId: string): Record<string, unknown> {
  return {
    id: report.id,
    campaign_id: report.campaignId,
    list_id: listId,
    email_id: report.memberId,
    email_address: report.email,
    merge_fields: report.mergeFields,
    vip: false,
    date: isoTime(report.at),
    _links: [],
  };
}

function reportJson(campaign: Campaign, account: Account): unknown {
  const audience = account.audience(campaign.listId);
  return {
    id: campaign.id,
    campaign_title: campaign.title,
    type: "regular",
    list_id: campaign.listId,
    list_is_active: audience !== undefined,
    list_name: audience?.name ?? "",
    subject_line: campaign.title,
    preview_text: "",
    emails_sent: audience?.size ?? 0,
    abuse_reports: account.complaintsAbout(campaign).length,
    unsubscribed: campaign.unsubscribes.length,
    send_time: isoTime(campaign.sentAt),
    bounces: { hard_bounces: 0, soft_bounces: 0, syntax_errors: 0 },
    _links: [],
  };
}

/** For a write: none is known here. */
export function writeRefused(): Problem {
  return new Problem(
    405,
    "Method Not Allowed",
    "The requested method and resource are not compatible. See the Allow header for this resource's available methods.",
  );
}
