import { type MailchimpMember, type MailchimpStatus, mailchimpMembers } from "./mailchimp-members.ts";
import type { Person } from "./person.ts";
import { hash32 } from "./random.ts";

/** The files show one audience; over the API the company has a second one. */
export type MailchimpAudienceName = "Newsletter" | "Customers";

/** Files have neither archived nor pending people. */
export interface MailchimpAudienceMember extends Omit<MailchimpMember, "status"> {
  audience: MailchimpAudienceName;
  status: MailchimpStatus | "archived" | "pending";
}

/**
 * Everything that Mailchimp keeps of the person over the API: what the files show, and for one in twelve a place in
 * the second audience too, where they may have another status.
 */
export function mailchimpAudienceMembers(person: Person): MailchimpAudienceMember[] {
  return mailchimpMembers(person).flatMap((member) => {
    const inNewsletter: MailchimpAudienceMember = { ...member, audience: "Newsletter" };
    const fingerprint = hash32("mailchimp customers", member.email);
    if (fingerprint % 12 !== 0) return [inNewsletter];
    const status = secondStatus((fingerprint >>> 8) % 10);
    const inCustomers: MailchimpAudienceMember = {
      ...member,
      audience: "Customers",
      status,
      endedAt: status === "unsubscribed" ? member.lastChanged : null,
      unsubscribeReason: "",
      complainedAt: null,
      tags: [],
      note: "",
      leid: member.leid + 400_000_000,
    };
    return [inNewsletter, inCustomers];
  });
}

function secondStatus(die: number): MailchimpAudienceMember["status"] {
  if (die === 0) return "archived";
  if (die === 1) return "pending";
  if (die === 2) return "unsubscribed";
  return die < 5 ? "transactional" : "subscribed";
}
