import type { CustomerIoSimulator } from "../../simulators/customerio/simulator.ts";
import { type Expected, isSafe } from "./people.ts";
import type { RunOutcome } from "./run-delivery.ts";

export interface Verdict {
  /** The gate was open while somebody suppressed was not safe in the workspace. */
  gateOpenedUnproven: boolean;
  /** Suppressions that are neither delivered nor reported, and subscribers that never came. */
  lost: string[];
  /** What failed and stands in no report. */
  unreported: string[];
  /** The trouble is over and the gate is locked all the same. */
  stuck: string | null;
}

export function emptyVerdict(): Verdict {
  return { gateOpenedUnproven: false, lost: [], unreported: [], stuck: null };
}

/** Compares what one run says with the workspace itself. */
export function judgeRun(
  verdict: Verdict,
  simulator: CustomerIoSimulator,
  everybody: readonly Expected[],
  { gateOpen, upload, verified, differences }: RunOutcome,
  refused: (subject: string) => boolean,
): void {
  const suppressed = everybody.filter(({ kind }) => kind !== "subscriber");
  const unsafe = suppressed.filter((expected) => !isSafe(simulator, expected));
  if (gateOpen && unsafe.length > 0) verdict.gateOpenedUnproven = true;
  for (const { subject, reason, nextStep } of upload?.failures ?? [])
    if (reason === "" || nextStep === "") verdict.unreported.push(`${subject}: without reason or advice`);
  if (upload) {
    const listed = new Set(upload.failures.map(({ subject }) => subject));
    const failedSubjects = upload.subjects.filter(refused);
    verdict.unreported.push(...failedSubjects.filter((subject) => !listed.has(subject)));
    if (upload.delivered + upload.failed !== upload.operations)
      verdict.unreported.push("counts of the upload");
  }
  if (upload && verified) {
    const isThere = (expected: Expected) =>
      expected.kind === "subscriber"
        ? upload.what === "suppressions" || holdsProfile(simulator, expected)
        : isSafe(simulator, expected);
    const named = [
      ...[...upload.failures, ...verified.missingItems].map(({ subject }) => subject),
      ...differences.split("\r\n").map((line) => line.split(",")[0]!),
    ];
    const silent = everybody.filter((expected) => !isThere(expected) && !isNamed(expected, named));
    verdict.unreported.push(...silent.map(({ email }) => email));
  }
}

/** Once the trouble is over and everything was tried again: nobody may be missing. */
export function judgeEnd(
  verdict: Verdict,
  simulator: CustomerIoSimulator,
  everybody: readonly Expected[],
  last: RunOutcome,
): void {
  const named = [...(last.upload?.failures ?? []), ...(last.verified?.missingItems ?? [])].map(
    ({ subject }) => subject,
  );
  for (const expected of everybody) {
    const there =
      expected.kind === "subscriber" ? holdsProfile(simulator, expected) : isSafe(simulator, expected);
    if (!there && !isNamed(expected, named)) verdict.lost.push(expected.email);
  }
  if (!last.gateOpen) verdict.stuck = last.blockers.join(", ");
}

function holdsProfile(simulator: CustomerIoSimulator, { userId }: Expected): boolean {
  return simulator.personById(userId!) !== null;
}

function isNamed({ userId, email }: Expected, subjects: readonly string[]): boolean {
  return subjects.some((subject) => subject.endsWith(`:${email}`) || subject === `id:${userId}`);
}
