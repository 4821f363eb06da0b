import type { ProfilePredicate } from "./filter.ts";
import type { Profile } from "./profile.ts";

/** The fields by which profiles can be sorted; each also backwards. */
export const sortFields = [
  "id",
  "email",
  "created",
  "updated",
  "subscriptions.email.marketing.suppression.timestamp",
  "subscriptions.email.marketing.list_suppressions.timestamp",
] as const;
export type SortField = (typeof sortFields)[number];

/** A place in a sorted sequence: behind the profile with this value and id. */
export interface Place {
  value: string | number | null;
  id: string;
}

export interface PageQuery {
  sort: SortField;
  backwards: boolean;
  matches: ProfilePredicate | null;
  /** Null from the beginning. */
  after: Place | null;
  size: number;
}

/** All profiles of the account. The sequences do not shift: a page begins behind a profile, not at a number. */
export class ProfileBook {
  /** By id. */
  readonly #profiles: Profile[];
  readonly #byEmail = new Map<string, Profile>();
  /** Sorted sequences since the last change, by field. */
  readonly #sorted = new Map<SortField, Profile[]>();

  constructor(profiles: Iterable<Profile>) {
    this.#profiles = [...profiles].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const profile of this.#profiles) this.#index(profile);
  }

  get all(): readonly Profile[] {
    return this.#profiles;
  }

  /** In any letter case; undefined where nobody has it. */
  withEmail(email: string): Profile | undefined {
    return this.#byEmail.get(email.toLowerCase());
  }

  add(profile: Profile): void {
    const place = this.#profiles.findIndex(({ id }) => id > profile.id);
    this.#profiles.splice(place === -1 ? this.#profiles.length : place, 0, profile);
    this.#index(profile);
    this.changed();
  }

  remove(profile: Profile): void {
    this.#profiles.splice(this.#profiles.indexOf(profile), 1);
    if (profile.email !== null) this.#byEmail.delete(profile.email.toLowerCase());
    this.changed();
  }

  /** To be called after a profile was changed in place. */
  changed(): void {
    this.#sorted.clear();
  }

  page({ sort, backwards, matches, after, size }: PageQuery): { profiles: Profile[]; more: boolean } {
    const sequence = this.#sequence(sort);
    const step = backwards ? -1 : 1;
    const found: Profile[] = [];
    let position = backwards ? sequence.length - 1 : 0;
    if (after) position = this.#placeBehind(sequence, sort, after, backwards);
    for (; position >= 0 && position < sequence.length; position += step) {
      const profile = sequence[position]!;
      if (matches && !matches(profile)) continue;
      if (found.length === size) return { profiles: found, more: true };
      found.push(profile);
    }
    return { profiles: found, more: false };
  }

  #index(profile: Profile): void {
    if (profile.email !== null) this.#byEmail.set(profile.email.toLowerCase(), profile);
  }

  #sequence(sort: SortField): readonly Profile[] {
    if (sort === "id") return this.#profiles;
    let sequence = this.#sorted.get(sort);
    if (!sequence) {
      sequence = [...this.#profiles].sort((one, other) => compare(placeOf(one, sort), placeOf(other, sort)));
      this.#sorted.set(sort, sequence);
    }
    return sequence;
  }

  /** Position of the first profile behind the place, in the direction of reading. */
  #placeBehind(sequence: readonly Profile[], sort: SortField, place: Place, backwards: boolean): number {
    let low = 0;
    let high = sequence.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compare(placeOf(sequence[middle]!, sort), place);
      if (order < 0 || (order === 0 && !backwards)) low = middle + 1;
      else high = middle;
    }
    return backwards ? low - 1 : low;
  }
}

export function placeOf(profile: Profile, sort: SortField): Place {
  return { value: sortValue(profile, sort), id: profile.id };
}

function sortValue(profile: Profile, sort: SortField): string | number | null {
  const latest = (entries: { timestamp: number }[]) =>
    entries.length === 0 ? null : Math.max(...entries.map(({ timestamp }) => timestamp));
  switch (sort) {
    case "id":
      return profile.id;
    case "email":
      return profile.email;
    case "created":
    case "updated":
      return profile[sort];
    case "subscriptions.email.marketing.suppression.timestamp":
      return latest(profile.suppressions);
    default:
      return latest(profile.listSuppressions);
  }
}

/** Null comes first; equal values stand in the order of their ids. */
function compare(one: Place, other: Place): number {
  if (one.value !== other.value) {
    if (one.value === null) return -1;
    if (other.value === null) return 1;
    return one.value < other.value ? -1 : 1;
  }
  return one.id === other.id ? 0 : one.id < other.id ? -1 : 1;
}
