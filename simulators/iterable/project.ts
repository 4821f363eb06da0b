import { createHash } from "node:crypto";
import {
  type IterableEvent,
  type IterableUser,
  iterableEvents,
  iterableUsers,
} from "../world/iterable-users.ts";
import type { Person } from "../world/person.ts";
import { hash32, hashHex } from "../world/random.ts";
import {
  globalSuppressionListId,
  localSuppressionListId,
  practiceChannels,
  practiceLists,
  practiceMessageTypes,
  type SimulatedChannel,
  type SimulatedList,
  type SimulatedMessageType,
} from "./schema.ts";

export type ProjectMode = "email" | "userID" | "hybrid";
export type EventType = IterableEvent["type"];

/** One profile. Times in milliseconds since 1970. */
export interface SimulatedUser {
  email: string | null;
  userId: string | null;
  /** Custom fields at the top level; an absent one is left out. */
  fields: Record<string, unknown>;
  signupDate: number;
  profileUpdatedAt: number | null;
  listIds: number[];
  unsubscribedChannelIds: number[];
  unsubscribedMessageTypeIds: number[];
}

export interface SimulatedEvent {
  type: EventType;
  at: number;
  /** Who it is about, as the project identifies people. */
  email: string | null;
  userId: string | null;
  fields: Record<string, unknown>;
}

export interface ProjectSettings {
  mode: ProjectMode;
  /** Whether an opt-out by event moves the profile's update time. */
  optOutMovesProfile: boolean;
  /** Which channels a complaint leaves. */
  complaintLeaves: "channel" | "all";
  /** Milliseconds since 1970. */
  now(): number;
}

/** What world events are about: an address, or a userId where there is none. */
export type Whom = string;

/** The state of one invented Iterable project. */
export class Project {
  readonly mode: ProjectMode;
  readonly channels: SimulatedChannel[] = [...practiceChannels];
  readonly messageTypes: SimulatedMessageType[] = [...practiceMessageTypes];
  readonly lists: SimulatedList[] = [...practiceLists];
  /** By list: what is printed of each member, whether or not a profile is there. */
  readonly members = new Map<number, { email: string | null; userId: string | null }[]>();
  readonly users = new Set<SimulatedUser>();
  events: SimulatedEvent[] = [];
  /** SHA-256 in hex of lower-cased, trimmed values. */
  readonly forgottenEmails = new Set<string>();
  readonly forgottenUserIds = new Set<string>();
  readonly #settings: ProjectSettings;
  readonly #byEmail = new Map<string, SimulatedUser[]>();
  readonly #byUserId = new Map<string, SimulatedUser[]>();
  #messages = 0;

  constructor(people: Iterable<Person>, settings: ProjectSettings) {
    this.#settings = settings;
    this.mode = settings.mode;
    for (const list of this.lists) if (list.listType === "Suppression") this.members.set(list.id, []);
    for (const person of people) {
      for (const user of iterableUsers(person)) this.#take(user, person.index);
      for (const event of iterableEvents(person)) this.#takeEvent(event);
    }
    for (const user of this.users) {
      const place = hash32("list", user.email ?? "", user.userId ?? "") % 200;
      if (place === 7) this.suppress(globalSuppressionListId, user);
      if (place === 8) this.suppress(localSuppressionListId, user);
    }
    this.forget("somebody.else@example.com");
    this.forget("cus_gone01");
  }

  /** E-mail marketing channels. */
  get marketing(): number[] {
    return this.channels
      .filter(({ channelType, messageMedium }) => channelType === "Marketing" && messageMedium === "Email")
      .map(({ id }) => id);
  }

  /** All users with the address or userId, the first first. */
  find(whom: Whom): SimulatedUser[] {
    return this.#byEmail.get(whom.toLowerCase()) ?? this.#byUserId.get(whom) ?? [];
  }

  withEmail(email: string): SimulatedUser[] {
    return this.#byEmail.get(email.toLowerCase()) ?? [];
  }

  withUserId(userId: string): SimulatedUser[] {
    return this.#byUserId.get(userId) ?? [];
  }

  addUser(user: Partial<SimulatedUser>): SimulatedUser {
    const now = this.#now();
    const whole: SimulatedUser = {
      email: null,
      userId: null,
      fields: {},
      signupDate: now,
      profileUpdatedAt: now,
      listIds: [1_471_001],
      unsubscribedChannelIds: [],
      unsubscribedMessageTypeIds: [],
      ...user,
    };
    whole.email = whole.email?.toLowerCase() ?? null;
    this.users.add(whole);
    index(this.#byEmail, whole.email, whole);
    index(this.#byUserId, whole.userId, whole);
    return whole;
  }

  update(user: SimulatedUser, fields: Record<string, unknown>): void {
    Object.assign(user.fields, fields);
    user.profileUpdatedAt = this.#now();
  }

  /** Gives a user another address or userId. */
  rename(user: SimulatedUser, identifiers: { email?: string; userId?: string }): void {
    unindex(this.#byEmail, user.email, user);
    unindex(this.#byUserId, user.userId, user);
    Object.assign(user, identifiers);
    index(this.#byEmail, user.email, user);
    index(this.#byUserId, user.userId, user);
    user.profileUpdatedAt = this.#now();
  }

  /** A channel or message type opt-out, or its end, with or without the event that says so. */
  setOptOuts(
    user: SimulatedUser,
    optOuts: Partial<Pick<SimulatedUser, "unsubscribedChannelIds" | "unsubscribedMessageTypeIds">>,
    movesProfile = this.#settings.optOutMovesProfile,
  ): void {
    Object.assign(user, optOuts);
    if (movesProfile) user.profileUpdatedAt = this.#now();
  }

  leaveChannels(user: SimulatedUser, channelIds: readonly number[]): void {
    this.setOptOuts(user, {
      unsubscribedChannelIds: [...new Set([...user.unsubscribedChannelIds, ...channelIds])].sort(
        (one, other) => one - other,
      ),
    });
  }

  /** @param at when it happened; earlier than now for events that arrive late */
  log(type: EventType, user: SimulatedUser, fields: Record<string, unknown>, at = this.#now()): void {
    this.events.push({ type, at: wholeSecond(at), ...this.#who(user), fields });
  }

  /** Which channels a complaint about a message of this channel leaves. */
  complaintChannels(channelId: number): number[] {
    return this.#settings.complaintLeaves === "all"
      ? [...new Set([channelId, ...this.marketing])]
      : [channelId];
  }

  /** What tells one message from another. */
  message(): Record<string, unknown> {
    this.#messages += 1;
    return {
      campaignId: 2_300_000 + this.#messages,
      templateId: 3_100_000 + this.#messages,
      messageId: hashHex(32, "sent message", this.#messages),
    };
  }

  suppress(listId: number, { email, userId }: { email: string | null; userId: string | null }): void {
    this.members.get(listId)?.push({ email, userId });
  }

  /** Deletion takes the user's events and subscription history with it (reference/iterable.md §8). */
  remove(user: SimulatedUser): void {
    this.users.delete(user);
    unindex(this.#byEmail, user.email, user);
    unindex(this.#byUserId, user.userId, user);
    const { email, userId } = this.#who(user);
    this.events = this.events.filter(
      (event) => !(email !== null ? event.email === email : event.userId === userId),
    );
  }

  /** Keeps the hash and deletes the user. */
  forget(whom: Whom): void {
    const users = this.find(whom);
    const hashed = createHash("sha256").update(whom.trim().toLowerCase()).digest("hex");
    (whom.includes("@") ? this.forgottenEmails : this.forgottenUserIds).add(hashed);
    for (const user of [...users]) this.remove(user);
  }

  /** The members as `getUsers` prints them. */
  printed(listId: number, preferUserId: boolean): string[] {
    return (this.members.get(listId) ?? []).flatMap(({ email, userId }) => {
      if (this.mode === "email") return email ?? [];
      if (this.mode === "userID") return userId ?? [];
      return (preferUserId ? (userId ?? email) : (email ?? userId)) ?? [];
    });
  }

  /** Iterable keeps times to the second. */
  #now(): number {
    return wholeSecond(this.#settings.now());
  }

  /** What event rows name: addresses in email-based projects, userIds in the others where there are any. */
  #who({ email, userId }: { email: string | null; userId: string | null }) {
    if (this.mode === "email") return { email, userId: null };
    return userId === null ? { email, userId: null } : { email: null, userId };
  }

  #take({ email, userId, profile, ...rest }: IterableUser, personIndex: number): void {
    const custom = {
      firstName: profile.firstName,
      lastName: profile.lastName,
      phoneNumber: profile.phone,
      company: profile.company,
      city: profile.city,
      region: profile.region,
      country: profile.country,
      Plan: profile.plan,
      plan: profile.plan === "" ? "" : profile.plan.toUpperCase(),
      "crm Number": `C-${String(personIndex).padStart(6, "0")}`,
    };
    const user: Partial<SimulatedUser> = {
      email,
      userId,
      fields: Object.fromEntries(Object.entries(custom).filter(([, value]) => value !== "")),
      signupDate: rest.signupDate,
      profileUpdatedAt: rest.profileUpdatedAt,
      listIds: rest.emailListIds,
      unsubscribedChannelIds: rest.unsubscribedChannelIds,
      unsubscribedMessageTypeIds: rest.unsubscribedMessageTypeIds,
    };
    if (this.mode !== "email") {
      // Only email-based projects make up addresses; elsewhere a userId stands on one user.
      if (email.endsWith("@placeholder.email")) user.email = null;
      if (userId !== null && this.withUserId(userId).length > 0) user.userId = null;
      if (this.mode === "userID") {
        user.userId ??= `member-${personIndex}`;
        // There an address may stand on several users.
        if (personIndex % 40 === 1) user.email = "family@example.com";
      }
      if (user.email === null && user.userId === null) user.userId = `member-${personIndex}`;
    }
    // Old imports have no update time.
    if (personIndex % 97 === 5) user.profileUpdatedAt = null;
    this.addUser(user);
  }

  #takeEvent({ type, at, fields }: IterableEvent): void {
    const { email, ...rest } = fields;
    const [user] = this.withEmail(String(email));
    const whom = user ? this.#who(user) : { email: String(email), userId: null };
    this.events.push({ type, at, ...whom, fields: rest });
  }
}

function index(map: Map<string, SimulatedUser[]>, key: string | null, user: SimulatedUser): void {
  if (key === null) return;
  const users = map.get(key);
  if (users) users.push(user);
  else map.set(key, [user]);
}

function unindex(map: Map<string, SimulatedUser[]>, key: string | null, user: SimulatedUser): void {
  if (key === null) return;
  const rest = (map.get(key) ?? []).filter((other) => other !== user);
  if (rest.length > 0) map.set(key, rest);
  else map.delete(key);
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
