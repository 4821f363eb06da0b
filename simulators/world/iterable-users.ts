import { consentOf, latest, type Person, type Profile, standingUnsubscribe } from "./person.ts";
import { hash32 } from "./random.ts";

/** The invented Iterable project: an email-based one, where a userId may stand on several users. */
const emailMarketingChannelIds = [39581, 39583];
const offersMessageTypeId = 52003;
const standardListIds = [1471001, 1471002];

/** Iterable's user. Times in milliseconds since 1970. */
export interface IterableUser {
  /** Always lower-case, as Iterable stores it. */
  email: string;
  userId: string | null;
  profile: Profile;
  signupDate: number;
  profileUpdatedAt: number;
  emailListIds: number[];
  unsubscribedChannelIds: number[];
  unsubscribedMessageTypeIds: number[];
}

/** One row of Iterable's emailBounce, emailComplaint or emailUnSubscribe data, with Iterable's own keys. */
export type IterableEvent = { type: "emailBounce" | "emailComplaint" | "emailUnSubscribe"; at: number } & {
  fields: Record<string, string | number | number[]>;
};

/** How Iterable sees the person: one user per address that it keeps. */
export function iterableUsers(person: Person): IterableUser[] {
  return person.memberships.flatMap((membership) => {
    const { system, email } = membership;
    if (system !== "iterable" || email === null) return [];
    const events = consentOf(person, membership);
    // A bounce takes the user out of every marketing channel; nothing on the user says why.
    const left =
      standingUnsubscribe(events) ?? latest(events, "hard_bounced") ?? latest(events, "complained");
    return {
      email: email.toLowerCase(),
      userId: membership.userId,
      profile: membership.profile,
      signupDate: membership.joinedAt,
      profileUpdatedAt: membership.changedAt,
      emailListIds: latest(events, "removed_from_list") ? standardListIds.slice(1) : standardListIds,
      unsubscribedChannelIds: left ? emailMarketingChannelIds : [],
      unsubscribedMessageTypeIds: latest(events, "opted_out_of_topic") ? [offersMessageTypeId] : [],
    } satisfies IterableUser;
  });
}

/**
 * What happened to the person at Iterable, oldest first. Events keep the address that they happened to,
 * also where the user has another one by now, and carry no userId.
 */
export function iterableEvents(person: Person): IterableEvent[] {
  return person.consent.flatMap(({ kind, at, where, email: spelling }): IterableEvent[] => {
    if (where !== "iterable") return [];
    const email = spelling.toLowerCase();
    const number = hash32("message", email, at);
    const message = {
      campaignId: 2_300_000 + (number % 400),
      templateId: 3_100_000 + (number % 400),
      messageId: number.toString(16).padStart(32, "0"),
    };
    const unsubscribe = (fields: IterableEvent["fields"]): IterableEvent => ({
      type: "emailUnSubscribe",
      at,
      fields: { email, emailListIds: [], channelIds: [], messageTypeIds: [], ...fields },
    });
    const bounce = (recipientState: string, status: string): IterableEvent => ({
      type: "emailBounce",
      at,
      fields: { email, recipientState, status, ...message },
    });
    switch (kind) {
      case "soft_bounced":
        return [bounce("SoftBounceMailboxFull", "4.2.2")];
      case "hard_bounced":
      case "invalid_address": {
        const reason = { unsubSource: "HardBounce", recipientState: "HardBounce", status: "5.1.1" };
        return [
          bounce("HardBounce", "5.1.1"),
          unsubscribe({ ...reason, channelIds: emailMarketingChannelIds, ...message }),
        ];
      }
      case "complained":
        return [
          { type: "emailComplaint", at, fields: { email, recipientState: "Complaint", ...message } },
          unsubscribe({ unsubSource: "Complaint", channelIds: emailMarketingChannelIds, ...message }),
        ];
      case "unsubscribed_by_link":
        return [unsubscribe({ unsubSource: "EmailLink", channelIds: emailMarketingChannelIds, ...message })];
      case "opted_out_of_topic":
        return [unsubscribe({ unsubSource: "EmailLink", messageTypeIds: [offersMessageTypeId], ...message })];
      case "removed_from_list":
        return [unsubscribe({ unsubSource: "Import", emailListIds: standardListIds.slice(0, 1) })];
      default:
        return [];
    }
  });
}
