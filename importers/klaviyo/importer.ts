import type { ConsentState } from "../../contract/consent.ts";
import { Columns } from "../columns.ts";
import type { FileImporter } from "../file-importer.ts";
import { headerKey } from "../headers.ts";
import { refuseMeans } from "../refuse-means.ts";
import { consentState, reasonWord, suppressionState } from "./levels.ts";

/** Interfaces §4, Klaviyo; names from reference/klaviyo.md §8. */
const bookkeepingKeys = new Set(
  [
    "Klaviyo ID",
    "Source",
    "IP Address",
    "Latitude",
    "Longitude",
    "First Active",
    "Last Active",
    "Profile Created On",
    "Date Added",
    "Last Open",
    "Last Click",
  ].map(headerKey),
);
const bookkeepingColumn =
  /consent|suppressions?$|timestamp$|lifetimevalue|ordervalue|numberoforders|betweenorders/;

/** The CSV export of a list or segment. */
export const klaviyoImporter: FileImporter = {
  source: "klaviyo",
  capabilities: { full: false, delta: false, declaredTotals: false, topics: false },
  recognisedBy:
    "Klaviyo list or segment export: the column Email and one of Klaviyo ID, Email Marketing Consent, Email Suppressions",
  recognise(head, options) {
    const keys = new Set(head.headers.map(headerKey));
    const signs = ["klaviyoid", "emailmarketingconsent", "emailsuppressions"];
    if (head.format !== "csv" || !keys.has("email") || !signs.some((key) => keys.has(key))) return null;
    refuseMeans(head, options, "Klaviyo");
    const columns = new Columns(
      {
        source: "klaviyo",
        fields: {
          email: ["email"],
          user_id: ["externalid"],
          record_id: ["klaviyoid"],
          updated_at: ["lastactive"],
          created_at: ["profilecreatedon"],
          reason: ["emailsuppressions"],
          consent: ["emailmarketingconsent"],
          at: ["emailmarketingconsenttimestamp"],
        },
        isBookkeeping: (key) => bookkeepingKeys.has(key) || bookkeepingColumn.test(key),
      },
      head,
      options.map,
    );
    return {
      kind: "profiles",
      carriesSuppressions: columns.has("reason") || columns.has("consent"),
      map(raw) {
        const row = columns.row(raw);
        return {
          line: raw.line,
          recordId: (row.text("record_id") ?? "").trim(),
          kind: "profile",
          userId: row.text("user_id"),
          email: row.text("email"),
          updatedAt: row.time("updated_at") ?? row.time("created_at"),
          states: [
            ...suppressions(row.text("reason") ?? ""),
            consentState(row.text("consent") ?? "", row.time("at")),
          ],
          attributes: row.attributes(),
        };
      },
    };
  },
};

/** Reasons separated by comma or semicolon, or a JSON array of them. They have no time in the CSV (merge-rules §5). */
function suppressions(cell: string): ConsentState[] {
  if (cell.trim() === "" || cell.trim() === "[]") return [];
  const reasons = new Set(cell.split(/[,;]/).map(reasonWord));
  if (reasons.size > 1) reasons.delete("");
  return [...reasons].map((reason) => suppressionState(reason, null));
}
