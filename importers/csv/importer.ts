import type { ConsentLevel, ConsentState } from "../../contract/consent.ts";
import { badInput } from "../../contract/failure.ts";
import type { FileMeaning } from "../../contract/source.ts";
import { Columns } from "../columns.ts";
import type { FileHead, FileImporter, ImportOptions } from "../file-importer.ts";
import { headerKey, listHeaders, userIdHeaderKeys } from "../headers.ts";
import { readReason } from "./reason.ts";

/** Header synonyms of reference/identity-and-consent.md §8, the best first. Bare `id` and vendors' ids never count. */
const emailKeys = [
  "email",
  "emailaddress",
  "mail",
  "contactemail",
  "recipient",
  "subscriber",
  "address",
  "to",
];
const idKeys = [...userIdHeaderKeys, "custid", "clientid"];
const timeKeys = [
  ...["unsubscribedat", "optoutdate", "unsubtime", "cleantime"],
  ...["at", "created", "createdat", "timestamp", "ts", "date", "lastupdatetime"],
];

const levels: Record<Exclude<FileMeaning, "profiles">, ConsentLevel> = {
  unsubscribed: "unsubscribed_all",
  bounced: "hard_bounce",
  complained: "complaint",
  manual: "manual",
};

/** Any other CSV: the operator says what it means and, where the headers are not obvious, which column is which. */
export const csvImporter: FileImporter = {
  source: "csv",
  capabilities: { full: false, delta: false, declaredTotals: false, topics: false },
  recognisedBy:
    "any other CSV with an e-mail or user_id column (or --map email=COLUMN, --map user_id=COLUMN) and --means",
  recognise(head, options) {
    if (head.format !== "csv") return null;
    const { means } = options;
    if (means === undefined)
      throw badInput(
        "MEANS_MISSING",
        `${head.name}: a CSV of no known vendor does not say what it means. Its headers: ${listHeaders(head.headers)}.`,
        "Say it with --means profiles, unsubscribed, bounced, complained or manual.",
      );
    const level = means === "profiles" ? null : levels[means];
    if (level === null && (options.map?.reason !== undefined || options.map?.at !== undefined))
      throw badInput(
        "MEANS_CONTRADICTS_MAP",
        `${head.name}: profiles carry no suppressions, so a column for their reason or time cannot count.`,
        "Say --means unsubscribed, bounced, complained or manual, or leave out --map reason=… and --map at=….",
      );
    const columns = columnsOf(head, options);
    return {
      kind: means,
      carriesSuppressions: level !== null,
      map(raw) {
        const row = columns.row(raw);
        return {
          line: raw.line,
          recordId: (row.text("record_id") ?? "").trim(),
          kind: "profile",
          userId: row.text("user_id"),
          email: row.text("email"),
          updatedAt: row.time("updated_at"),
          states: level === null ? [] : states(level, row.text("reason") ?? "", row.time("at")),
          attributes: row.attributes(),
        };
      },
    };
  },
};

function columnsOf(head: FileHead, options: ImportOptions) {
  const columns = new Columns(
    {
      source: "csv",
      fields: {
        email: emailKeys,
        user_id: idKeys,
        record_id: ["recordid"],
        updated_at: ["updatedat"],
        reason: [],
        at: options.means === "profiles" ? [] : timeKeys,
      },
      isBookkeeping: () => false,
    },
    head,
    options.map,
  );
  if (columns.has("email") || columns.has("user_id")) return columns;
  throw badInput(
    "IDENTIFIER_COLUMN_MISSING",
    `${head.name}: none of its headers is an e-mail address or user_id column: ${listHeaders(head.headers)}.`,
    `Name the column with --map email=COLUMN or --map user_id=COLUMN${head.headers.some((header) => headerKey(header) === "id") ? " (a bare id is never taken for the user_id by itself)" : ""}.`,
  );
}

function states(level: ConsentLevel, reasonCell: string, at: number | null): ConsentState[] {
  const reason = readReason(reasonCell);
  if (reason === "nothing") return [];
  return [{ ...(reason ?? { level }), at }];
}
