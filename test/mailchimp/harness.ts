import type { ConsentLevel } from "../../contract/consent.ts";
import type { SourceRecord } from "../../contract/source.ts";
import type { ApiExport, Checkpoint } from "../../importers/api-importer.ts";
import type { Account } from "../../simulators/mailchimp/account.ts";
import type { MailchimpSimulator, MailchimpSimulatorOptions } from "../../simulators/mailchimp/simulator.ts";
import { Landing, pull as pullInto } from "../importers/landing.ts";
import { startSimulator } from "./pull.ts";

export { connect, userIdField } from "./pull.ts";

let running: MailchimpSimulator[] = [];

export async function simulate(options: MailchimpSimulatorOptions = {}): Promise<MailchimpSimulator> {
  const simulator = await startSimulator(options);
  running.push(simulator);
  return simulator;
}

/** For `afterEach`: fails where an export wanted to write. */
export async function closeSimulators(): Promise<void> {
  const closing = running;
  running = [];
  await Promise.all(closing.map((simulator) => simulator.close()));
}

/** Reads a whole pull, each stream to its proven end. @param landing what earlier pulls brought */
export async function pull(api: ApiExport, since: Checkpoint | null = null, landing = new Landing()) {
  const { plan } = await pullInto(api, landing, since);
  return { plan, landing, records: landing.records, rejections: landing.rejections };
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
