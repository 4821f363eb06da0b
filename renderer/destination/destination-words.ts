import type { DestinationCode } from "../../contract/destination.ts";

/** Kinds of conflicts with the workspace, as titles. */
export const destinationTitles: Record<DestinationCode, string> = {
  EMAIL_TAKEN: "Another ID has the address there",
  EMAIL_STUB: "A profile without an ID has the address there",
  ID_CASE_DIFFERS: "The ID there differs by letter case",
  ID_IS_CIO_ID: "The user ID is a cio_id",
  EMAIL_CHANGES: "The ID has another address there",
  UNSUBSCRIBED_THERE: "Unsubscribed there already",
};
