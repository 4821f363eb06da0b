import { inventProfile, localPart, privateDomain, workDomain } from "./names.ts";
import type { ConsentEvent, ConsentEventKind, Membership, Person, Profile, System } from "./person.ts";
import { systems } from "./person.ts";
import { createRandom, hash32, type Random } from "./random.ts";

/** When the exports were made: the world's present. A fixed time, so that the same seed gives the same bytes. */
export const exportedAt = Date.UTC(2026, 10, 2, 9);
const companyFoundedAt = Date.UTC(2020, 2, 1);
const dayInMilliseconds = 24 * 60 * 60 * 1000;

/** How likely a system is to keep somebody, and to have been told the user_id of a customer it keeps. */
const habits: Record<System, { keeps: number; knowsUserId: number }> = {
  mailchimp: { keeps: 0.5, knowsUserId: 0.65 },
  klaviyo: { keeps: 0.45, knowsUserId: 0.9 },
  iterable: { keeps: 0.55, knowsUserId: 0.97 },
};

export interface JoinDetails {
  email?: string | null;
  userId?: string | null;
  profile?: Profile;
  /** False where the team added the person without asking. Default true. */
  consented?: boolean;
}

/** A person being invented. A story makes the person join systems and things happen. */
export class PersonDraft {
  readonly index: number;
  readonly seed: number;
  readonly random: Random;
  /** What the person's user_id is or would be: unique in the world. */
  readonly customerId: string;
  readonly profile: Profile;
  /** The private address; unique in the world. */
  readonly email: string;
  userId: string | null;
  private readonly memberships: Membership[] = [];
  private readonly consent: ConsentEvent[] = [];

  constructor(seed: number, index: number) {
    this.index = index;
    this.seed = seed;
    this.random = createRandom(seed, "person", index);
    this.customerId = customerId(seed, index);
    this.profile = inventProfile(this.random);
    this.email = `${localPart(this.profile)}${index}@${privateDomain(this.random)}`;
    this.userId = this.random.chance(0.8) ? this.customerId : null;
  }

  /** Where the person works; unique in the world. */
  workEmail(): string {
    return `${localPart(this.profile)}${this.index}@${workDomain(this.profile, this.random)}`;
  }

  /** Makes the person a customer, whose user_id every system may know. */
  becomeCustomer(): string {
    this.userId = this.customerId;
    return this.customerId;
  }

  join(system: System, details: JoinDetails = {}): Membership {
    const joinedAt = this.momentBetween(companyFoundedAt, exportedAt - 30 * dayInMilliseconds);
    const knownId = this.random.chance(habits[system].knowsUserId) ? this.userId : null;
    const membership: Membership = {
      system,
      email: details.email === undefined ? this.email : details.email,
      userId: details.userId === undefined ? knownId : details.userId,
      joinedAt,
      changedAt: this.momentBetween(joinedAt, exportedAt),
      profile: this.withGaps(details.profile ?? this.profile),
    };
    this.memberships.push(membership);
    if (membership.email !== null && (details.consented ?? true)) {
      this.consent.push({ kind: "subscribed", at: joinedAt, where: system, email: membership.email });
    }
    return membership;
  }

  /** Joins the systems that people of this company usually join, and the given one in any case. */
  joinAsUsual(required?: System, details: JoinDetails = {}): Membership[] {
    const chosen = systems.filter(
      (system) => system === required || this.random.chance(habits[system].keeps),
    );
    if (chosen.length === 0) chosen.push(this.random.pick(systems));
    return chosen.map((system) => this.join(system, details));
  }

  /** Something happens to the address of a membership, some time after it began. */
  happens(kind: ConsentEventKind, membership: Membership, after = membership.joinedAt): ConsentEvent {
    if (membership.email === null) throw new Error(`${kind} needs a membership with an address`);
    const event: ConsentEvent = {
      kind,
      at: this.momentBetween(after, exportedAt),
      where: membership.system,
      email: membership.email,
    };
    this.consent.push(event);
    return event;
  }

  /** The person asks the company's own people for no more mail. */
  asksTheOffice(): void {
    const at = this.momentBetween(companyFoundedAt, exportedAt);
    this.consent.push({ kind: "suppressed_by_team", at, where: "office", email: this.email });
  }

  /** As in any crowd, some leave and some addresses die. */
  mayLeave(): void {
    const membership = this.random.pick(this.memberships);
    if (membership.email === null) return;
    if (this.random.chance(0.08)) this.happens("unsubscribed_by_link", membership);
    else if (this.random.chance(0.04)) this.happens("hard_bounced", membership);
  }

  finish(): Person {
    this.consent.sort((one, other) => one.at - other.at);
    for (const membership of this.memberships) {
      const ownEvents = this.consent.filter(
        (event) => event.where === membership.system && event.email === membership.email,
      );
      membership.changedAt = Math.max(membership.changedAt, ...ownEvents.map((event) => event.at));
    }
    return {
      index: this.index,
      userId: this.userId,
      profile: this.profile,
      memberships: this.memberships,
      consent: this.consent,
    };
  }

  /** In whole seconds, strictly between the two where there is room. */
  private momentBetween(start: number, end: number): number {
    return start + 1000 * this.random.integer(1, Math.max(1, Math.floor((end - start) / 1000) - 1));
  }

  private withGaps(profile: Profile): Profile {
    const known = (value: string): string => (this.random.chance(0.15) ? "" : value);
    return {
      ...profile,
      company: known(profile.company),
      plan: known(profile.plan),
      phone: known(profile.phone),
    };
  }
}

/** `cus_` and six characters; no two people share one, because both steps can be undone. */
function customerId(seed: number, index: number): string {
  const range = 36 ** 6;
  const scattered = (index * 1_000_000_007 + hash32(seed, "customer ids")) % range;
  return `cus_${scattered.toString(36).padStart(6, "0")}`;
}
