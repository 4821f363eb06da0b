import { domainToASCII } from "node:url";
import { describe, expect, test } from "vitest";
import { iterableEvents, iterableUsers } from "./iterable-users.ts";
import { klaviyoProfiles } from "./klaviyo-profiles.ts";
import { mailchimpMembers } from "./mailchimp-members.ts";
import { internationalDomains } from "./names.ts";
import type { Person } from "./person.ts";
import { createWorld } from "./world.ts";

const people = [...createWorld({ people: 2000, seed: 5 })];

describe("the invented world", () => {
  test("is the same for the same seed and another one for another seed", () => {
    expect([...createWorld({ people: 400, seed: 5 })]).toEqual(people.slice(0, 400));
    expect([...createWorld({ people: 400, seed: 6 })]).not.toEqual(people.slice(0, 400));
  });

  test("invents people when they are reached and keeps none", () => {
    const billion = createWorld({ people: 1_000_000_000, seed: 5 })[Symbol.iterator]();
    expect(billion.next().value).toEqual(people[0]);
  });

  test("gives every customer a user_id of their own", () => {
    const ids = people.flatMap((person) => person.userId ?? []);
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(ids.length);
  });

  test("has only addresses and telephone numbers that reach nobody", () => {
    for (const membership of people.flatMap((person) => person.memberships)) {
      if (membership.email !== null) {
        expect(membership.email).toMatch(/@example\.{1,2}(com|net|org)$|\.example$|@placeholder\.email$/i);
      }
    }
    const prefixes =
      /^(\+1(617|303|206)55501|\+447700900|\+441614960|\+493023125|\+498999998|\+33465710|\+468465004)\d+$/;
    for (const { profile } of people) expect(profile.phone).toMatch(prefixes);
  });

  test("writes each international domain the way IDNA does", () => {
    for (const { written, ascii } of internationalDomains) expect(domainToASCII(written)).toBe(ascii);
  });

  test("has no event before the world's company or after its present", () => {
    const world = createWorld({ people: 2000, seed: 5 });
    for (const { at } of people.flatMap((person) => person.consent)) {
      expect(at).toBeGreaterThan(Date.UTC(2020, 0, 1));
      expect(at).toBeLessThanOrEqual(world.now);
      expect(at % 1000).toBe(0);
    }
  });
});

describe("each vendor's view of the world", () => {
  test("keeps an address at most once, and every key of its own once", () => {
    const members = people.flatMap(mailchimpMembers);
    const profiles = people.flatMap(klaviyoProfiles);
    const users = people.flatMap(iterableUsers);
    for (const emails of [members, profiles, users].map((view) => view.flatMap(({ email }) => email ?? []))) {
      expect(new Set(emails.map((email) => email.toLowerCase())).size).toBe(emails.length);
    }
    expect(new Set(members.map(({ leid }) => leid)).size).toBe(members.length);
    expect(new Set(profiles.map(({ id }) => id)).size).toBe(profiles.length);
  });

  test("has members, profiles and users in every state", () => {
    const seen = <Item, State>(items: Item[], state: (item: Item) => State): State[] =>
      [...new Set(items.map(state))].sort();
    expect(seen(people.flatMap(mailchimpMembers), ({ status }) => status)).toEqual([
      "cleaned",
      "subscribed",
      "transactional",
      "unsubscribed",
    ]);
    const profiles = people.flatMap(klaviyoProfiles);
    expect(seen(profiles, ({ consent }) => consent)).toEqual([
      "NEVER_SUBSCRIBED",
      "SUBSCRIBED",
      "UNSUBSCRIBED",
    ]);
    expect(
      seen(
        profiles.flatMap(({ suppressions }) => suppressions),
        ({ reason }) => reason,
      ),
    ).toEqual(["HARD_BOUNCE", "INVALID_EMAIL", "SPAM_COMPLAINT", "UNSUBSCRIBE", "USER_SUPPRESSED"]);
    expect(seen(people.flatMap(iterableEvents), ({ type }) => type)).toEqual([
      "emailBounce",
      "emailComplaint",
      "emailUnSubscribe",
    ]);
  });

  test("shows somebody who left and came back as subscribed, with the opt-out as history", () => {
    const returned = people.filter((person) =>
      eventKinds(person).includes("unsubscribed_by_link,subscribed"),
    );
    expect(returned.length).toBeGreaterThan(0);
    for (const person of returned) {
      expect(iterableUsers(person)).toMatchObject([{ unsubscribedChannelIds: [] }]);
      expect(iterableEvents(person)).toMatchObject([{ fields: { unsubSource: "EmailLink" } }]);
    }
  });

  test("takes a user who hard-bounced out of every marketing channel, with two events that say why", () => {
    const bounced = people.filter((person) => eventKinds(person) === "subscribed,hard_bounced");
    expect(bounced.length).toBeGreaterThan(0);
    for (const person of bounced) {
      expect(iterableEvents(person)).toMatchObject([
        { type: "emailBounce", fields: { recipientState: "HardBounce" } },
        { type: "emailUnSubscribe", fields: { unsubSource: "HardBounce", channelIds: [39581, 39583] } },
      ]);
      expect(iterableUsers(person)).toMatchObject([{ unsubscribedChannelIds: [39581, 39583] }]);
    }
  });
});

/** What happened to the address of the person's Iterable user, in order. */
function eventKinds(person: Person): string {
  const user = iterableUsers(person)[0];
  return person.consent
    .filter(({ where, email }) => where === "iterable" && email.toLowerCase() === user?.email)
    .map(({ kind }) => kind)
    .join();
}
