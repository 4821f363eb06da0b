import type { ColumnMapping, FileMeaning, MappableField, SourceName } from "../../contract/source.ts";
import type { FilePreview, ImportReport, ImportRequest } from "../../contract/sources.ts";

/** What the operator says about one file before it is imported. */
export interface FileChoice {
  preview: FilePreview;
  source: SourceName | null;
  /** For other CSV files. */
  means: FileMeaning | null;
  /** For other CSV files: which column is which field. */
  map: ColumnMapping;
}

/** What a file looks like is taken over; what cannot be told is left to the operator. */
export function firstChoice(preview: FilePreview): FileChoice {
  return {
    preview,
    source: preview.source,
    means: null,
    map: guessMapping(preview.parts[0]?.headers ?? []),
  };
}

/** Header names that say plainly what they are, compared without case, spaces and punctuation (interfaces §4). */
const plainHeaders: Record<MappableField, string[]> = {
  user_id: ["userid", "externalid", "customerid"],
  email: ["email", "emailaddress"],
  updated_at: ["updatedat", "lastchanged"],
  record_id: ["recordid"],
  at: ["unsubscribedat", "bouncedat", "complainedat", "optouttime"],
  reason: ["reason", "suppressionreason"],
};

/** The columns whose names say plainly what they hold; the operator confirms or corrects them. */
export function guessMapping(headers: string[]): ColumnMapping {
  const guess: ColumnMapping = {};
  for (const field of Object.keys(plainHeaders) as MappableField[]) {
    const header = headers.find((name) =>
      plainHeaders[field].includes(name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "")),
    );
    if (header !== undefined) guess[field] = header;
  }
  return guess;
}

/** Nothing of the file could be read, so there is nothing to ask about it. */
export function isUnreadable({ parts }: FilePreview): boolean {
  return parts.every((part) => part.problem !== null && part.headers.length === 0);
}

/** What is still missing before a file can be imported, in words; null where nothing is. */
export function missingFromChoice({ preview, source, means, map }: FileChoice): string | null {
  if (isUnreadable(preview)) return "This file cannot be read, so it cannot be imported.";
  if (source === null) return "Choose where this file comes from.";
  if (source !== "csv") return null;
  if (means === null) return "Choose what the rows of this file mean.";
  if (map.email === undefined && map.user_id === undefined) {
    return "Choose the column with the address or the one with the user ID.";
  }
  return null;
}

/** One request for all files of a vendor, one for each other CSV file, as each has its own columns. */
export function importRequests(choices: FileChoice[]): ImportRequest[] {
  const requests: ImportRequest[] = [];
  for (const { preview, source, means, map } of choices) {
    if (source === null) continue;
    if (source === "csv") {
      requests.push({ source, files: [preview.file], ...(means && { means }), map });
      continue;
    }
    const request = requests.find((other) => other.source === source);
    if (request) request.files.push(preview.file);
    else requests.push({ source, files: [preview.file] });
  }
  return requests;
}

/** The reports of several requests as one. */
export function joinReports(reports: ImportReport[]): ImportReport {
  const sum = (field: keyof ImportReport["total"]) =>
    reports.reduce((total, report) => total + report.total[field], 0);
  return {
    files: reports.flatMap((report) => report.files),
    total: { rows: sum("rows"), imported: sum("imported"), rejected: sum("rejected") },
  };
}
