import type { Step } from "../shell/steps.ts";

/** The codes of the gate's blockers (engine/gate) and the step where each is dealt with. */
const stepsByCode: Record<string, Step> = {
  NO_WORKSPACE: "workspace",
  NO_SOURCES: "sources",
  REJECTED_ROWS: "sources",
  SOURCE_INCOMPLETE: "sources",
  USER_ID_UNCONFIRMED: "sources",
  FULL_PULL_OLD: "sources",
  SOURCE_FUTURE: "sources",
  SOURCE_UNANSWERED: "sync",
  SOURCE_STALE: "sync",
  SYNC_UNFINISHED: "sync",
  NOT_MERGED: "merge",
  MERGE_STALE: "merge",
  NOT_PLANNED: "plan",
  PLAN_STALE: "plan",
  NOT_UPLOADED: "suppress",
  UPLOAD_INCOMPLETE: "suppress",
  UPLOAD_FAILED: "suppress",
  NOT_VERIFIED: "suppress",
  VERIFY_OUTDATED: "suppress",
  VERIFY_MISSING: "suppress",
  VERIFY_EXPIRED: "suppress",
  VERIFY_FUTURE: "suppress",
  UNDO_UNFINISHED: "suppress",
  UNDONE: "suppress",
  PROOF_UNEQUAL: "suppress",
  NOT_CERTIFIED: "suppress",
  CERTIFICATE_CHANGED: "suppress",
  CERTIFICATE_FOREIGN: "suppress",
  CERTIFICATE_OTHER: "suppress",
};

/** Null where no step helps, as with a journal that was changed from outside; the next step says what does. */
export function stepForBlocker(code: string): Step | null {
  return Object.hasOwn(stepsByCode, code) ? stepsByCode[code]! : null;
}
