import type { ConsentLevel } from "../../contract/consent.ts";
import type { RejectedRow, SourceRecord } from "../../contract/source.ts";
import type { ApiAccess, ApiExport, ApiPage, Checkpoint, PullPlan } from "../../importers/api-importer.ts";
import type { ClientSettings } from "../../importers/mailchimp/api/client.ts";
import { connectMailchimp } from "../../importers/mailchimp/api/importer.ts";
import type { Account } from "../../simulators/mailchimp/account.ts";
import {
  type MailchimpSimulator,
  type MailchimpSimulatorOptions,
  startMailchimpSimulator,
} from "../../simulators/mailchimp/simulator.ts";

let running: MailchimpSimulator[] = [];

export async function simulate(options: MailchimpSimulatorOptions = {}): Promise<MailchimpSimulator> {
  const simulator = await startMailchimpSimulator(options);
  running.push(simulator);
  return simulator;
}

/** For `afterEach`: fails where an export wanted to write. */
export async function closeSimulators(): Promise<void> {
  const closing = running;
  running = [];
  await Promise.all(closing.map((simulator) => simulator.close()));
}

export const userIdField = "merge_fields.USER_ID";

export function connect(
  simulator: MailchimpSimulator,
  settings: ClientSettings = {},
  access: Partial<ApiAccess> = {},
): ApiExport {
  return connectMailchimp(
    {
      key: simulator.key,
      endpoint: simulator.url,
      userIdField,
      signal: new AbortController().signal,
      ...access,
    },
    { firstWaitMs: 1, timeoutMs: 20_000, ...settings },
  );
}

/** What an engine would have made durable. */
export interface Landing {
  records: Map<string, SourceRecord>;
  rejections: RejectedRow[];
  pages: number;
  /** The streams whose distinct keys are fewer than Mailchimp declared. */
  incomplete: string[];
  plan: PullPlan;
}

/** Reads a whole pull as the engine does: page by page, every stream to its end. */
export async function pull(
  api: ApiExport,
  since: Checkpoint | null = null,
  records = new Map<string, SourceRecord>(),
): Promise<Landing> {
  const plan = throughJson(await api.plan(since));
  const landing: Landing = { records, rejections: [], pages: 0, incomplete: [], plan };
  for (const stream of plan.streams) {
    const keys = new Set<string>();
    let rejected = 0;
    let end: ApiPage | undefined;
    for await (const page of api.read(stream, null)) {
      store(landing, page);
      for (const { key } of page.records) keys.add(key);
      rejected += page.rejections.length;
      end = page;
    }
    const isProven = end?.last && keys.size + rejected >= (end.declared ?? 0);
    if (!isProven) landing.incomplete.push(stream.id);
  }
  return landing;
}

export function store(landing: Landing, page: ApiPage): void {
  for (const { key, record } of page.records) landing.records.set(key, record);
  landing.rejections.push(...page.rejections);
  landing.pages += 1;
}

/** As a database gives it back. */
export function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

const levels: Record<string, ConsentLevel> = {
  subscribed: "implied",
  unsubscribed: "unsubscribed_all",
  cleaned: "hard_bounce",
  archived: "unsubscribed_all",
  pending: "unknown",
  transactional: "unknown",
};

/** What must be known of the account's members and complaints, told by the simulator's own state. */
export function expectedOf(account: Account): Map<string, string> {
  const expected = new Map<string, string>();
  for (const audience of account.audiences) {
    for (const member of audience.members())
      expected.set(
        `member/${audience.id}/${member.id}`,
        `${member.email} ${String(member.mergeFields.USER_ID)} ${levels[member.status] ?? "manual"}`,
      );
    for (const report of audience.abuseReports)
      expected.set(
        `abuse/${audience.id}/${report.id}`,
        `${report.email} ${String(report.mergeFields.USER_ID)} complaint`,
      );
  }
  return expected;
}

/** The same of what was read; opt-out times are apart. */
export function readOf(records: ReadonlyMap<string, SourceRecord>): Map<string, string> {
  const read = new Map<string, string>();
  for (const [key, { email, userId, states }] of records)
    if (!key.startsWith("unsubscribe/")) read.set(key, `${email} ${userId} ${states[0]!.level}`);
  return read;
}
