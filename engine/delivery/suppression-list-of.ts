import type { SuppressionList } from "../../customerio/client.ts";

/** The ESP list that each mechanism writes to; mechanisms that are no list are left out. */
export const suppressionListOf: Record<string, SuppressionList> = {
  esp_spam_reports: "spam_reports",
  esp_bounces: "bounces",
  esp_invalid_emails: "invalid_emails",
};
