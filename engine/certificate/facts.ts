import type { Seal } from "../../contract/certificate.ts";
import type { JournalLine } from "../journal/journal.ts";

/** A seal as the journal keeps it. */
export function sealText({ of, rows, digest }: Seal): string {
  return `${of} ${rows} ${digest}`;
}

/**
 * Holds the facts as they stand against their seals in the journal: an imported file is sealed when it was imported,
 * everything once more by each certificate. What Sendgate itself did since is on record there and explains itself.
 * @param now of `factSeals`
 * @returns what was changed otherwise, in words
 */
export function changedFacts(lines: readonly JournalLine[], now: readonly Seal[]): string[] {
  const record = onRecord(lines);
  const standing = new Map(now.map((seal) => [seal.of, seal]));
  const version = standing.get("version")?.digest;
  const changed: string[] = [];
  for (const seal of record.seals.values()) {
    const is = standing.get(seal.of);
    const same = is?.rows === seal.rows && is.digest === seal.digest;
    // What another version sealed has other sums; the next certificate seals it anew.
    if (same || (seal.version !== undefined && seal.version !== version)) continue;
    const message = unexplained(seal, is?.rows ?? 0, record, now);
    if (message !== null) changed.push(message);
  }
  return changed;
}

function unexplained(seal: Seal, rows: number, record: OnRecord, now: readonly Seal[]): string | null {
  const [kind, name] = seal.of.split(":");
  switch (kind) {
    case "file":
      return `What was read from file ${name} was changed`;
    case "api":
      return hasLaterPull(seal, now) ? null : `What was pulled from ${name} was changed`;
    case "decision":
      return record.decided ? null : "A decision was changed";
    case "replaced_file":
      return record.replaced ? null : "Which files count was changed";
    case "accepted_reject": {
      // A pull takes back what it can read by now.
      const explained = (record.accepted > 0 || record.pulled) && rows <= seal.rows + record.accepted;
      return explained ? null : "Which rejected rows are accepted was changed";
    }
    default:
      return "The project's name, source priority or kind was changed";
  }
}

interface OnRecord {
  /** With the version that made their sums; the beginning, where nothing was there, needs none. */
  seals: Map<string, Seal & { version?: string | undefined }>;
  decided: boolean;
  replaced: boolean;
  pulled: boolean;
  accepted: number;
}

/** The seals that hold, and what Sendgate did since the last certificate. */
function onRecord(lines: readonly JournalLine[]): OnRecord {
  const record = nothingDone();
  for (const { event, data } of lines) {
    if (event === "decisions_taken") record.decided = true;
    else if (event === "files_replaced") record.replaced = true;
    else if (event === "pull_started") record.pulled = true;
    else if (event === "rejects_accepted") record.accepted += Number(data.rows);
    else if (event === "file_imported" || event === "certificate_issued") {
      if (event === "certificate_issued") Object.assign(record, nothingDone());
      const seals = Array.isArray(data.seals) ? data.seals.map((text) => readSeal(String(text))) : [];
      const version = seals.find(({ of }) => of === "version")?.digest;
      for (const seal of seals) if (seal.of !== "version") record.seals.set(seal.of, { ...seal, version });
    }
  }
  return record;
}

function nothingDone(): OnRecord {
  const nothing = (of: string): [string, Seal] => [of, { of, rows: 0, digest: "0" }];
  return {
    seals: new Map([nothing("decision"), nothing("replaced_file"), nothing("accepted_reject")]),
    decided: false,
    replaced: false,
    pulled: false,
    accepted: 0,
  };
}

/** A pull that brought anything counts under a file of its own, numbered above all that were there. */
function hasLaterPull({ of }: Seal, now: readonly Seal[]): boolean {
  const [, source, file] = of.split(":");
  return now.some((seal) => {
    const [kind, otherSource, otherFile] = seal.of.split(":");
    return kind === "api" && otherSource === source && Number(otherFile) > Number(file);
  });
}

function readSeal(text: string): Seal {
  const [of, rows, ...digest] = text.split(" ");
  return { of: of!, rows: Number(rows), digest: digest.join(" ") };
}
