import type { Member } from "./member.ts";
import { MemberShelf } from "./member-shelf.ts";

export interface MergeField {
  tag: string;
  name: string;
  type: string;
}

export interface AbuseReport {
  id: number;
  campaignId: string;
  memberId: string;
  email: string;
  mergeFields: Record<string, unknown>;
  at: number;
}

/** One audience, which the API calls a list. */
export class Audience {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly mergeFields: readonly MergeField[];
  readonly abuseReports: AbuseReport[] = [];
  readonly #members = new Map<string, Member>();
  readonly #shelves = new Map<string, MemberShelf>();

  constructor(id: string, name: string, createdAt: number, mergeFields: readonly MergeField[]) {
    this.id = id;
    this.name = name;
    this.createdAt = createdAt;
    this.mergeFields = mergeFields;
  }

  /** In the order in which they came. */
  members(): IterableIterator<Member> {
    return this.#members.values();
  }

  member(id: string): Member | undefined {
    return this.#members.get(id);
  }

  get size(): number {
    return this.#members.size;
  }

  /** Adds a member; many can be loaded quickly. */
  load(member: Member): void {
    this.#members.set(member.id, member);
    this.shelf(member.status).append(member);
  }

  /** Changes a member, and where it stands in every order. */
  change(member: Member, changes: Partial<Member>): void {
    this.shelf(member.status).remove(member);
    Object.assign(member, changes);
    this.shelf(member.status).insert(member);
  }

  remove(member: Member): void {
    this.shelf(member.status).remove(member);
    this.#members.delete(member.id);
  }

  /** The members with this status. */
  shelf(status: string): MemberShelf {
    const shelf = this.#shelves.get(status) ?? new MemberShelf();
    this.#shelves.set(status, shelf);
    return shelf;
  }

  statuses(): string[] {
    return [...this.#shelves.keys()];
  }
}
