export type IdentifierType = "id" | "email" | "cio_id" | "phone";
/** Which identifiers the workspace uses beside cio_id. */
export type WorkspaceIdentifiers = "email+id" | "email+id+phone" | "email" | "id";

export interface Person {
  cioId: string;
  id: string | null;
  email: string | null;
  /** As sent, without the identifiers. */
  attributes: Record<string, unknown>;
  /** Counts up; the older of two profiles has the smaller one. */
  createdOrder: number;
}

export interface Activity {
  id: string;
  type: string;
  /** Unix seconds. */
  timestamp: number;
  customer_id: string | null;
  customer_identifiers: { id: string | null; email: string | null; cio_id: string | null };
  data: unknown;
}

export interface PeopleSettings {
  identifiers: WorkspaceIdentifiers;
  autoMerge: boolean;
  allowEmailUpdateById: boolean;
  /** What an unknown id with the address of somebody who has an id does. UNCONFIRMED: the specification says both. */
  newIdForKnownEmail: "replaces" | "refused";
  /** Unix seconds. */
  now: () => number;
}

export interface PeopleState {
  people: Person[];
  suppressed: string[];
  activities: Activity[];
}

export interface Identifier {
  type: IdentifierType;
  value: string;
}

const reserved = new Set([
  "id",
  "email",
  "cio_id",
  "anonymous_id",
  "_update",
  "_timestamp",
  "cio_relationships",
]);
const preferences = "cio_subscription_preferences";

/**
 * True where Customer.io reads the value as unsubscribed: boolean true, "true" in any letter case, 1 or "1".
 * Everything else means subscribed (reference/customerio.md §1.8).
 */
export function meansUnsubscribed(value: unknown): boolean {
  return (
    value === true || value === 1 || value === "1" || (typeof value === "string" && /^true$/i.test(value))
  );
}

/** The profiles of one workspace and the rules by which calls find them (reference/customerio.md §1.4). */
export class People {
  private readonly settings: PeopleSettings;
  private readonly byCioId = new Map<string, Person>();
  private readonly byId = new Map<string, Person>();
  private readonly byEmail = new Map<string, Person[]>();
  /** `id:…` and `email:…` that may never come back. */
  private readonly suppressed = new Set<string>();
  /** Failures, merges, creations and deletions; plain attribute changes are left out. Oldest first. */
  readonly activities: Activity[] = [];
  private created = 0;

  constructor(settings: PeopleSettings) {
    this.settings = settings;
  }

  get count(): number {
    return this.byCioId.size;
  }

  all(): IterableIterator<Person> {
    return this.byCioId.values();
  }

  /** True where the workspace uses this identifier. */
  uses(type: IdentifierType): boolean {
    return type === "cio_id" || this.settings.identifiers.split("+").includes(type);
  }

  find({ type, value }: Identifier): Person | undefined {
    if (type === "cio_id") return this.byCioId.get(value.replace(/^cio_/, ""));
    if (type === "id") return this.byId.get(value);
    if (type === "phone") return [...this.all()].find(({ attributes }) => attributes.phone === value);
    return this.byEmail.get(value.toLowerCase())?.[0];
  }

  /** Everybody with the address: several where email is no identifier. */
  withEmail(email: string): Person[] {
    return this.byEmail.get(email.toLowerCase()) ?? [];
  }

  isSuppressed(identifier: Identifier): boolean {
    return this.suppressed.has(suppressionKey(identifier));
  }

  identify(path: Identifier, sent: Record<string, unknown>, version: 1 | 2): void {
    const named = this.identifiersIn(sent);
    if (this.isSuppressed(path) || named.some((identifier) => this.isSuppressed(identifier))) return;

    let person = this.find(path);
    if (!person && path.type === "cio_id") return;
    if (!person) {
      person = named.map((identifier) => this.find(identifier)).find((found) => found !== undefined);
      if (
        person &&
        path.type === "id" &&
        person.id !== null &&
        this.settings.newIdForKnownEmail === "refused"
      )
        this.recordRefusedChange(person, path, person.id);
      else if (person) this.setIdentifier(person, path);
    }
    if (!person) {
      if (sent._update === true) {
        if (version === 1) this.record("failed_attribute_change", null, { [path.type]: { to: path.value } });
        return;
      }
      person = this.create(path);
    }
    for (const identifier of named) person = this.applyIdentifier(person, identifier, path);
    this.applyAttributes(person, sent);
  }

  delete(identifier: Identifier): void {
    const person = this.find(identifier);
    if (person) this.remove(person, "profile_delete");
  }

  /** Deletes the person for ever and blocks all its identifiers. */
  suppress(identifier: Identifier): void {
    const person = this.find(identifier);
    this.suppressed.add(suppressionKey(identifier));
    if (!person) return;
    if (person.id !== null) this.suppressed.add(suppressionKey({ type: "id", value: person.id }));
    if (person.email !== null) this.suppressed.add(suppressionKey({ type: "email", value: person.email }));
    this.remove(person, "profile_delete");
  }

  unsuppress(identifier: Identifier): void {
    this.suppressed.delete(suppressionKey(identifier));
  }

  /** Nothing happens unless both exist and are different people. */
  merge(primary: Identifier, secondary: Identifier): void {
    const survivor = this.find(primary);
    const other = this.find(secondary);
    if (survivor && other && survivor !== other) this.mergeInto(survivor, other);
  }

  save(): PeopleState {
    return {
      people: [...this.byCioId.values()],
      suppressed: [...this.suppressed],
      activities: this.activities,
    };
  }

  load(state: PeopleState): void {
    for (const person of state.people) {
      this.index(person);
      this.created = Math.max(this.created, person.createdOrder);
    }
    for (const key of state.suppressed) this.suppressed.add(key);
    this.activities.push(...state.activities);
  }

  private identifiersIn(sent: Record<string, unknown>): Identifier[] {
    return (["id", "email"] as const).flatMap((type) => {
      const value = sent[type];
      return this.uses(type) && value !== undefined && value !== null && value !== ""
        ? [{ type, value: String(value) }]
        : [];
    });
  }

  /** Rules 4 and 5, and changes of identifiers. Returns whoever is left to carry the attributes. */
  private applyIdentifier(person: Person, identifier: Identifier, path: Identifier): Person {
    const owner = this.find(identifier);
    if (owner === person) return person;
    const current = identifier.type === "id" ? person.id : person.email;
    if (owner) {
      if (this.settings.autoMerge && mayAutoMerge(person, owner)) {
        const [older, younger] = person.createdOrder < owner.createdOrder ? [person, owner] : [owner, person];
        this.mergeInto(older, younger);
        return older;
      }
      this.recordRefusedChange(person, identifier, current);
    } else if (
      current === null ||
      path.type === "cio_id" ||
      (identifier.type === "email" && path.type === "id" && this.settings.allowEmailUpdateById)
    ) {
      this.setIdentifier(person, identifier);
    } else {
      this.recordRefusedChange(person, identifier, current);
    }
    return person;
  }

  private recordRefusedChange(person: Person, identifier: Identifier, current: string | null): void {
    this.record("failed_attribute_change", person, {
      [identifier.type]: { from: current ?? "", to: identifier.value },
    });
  }

  private applyAttributes(person: Person, sent: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(sent)) {
      if (name === "email" && !this.uses("email")) this.setEmail(person, value ? String(value) : null);
      else if (reserved.has(name) && !(name === "id" && !this.uses("id"))) continue;
      else if (name.startsWith(`${preferences}.topics.`)) {
        const kept = person.attributes[preferences] as { topics?: Record<string, unknown> } | undefined;
        const topic = name.slice(`${preferences}.topics.`.length);
        person.attributes[preferences] = { ...kept, topics: { ...kept?.topics, [topic]: value } };
      } else if (value === "" || value === null) delete person.attributes[name];
      else person.attributes[name] = value;
    }
  }

  private create(path: Identifier): Person {
    this.created += 1;
    const person: Person = {
      cioId: `a3${this.created.toString(16).padStart(6, "0")}`,
      id: null,
      email: null,
      attributes: {},
      createdOrder: this.created,
    };
    this.byCioId.set(person.cioId, person);
    this.setIdentifier(person, path);
    this.record("profile_create", person, {});
    return person;
  }

  private mergeInto(survivor: Person, other: Person): void {
    const { id, email } = other;
    this.remove(other, "profile_merge");
    if (survivor.id === null && id !== null) this.setIdentifier(survivor, { type: "id", value: id });
    if (survivor.email === null && email !== null) this.setEmail(survivor, email);
    survivor.attributes = { ...other.attributes, ...survivor.attributes };
  }

  private remove(person: Person, activity: string): void {
    this.record(activity, person, {});
    this.byCioId.delete(person.cioId);
    if (person.id !== null) this.byId.delete(person.id);
    this.setEmail(person, null);
  }

  private index(person: Person): void {
    this.byCioId.set(person.cioId, person);
    if (person.id !== null) this.byId.set(person.id, person);
    if (person.email !== null) this.addEmail(person, person.email);
  }

  private setIdentifier(person: Person, { type, value }: Identifier): void {
    if (type === "email") this.setEmail(person, value);
    else if (type === "id") {
      if (person.id !== null) this.byId.delete(person.id);
      person.id = value;
      this.byId.set(value, person);
    }
  }

  private setEmail(person: Person, email: string | null): void {
    if (person.email !== null) {
      const key = person.email.toLowerCase();
      const others = this.withEmail(key).filter((other) => other !== person);
      if (others.length > 0) this.byEmail.set(key, others);
      else this.byEmail.delete(key);
    }
    person.email = email;
    if (email !== null) this.addEmail(person, email);
  }

  private addEmail(person: Person, email: string): void {
    const key = email.toLowerCase();
    const holders = this.byEmail.get(key);
    if (holders) holders.push(person);
    else this.byEmail.set(key, [person]);
  }

  private record(type: string, person: Person | null, data: unknown): void {
    this.activities.push({
      id: `01SIM${String(this.activities.length + 1).padStart(21, "0")}`,
      type,
      timestamp: this.settings.now(),
      customer_id: person?.id ?? null,
      customer_identifiers: {
        id: person?.id ?? null,
        email: person?.email ?? null,
        cio_id: person?.cioId ?? null,
      },
      data,
    });
  }
}

/** The multi-identifier profile merge: one side knows only an id, the other only an address. */
function mayAutoMerge(one: Person, other: Person): boolean {
  const [withId, withEmail] = one.id !== null ? [one, other] : [other, one];
  return withId.id !== null && withId.email === null && withEmail.email !== null && withEmail.id === null;
}

function suppressionKey({ type, value }: Identifier): string {
  return type === "email" ? `email:${value.toLowerCase()}` : `${type}:${value}`;
}
