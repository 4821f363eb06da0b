import type { Gate, Plan, ProfilesVerifyReport, UploadReport, VerifyReport } from "../contract/delivery.ts";
import type { DecideReport, MergeSummary } from "../contract/merge.ts";
import type { PullReport } from "../contract/pulls.ts";
import type { ImportReport } from "../contract/sources.ts";
import { counted, number } from "./output.ts";
import { duration } from "./progress-line.ts";

/** Results in words, for people; each is what its command prints without `--json`. */

export function importWords(report: ImportReport): string {
  const lines = report.files.map((file) => {
    const read = file.unchanged
      ? "imported before, nothing changed"
      : `${counted(file.rows, "row")}: ${number(file.imported)} imported, ${number(file.rejected)} rejected`;
    const older = file.looksNewerThan.length
      ? `\n    It looks like a newer export of file ${file.looksNewerThan.join(", ")}. Both count; import with --replaces to let it replace.`
      : "";
    const rejections = file.rejections.slice(0, 5).map(({ line, reason }) => `\n    line ${line}: ${reason}`);
    return `${String(file.id).padStart(3)} ${file.file} (${file.kind}): ${read}${older}${rejections.join("")}`;
  });
  return lines.join("\n");
}

export function pullWords(report: PullReport): string {
  const known =
    report.user_id_field === null
      ? "People are known by their address alone."
      : `The user_id is ${report.user_id_field}.`;
  const streams = report.streams.map(
    ({ title, declared, received, rejected, complete }) =>
      `  ${complete ? "complete" : "INCOMPLETE"}  ${title}: ${number(received)}${declared === null ? "" : ` of ${number(declared)} declared`}${rejected > 0 ? `, ${number(rejected)} rejected` : ""}`,
  );
  return [
    `${report.source}, ${report.account}: ${report.kind === "full" ? "everything" : "changes"}. ${known}`,
    ...streams,
    `${number(report.added)} new, ${number(report.changed)} changed, ${number(report.gone)} no longer there (they stay as they were), ${number(report.opted_in_again)} opted in again (they stay suppressed).`,
    ...report.notes,
  ].join("\n");
}

/** How old the last full pull is, which the gate wants once a week. @param at ISO 8601; null where there was none */
export function fullPullWords(source: string, at: string | null): string {
  if (at === null) return `All of ${source} was never read to its end.`;
  const hours = Math.floor((Date.now() - Date.parse(at)) / 3_600_000);
  const age = hours < 1 ? "just now" : hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
  return `All of ${source} was last read ${age} (${at}); the gate wants that once a week (pull --full).`;
}

export function mergeWords(summary: MergeSummary): string {
  const conflicts = Object.entries(summary.conflicts)
    .filter(([, count]) => count > 0)
    .map(([code, count]) => `  ${code} ${number(count)}`);
  return [
    `${counted(summary.records, "record")} of ${counted(summary.persons, "person", "people")} and ${counted(summary.leads, "lead")}; ${counted(summary.rejected, "row")} rejected.`,
    `Suppressed: ${number(summary.suppressed_addresses)} of ${number(summary.addresses)} addresses, ${counted(summary.suppressed_persons, "person")}.`,
    conflicts.length ? `Conflicts:\n${conflicts.join("\n")}` : "No conflicts.",
  ].join("\n");
}

export function decideWords(report: DecideReport): string {
  return decisionWords(report, "Merge again to let them take effect.");
}

export function decisionWords(report: DecideReport, next: string): string {
  if (report.refused.length > 0) {
    const lines = report.refused.slice(0, 20).map(({ line, reason }) => `  line ${line}: ${reason}`);
    return `Nothing was applied; ${counted(report.refused.length, "row")} refused:\n${lines.join("\n")}`;
  }
  return `${counted(report.applied, "decision")} applied, ${number(report.unchanged)} unchanged. ${next}`;
}

const mechanismWords: Record<string, string> = {
  unsubscribe_person: "people marked unsubscribed",
  unsubscribe_address: "addresses without a person marked unsubscribed",
  topic_preference: "people with a topic switched off",
  esp_spam_reports: "addresses on the list of spam reports",
  esp_bounces: "addresses on the list of bounces",
  esp_invalid_emails: "addresses on the list of invalid addresses",
};

export function planWords(plan: Plan): string {
  const { suppressions, profiles } = plan;
  return [
    `Plan ${plan.hash.slice(0, 12)}; nothing was written.`,
    "Suppressions:",
    ...suppressions.byMechanism.map((row) => `  ${number(row.operations)} ${mechanismWords[row.mechanism]}`),
    `  ${number(suppressions.coveredByPersons)} addresses covered through their persons`,
    `  ${number(suppressions.trackCalls + suppressions.appCalls)} calls, about ${duration(suppressions.seconds)} at Customer.io's limits, reading back included`,
    `Billable profiles from suppressions: ${number(plan.billableProfiles[plan.leadSuppression])}`,
    `Profiles: ${number(profiles.operations)}, about ${duration(profiles.seconds)}`,
    ...profiles.heldBack.map((row) => `  ${number(row.persons)} held back: ${row.reason}`),
    ...plan.warnings.map((warning) => `Note: ${warning}`),
    ...(plan.undo.takeBack.length > 0 ? ["Can be taken back:"] : []),
    ...plan.undo.takeBack.map(({ what, operations, how }) => `  ${what} (${number(operations)}): ${how}`),
    ...(plan.undo.final.length > 0 ? ["Cannot be taken back:"] : []),
    ...plan.undo.final.map(({ what, operations, why }) => `  ${what} (${number(operations)}): ${why}`),
  ].join("\n");
}

export function uploadWords(report: UploadReport): string {
  const verb = report.dryRun ? "would be written" : "delivered";
  const failures = report.failures.map(
    ({ subject, reason, nextStep }) => `  ${subject}: ${reason} ${nextStep}`,
  );
  return [
    `${number(report.dryRun ? report.operations : report.delivered)} of ${number(report.operations)} ${report.what} ${verb}, ${number(report.failed)} refused.`,
    ...failures,
  ].join("\n");
}

export function verifyWords(report: VerifyReport): string {
  const missing = report.missingItems.map(
    ({ subject, reason, nextStep }) => `  ${subject}: ${reason} ${nextStep}`,
  );
  return [
    `Read back ${counted(report.addresses, "address", "addresses")} and ${counted(report.persons, "person")}: ${number(report.covered)} covered, ${number(report.missing)} missing.`,
    ...missing,
    ...failedActivityWords(report.failedActivities),
  ].join("\n");
}

export function verifyProfilesWords(report: ProfilesVerifyReport): string {
  const missing = report.missingItems.map(
    ({ subject, reason, nextStep }) => `  ${subject}: ${reason} ${nextStep}`,
  );
  const differing = report.differingAttributes.map(
    ({ name, profiles }) => `  ${name}: of ${counted(profiles, "profile")}`,
  );
  return [
    `Read back ${counted(report.profiles, "profile")}: ${number(report.arrived)} arrived, ${number(report.missing)} missing.`,
    ...missing,
    ...(differing.length > 0
      ? ["Attributes that are not what was written; nothing writes them again by itself:"]
      : []),
    ...differing,
    ...failedActivityWords(report.failedActivities),
  ].join("\n");
}

function failedActivityWords({ count, items, trouble }: VerifyReport["failedActivities"]): string[] {
  return [
    ...(count > 0
      ? [`Customer.io's activity log tells of ${counted(count, "trouble")} with our people:`]
      : []),
    ...items.map(({ subject, at, reason, nextStep }) => `  ${at} ${subject}: ${reason} ${nextStep}`),
    ...(trouble === null ? [] : [`Note: ${trouble}`]),
  ];
}

export function gateWords(gate: Gate): string {
  if (gate.open) {
    const { certificate } = gate;
    return `The gate is open until ${certificate!.validUntil}: ${number(certificate!.suppressedAddresses)} suppressed addresses are proven at ${certificate!.workspace.name} (${certificate!.workspace.id}).`;
  }
  const blockers = gate.blockers.map(({ code, message, nextStep }) => `  ${code}: ${message} ${nextStep}`);
  return `The gate is locked:\n${blockers.join("\n")}`;
}
