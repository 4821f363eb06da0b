import type { ConflictCode } from "../../contract/merge.ts";
import { readEmail } from "../normalise/email-key.ts";
import type { ConflictRow } from "../outputs/conflicts.ts";

/** What a decision is judged by, beside the conflict itself. */
export interface DecisionContext {
  /** Values of the attribute of an `ATTR_CONFLICT`. */
  values: readonly string[];
  /** Addresses of an `ID_MANY_EMAILS` that belong to several user_ids and were not given to this one. */
  heldBack: Set<string>;
}

export type DecisionVerdict = { decision: string } | { refused: string };

const takes: Record<ConflictCode, string> = {
  ID_MANY_EMAILS: "`accept` or `primary=<one of its addresses>`",
  EMAIL_MANY_IDS: "`accept`, `none` or `owner=<one of its user_ids>`",
  ATTR_CONFLICT: "`accept` or `value=<one of its values>`",
  AMBIGUOUS_EMAIL: "`accept`",
  CONSENT_CONFLICT: "`accept`",
  ID_CASE_TWIN: "`accept`",
  EMAIL_CASE_TWIN: "`accept`",
  ID_BLOCKED: "`accept`",
  BAD_EMAIL: "`accept`",
  NO_IDENTIFIER: "`accept`",
};

/**
 * Judges one decision and gives it the form in which it is kept (merge-rules §6).
 * Only what the sources hold can be chosen: a spreadsheet that turned `007` into `7` is found out here.
 */
export function checkDecision(
  conflict: ConflictRow,
  written: string,
  context: DecisionContext,
): DecisionVerdict {
  const equals = written.indexOf("=");
  const verb = equals < 0 ? written : written.slice(0, equals);
  const operand = equals < 0 ? null : written.slice(equals + 1);

  if (written === "accept") return { decision: "accept" };
  if (conflict.code === "EMAIL_MANY_IDS" && written === "none") return { decision: "none" };

  if (conflict.code === "EMAIL_MANY_IDS" && verb === "owner" && operand !== null) {
    if (conflict.user_ids.includes(operand)) return { decision: `owner=${operand}` };
    return {
      refused: `${operand || "An empty user_id"} is none of its user_ids (${conflict.user_ids.join(", ")}).`,
    };
  }
  if (conflict.code === "ID_MANY_EMAILS" && verb === "primary" && operand !== null) {
    const address = readEmail(operand);
    if (address.kind !== "good" || !conflict.emails.includes(address.key)) {
      return {
        refused: `${operand || "An empty address"} is none of its addresses (${conflict.emails.join(", ")}).`,
      };
    }
    if (context.heldBack.has(address.key)) {
      return {
        refused: `${address.key} also belongs to another user_id; decide EMAIL_MANY_IDS:${address.key} with owner=${conflict.user_ids[0]} first.`,
      };
    }
    return { decision: `primary=${address.key}` };
  }
  if (conflict.code === "ATTR_CONFLICT" && verb === "value" && operand !== null) {
    const value = context.values.includes(operand)
      ? operand
      : context.values.find((known) => sameText(known, operand));
    if (value !== undefined) return { decision: `value=${value}` };
    return { refused: "That is none of the attribute's values; copy one from the detail or the suggestion." };
  }
  return { refused: `${conflict.code} takes ${takes[conflict.code]}, not \`${written}\`.` };
}

/** Spreadsheets write every line break as LF. */
export function sameText(one: string, other: string): boolean {
  return one === other || one.replace(/\r\n?/g, "\n") === other.replace(/\r\n?/g, "\n");
}
