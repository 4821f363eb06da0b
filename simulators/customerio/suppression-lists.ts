export const suppressionTypes = ["blocks", "bounces", "spam_reports", "invalid_emails"] as const;
export type SuppressionType = (typeof suppressionTypes)[number];

export interface Suppression {
  email: string;
  /** Unix seconds. */
  created: number;
  reason: string;
  status: string;
  /** The sending domain it holds for; null where it was made over the API and holds for all. */
  domain: string | null;
}

export type SuppressionListsState = Record<SuppressionType, Suppression[]>;

/** The four ESP suppression lists (reference/customerio.md §2.2). Addresses have no letter case. */
export class SuppressionLists {
  /** Invalid addresses stand on the list of bounces, and have none of their own. */
  private readonly invalidAmongBounces: boolean;
  private readonly lists = new Map<SuppressionType, Map<string, Suppression>>(
    suppressionTypes.map((type) => [type, new Map()]),
  );

  constructor(invalidAmongBounces = false) {
    this.invalidAmongBounces = invalidAmongBounces;
  }

  add(type: SuppressionType, email: string, entry: Omit<Suppression, "email">): void {
    const list = this.list(type);
    const key = email.toLowerCase();
    if (!list.has(key)) list.set(key, { email, ...entry });
  }

  remove(type: SuppressionType, email: string): boolean {
    return this.list(type).delete(email.toLowerCase());
  }

  /** In the order in which they were added; with a domain, those that hold for it. */
  entries(type: SuppressionType, domain?: string | null): Suppression[] {
    const all = [...this.list(type).values()];
    return domain ? all.filter((entry) => entry.domain === null || entry.domain === domain) : all;
  }

  has(type: SuppressionType, email: string): boolean {
    return this.list(type).has(email.toLowerCase());
  }

  find(email: string): { type: SuppressionType; entry: Suppression }[] {
    return suppressionTypes.flatMap((type) => {
      const entry = this.list(type).get(email.toLowerCase());
      return entry ? [{ type, entry }] : [];
    });
  }

  save(): SuppressionListsState {
    return Object.fromEntries(
      suppressionTypes.map((type) => [type, this.entries(type)]),
    ) as SuppressionListsState;
  }

  load(state: SuppressionListsState): void {
    for (const type of suppressionTypes) {
      for (const { email, ...entry } of state[type]) this.add(type, email, entry);
    }
  }

  private list(type: SuppressionType): Map<string, Suppression> {
    return this.lists.get(this.invalidAmongBounces && type === "invalid_emails" ? "bounces" : type)!;
  }
}
