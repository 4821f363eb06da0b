import type { Mechanism, Plan } from "../../contract/delivery.ts";
import type { UndoOutlook } from "../../contract/workspaces.ts";

const takenOff = "`sendgate undo --esp` takes off those that did not stand there before.";
const byHand =
  "Sendgate never marks anybody as subscribed; subscribe a person by hand in Customer.io, if you must.";

const outlooks: Record<Mechanism, { what: string } & ({ how: string } | { why: string })> = {
  esp_spam_reports: { what: "Entries on the list of spam reports", how: takenOff },
  esp_bounces: { what: "Entries on the list of bounces", how: takenOff },
  esp_invalid_emails: { what: "Entries on the list of invalid addresses", how: takenOff },
  unsubscribe_person: { what: "People marked unsubscribed", why: byHand },
  unsubscribe_address: { what: "Addresses without a person marked unsubscribed", why: byHand },
  topic_preference: {
    what: "People with a topic switched off",
    why: "What they had chosen before is not kept; switch it on by hand in Customer.io.",
  },
};

/** What of a plan can be taken back once it is written, and what cannot: told before anything is written. */
export function undoOutlook({
  suppressions,
  profiles,
}: Pick<Plan, "suppressions" | "profiles">): UndoOutlook {
  const outlook: UndoOutlook = { takeBack: [], final: [] };
  for (const { mechanism, operations } of suppressions.byMechanism) {
    const found = outlooks[mechanism];
    if ("how" in found) outlook.takeBack.push({ ...found, operations });
    else outlook.final.push({ ...found, operations });
  }
  if (profiles.operations > 0) {
    outlook.final.push({
      what: "Profiles made or changed",
      operations: profiles.operations,
      why: "Earlier attributes are not kept, and deleting a profile would forget its opt-out.",
    });
  }
  return outlook;
}
