import { mailchimpAudienceMembers } from "../world/mailchimp-audiences.ts";
import { hash32, hashHex } from "../world/random.ts";
import type { World } from "../world/world.ts";
import { type AbuseReport, Audience, type MergeField } from "./audience.ts";
import { type Member, memberId } from "./member.ts";

/** A newsletter that was sent, and who opted out from it. */
export interface Campaign {
  id: string;
  title: string;
  listId: string;
  sentAt: number;
  unsubscribes: {
    memberId: string;
    email: string;
    mergeFields: Record<string, unknown>;
    at: number;
    reason: string;
  }[];
}

/** More than one page of 10, and the user_id is on the second. */
export const practiceMergeFields: readonly MergeField[] = [
  { tag: "FNAME", name: "First Name", type: "text" },
  { tag: "LNAME", name: "Last Name", type: "text" },
  { tag: "ADDRESS", name: "Address", type: "address" },
  { tag: "PHONE", name: "Phone Number", type: "phone" },
  { tag: "BIRTHDAY", name: "Birthday", type: "birthday" },
  { tag: "COMPANY", name: "Company", type: "text" },
  { tag: "CITY", name: "City", type: "text" },
  { tag: "PLAN", name: "Plan", type: "text" },
  { tag: "POINTS", name: "Loyalty points", type: "number" },
  { tag: "WEBSITE", name: "Website", type: "url" },
  { tag: "MMERGE11", name: "Shop", type: "dropdown" },
  { tag: "USER_ID", name: "USER_ID", type: "text" },
];

/** What a world event may say beyond the address. */
export interface EventOptions {
  /** The audience's id. Default: the oldest that has the address. */
  audience?: string;
  /** The time that Mailchimp stamps on it, in milliseconds since 1970. Default: the clock's. */
  at?: number;
  /** True leaves `last_changed` as it is. */
  silent?: boolean;
}

/** One Mailchimp account: its audiences, its campaigns, and what happens to them. */
export class Account {
  readonly id = "5f2c9d10ab34";
  readonly name = "Practice company";
  readonly audiences: Audience[] = [];
  readonly campaigns: Campaign[] = [];
  readonly #deleted: Audience[] = [];
  readonly #now: () => number;
  #nextId = 900_000_001;

  constructor(now: () => number) {
    this.#now = now;
  }

  audience(id: string): Audience | undefined {
    return this.audiences.find((audience) => audience.id === id);
  }

  addAudience(id: string, name: string, mergeFields: readonly MergeField[] = practiceMergeFields): Audience {
    const audience = new Audience(
      id,
      name,
      this.#now() - (1000 - this.audiences.length) * 86_400_000,
      mergeFields,
    );
    this.audiences.push(audience);
    return audience;
  }

  /** Its people and lists are gone; its campaigns' reports stay. */
  deleteAudience(id: string): void {
    this.#deleted.push(...this.audiences.splice(this.audiences.indexOf(this.#found(id)), 1));
  }

  /** What people complained about, also where the audience is no more. */
  complaintsAbout(campaign: Campaign): AbuseReport[] {
    const audience = [...this.audiences, ...this.#deleted].find(({ id }) => id === campaign.listId);
    return audience?.abuseReports.filter(({ campaignId }) => campaignId === campaign.id) ?? [];
  }

  /** Everybody of an invented world. */
  loadWorld(world: World): void {
    const ids = { Newsletter: "mailchimp audience", Customers: "mailchimp customers" };
    const audiences = new Map(
      Object.entries(ids).map(([name, key]) => [name, this.addAudience(hashHex(10, key, world.seed), name)]),
    );
    for (const person of world) {
      for (const seen of mailchimpAudienceMembers(person)) {
        const audience = audiences.get(seen.audience)!;
        const { profile } = seen;
        const member: Member = {
          id: memberId(seen.email),
          email: seen.email,
          status: seen.status,
          mergeFields: {
            FNAME: profile.firstName,
            LNAME: profile.lastName,
            ADDRESS:
              hash32("address", seen.email) % 50 === 0
                ? {
                    addr1: "1 Harbour Street",
                    addr2: "",
                    city: profile.city,
                    state: profile.region,
                    zip: "",
                    country: profile.country,
                  }
                : "",
            PHONE: profile.phone,
            BIRTHDAY: "",
            COMPANY: profile.company,
            CITY: profile.city,
            PLAN: profile.plan,
            POINTS: "",
            WEBSITE: "",
            MMERGE11: "",
            USER_ID: seen.userId ?? "",
          },
          signedUpAt: null,
          optedInAt: seen.optedInAt,
          unsubscribedAt: seen.status === "unsubscribed" ? seen.endedAt : null,
          unsubscribeReason: seen.unsubscribeReason,
          lastChanged: seen.lastChanged,
          tags: seen.tags,
          note: seen.note,
          vip: false,
          language: "",
          webId: seen.leid,
          euid: seen.euid,
        };
        // Two people may share a mailbox; an audience has an address once.
        if (audience.member(member.id)) continue;
        audience.load(member);
        if (seen.complainedAt !== null) this.#report(audience, member, seen.complainedAt);
        else if (member.unsubscribedAt !== null && !seen.unsubscribeReason.startsWith("N/A"))
          this.#optOut(audience, member, member.unsubscribedAt);
      }
    }
  }

  addPerson(person: {
    email: string;
    userId?: string;
    status?: string;
    /** Default: the oldest. */
    audience?: string;
    mergeFields?: Record<string, unknown>;
    tags?: string[];
    /** Null leaves every time of the member empty. */
    at?: number | null;
  }): Member {
    const audience = person.audience === undefined ? this.audiences[0]! : this.#found(person.audience);
    const at = person.at === undefined ? this.#now() : person.at;
    const empty = audience.mergeFields.map(({ tag }): [string, unknown] => [tag, ""]);
    const webId = this.#nextId++;
    const member: Member = {
      id: memberId(person.email),
      email: person.email,
      status: person.status ?? "subscribed",
      mergeFields: { ...Object.fromEntries(empty), USER_ID: person.userId ?? "", ...person.mergeFields },
      signedUpAt: null,
      optedInAt: at,
      unsubscribedAt: null,
      unsubscribeReason: "",
      lastChanged: at,
      tags: person.tags ?? [],
      note: "",
      vip: false,
      language: "",
      webId,
      euid: hashHex(10, "euid", person.email.toLowerCase()),
    };
    audience.load(member);
    return member;
  }

  /** By the link in the newest campaign; without one, or with `byAdmin`, by the company's own people. */
  unsubscribe(email: string, options: EventOptions & { reason?: string; byAdmin?: boolean } = {}): void {
    const { audience, member, at } = this.#happens(email, options);
    const wasUnsubscribed = member.status === "unsubscribed";
    const reason = options.byAdmin ? "N/A (Unsubscribed by an admin)" : (options.reason ?? "");
    this.#change(audience, member, options, at, {
      status: "unsubscribed",
      unsubscribedAt: at,
      unsubscribeReason: reason,
    });
    if (!options.byAdmin && !wasUnsubscribed) this.#optOut(audience, member, at);
  }

  hardBounce(email: string, options: EventOptions = {}): void {
    const { audience, member, at } = this.#happens(email, options);
    this.#change(audience, member, options, at, { status: "cleaned" });
  }

  /** Complainers read as unsubscribed; the complaint stands in the abuse reports. */
  complain(email: string, options: EventOptions = {}): void {
    const { audience, member, at } = this.#happens(email, options);
    this.#change(audience, member, options, at, { status: "unsubscribed", unsubscribedAt: at });
    this.#report(audience, member, at);
  }

  resubscribe(email: string, options: EventOptions = {}): void {
    const { audience, member, at } = this.#happens(email, options);
    this.#change(audience, member, options, at, {
      status: "subscribed",
      optedInAt: at,
      unsubscribedAt: null,
    });
  }

  archive(email: string, options: EventOptions = {}): void {
    this.setStatus(email, "archived", options);
  }

  setStatus(email: string, status: string, options: EventOptions = {}): void {
    const { audience, member, at } = this.#happens(email, options);
    this.#change(audience, member, options, at, { status });
  }

  edit(email: string, mergeFields: Record<string, unknown>, options: EventOptions = {}): void {
    const { audience, member, at } = this.#happens(email, options);
    this.#change(audience, member, options, at, { mergeFields: { ...member.mergeFields, ...mergeFields } });
  }

  /** Deletes permanently: from then on it is as if the address had never been there. */
  remove(email: string, options: EventOptions = {}): void {
    const { audience, member } = this.#happens(email, options);
    audience.remove(member);
  }

  addCampaign(listId: string, title: string, sentAt = this.#now()): Campaign {
    const id = hashHex(10, "campaign", listId, title, this.campaigns.length);
    const campaign: Campaign = { id, title, listId, sentAt, unsubscribes: [] };
    this.campaigns.push(campaign);
    return campaign;
  }

  #found(id: string): Audience {
    const audience = this.audience(id);
    if (!audience) throw new Error(`There is no audience ${id}.`);
    return audience;
  }

  #happens(email: string, options: EventOptions): { audience: Audience; member: Member; at: number } {
    const id = memberId(email);
    const audience =
      options.audience === undefined
        ? this.audiences.find((one) => one.member(id))
        : this.#found(options.audience);
    const member = audience?.member(id);
    if (!audience || !member) throw new Error("No audience has this address.");
    return { audience, member, at: options.at ?? this.#now() };
  }

  #change(
    audience: Audience,
    member: Member,
    { silent }: EventOptions,
    at: number,
    changes: Partial<Member>,
  ): void {
    audience.change(member, { ...changes, lastChanged: silent ? member.lastChanged : at });
  }

  #optOut(audience: Audience, { id, email, mergeFields, unsubscribeReason }: Member, at: number): void {
    this.#campaignBefore(audience.id, at).unsubscribes.push({
      memberId: id,
      email,
      mergeFields,
      at,
      reason: unsubscribeReason,
    });
  }

  #report(audience: Audience, { id, email, mergeFields }: Member, at: number): void {
    audience.abuseReports.push({
      id: audience.abuseReports.length + 1,
      campaignId: this.#campaignBefore(audience.id, at).id,
      memberId: id,
      email,
      mergeFields,
      at,
    });
  }

  /** The company sends once a quarter. */
  #campaignBefore(listId: string, at: number): Campaign {
    const date = new Date(at);
    const quarter = Math.floor(date.getUTCMonth() / 3);
    const title = `News ${date.getUTCFullYear()}/${quarter + 1}`;
    const sentAt = Date.UTC(date.getUTCFullYear(), quarter * 3, 1);
    return (
      this.campaigns.find((campaign) => campaign.listId === listId && campaign.title === title) ??
      this.addCampaign(listId, title, sentAt)
    );
  }
}
