import type { Seal } from "../../contract/certificate.ts";
import type { JournalLine } from "../journal/journal.ts";

/** One fact that stands otherwise than it was sealed, and no step of Sendgate's explains it. */
export interface ChangedFact {
  of: string;
  message: string;
}

/** A seal as the journal keeps it. */
export function sealText({ of, rows, digest }: Seal): string {
  return `${of} ${rows} ${digest}`;
}

/**
 * Holds the facts as they stand against their seals in the journal: an imported file is sealed when it was imported,
 * everything once more by each certificate. What Sendgate itself did since is on record there and explains itself.
 * @param now of `factSeals`
 */
export function changedFacts(lines: readonly JournalLine[], now: readonly Seal[]): ChangedFact[] {
  const record = onRecord(lines);
  const standing = new Map(now.map((seal) => [seal.of, seal]));
  // Sealed by another version, whose sums are other sums: the next certificate seals anew.
  if (record.version !== undefined && record.version !== standing.get("version")?.digest) return [];
  const changed: ChangedFact[] = [];
  const tell = (of: string, message: string) => changed.push({ of, message });
  for (const seal of record.seals.values()) {
    const is = standing.get(seal.of);
    const same = is !== undefined && is.rows === seal.rows && is.digest === seal.digest;
    if (same) continue;
    const [kind, name] = seal.of.split(":");
    if (kind === "file") tell(seal.of, `What was read from file ${name} was changed`);
    else if (kind === "api") {
      if (!laterPull(seal, now)) tell(seal.of, `What was pulled from ${name} was changed`);
    } else if (seal.of === "decision" && !record.decided) tell(seal.of, "Decisions were changed");
    else if (seal.of === "replaced_file" && !record.replaced) {
      tell(seal.of, "Which files count was changed");
    } else if (seal.of === "accepted_reject") {
      const rows = is?.rows ?? 0;
      if (rows > seal.rows + record.accepted || (record.accepted === 0 && !record.pulled)) {
        tell(seal.of, "Which rejected rows are accepted was changed");
      }
    } else if (seal.of === "project") tell(seal.of, "The project's name or source priority was changed");
  }
  return changed;
}

interface OnRecord {
  seals: Map<string, Seal>;
  version: string | undefined;
  decided: boolean;
  replaced: boolean;
  pulled: boolean;
  accepted: number;
}

/** The seals that hold, and what was done since the last certificate. At the beginning the operator had said nothing. */
function onRecord(lines: readonly JournalLine[]): OnRecord {
  const nothing = (of: string): [string, Seal] => [of, { of, rows: 0, digest: "0" }];
  const record: OnRecord = {
    seals: new Map([nothing("decision"), nothing("replaced_file"), nothing("accepted_reject")]),
    version: undefined,
    decided: false,
    replaced: false,
    pulled: false,
    accepted: 0,
  };
  for (const { event, data } of lines) {
    if (event === "decisions_taken") record.decided = true;
    if (event === "files_replaced") record.replaced = true;
    if (event === "pull_started") record.pulled = true;
    if (event === "rejects_accepted") record.accepted += Number(data.rows);
    if (event === "file_imported" && typeof data.seal === "string") {
      const seal = readSeal(data.seal);
      // The same file imported again is the file that was sealed.
      if (seal && !record.seals.has(seal.of)) record.seals.set(seal.of, seal);
    }
    if (event !== "certificate_issued") continue;
    record.seals = new Map(
      (data.seals as readonly string[]).map((text) => readSeal(text)!).map((seal) => [seal.of, seal]),
    );
    record.version = record.seals.get("version")?.digest;
    Object.assign(record, { decided: false, replaced: false, pulled: false, accepted: 0 });
  }
  return record;
}

/** A pull that brought anything counts under a file of its own, numbered above all that were there. */
function laterPull({ of }: Seal, now: readonly Seal[]): boolean {
  const [, source, file] = of.split(":");
  return now.some((seal) => {
    const [kind, otherSource, otherFile] = seal.of.split(":");
    return kind === "api" && otherSource === source && Number(otherFile) > Number(file);
  });
}

function readSeal(text: string): Seal | null {
  const match = /^(\S+) (\d+) (.*)$/.exec(text);
  return match && { of: match[1]!, rows: Number(match[2]), digest: match[3]! };
}
