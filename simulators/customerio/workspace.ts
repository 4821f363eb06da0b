import { Messaging, type MessagingOptions, type MessagingState } from "./messaging.ts";
import { type Identifier, People, type PeopleSettings, type PeopleState } from "./people.ts";
import type { SimulatedSegment, UsedByShape } from "./segments.ts";
import { SuppressionLists, type SuppressionListsState, type SuppressionType } from "./suppression-lists.ts";

export interface SimulatedTopic {
  id: number;
  name: string;
  description: string;
  subscribedByDefault: boolean;
}

export interface Delivery {
  cioId: string;
  email: string;
}

export interface Trigger {
  id: number;
  broadcastId: number;
  /** Unix seconds. */
  createdAt: number;
  /** Unix seconds; null while the messages are still to be made. */
  processedAt: number | null;
  /** As sent. */
  body: Record<string, unknown>;
  /** Why nobody got it: missing or duplicated people fail the whole broadcast. */
  errors: string[];
  /** Whom it reached: subscribed, with an address that is on no ESP list. */
  deliveries: Delivery[];
}

interface WorkspaceState {
  people: PeopleState;
  lists: SuppressionListsState;
  triggers: Trigger[];
  messaging: MessagingState;
}

export interface WorkspaceOptions extends PeopleSettings {
  id: number;
  name: string;
  topics: SimulatedTopic[];
  messaging: MessagingOptions;
  segments: SimulatedSegment[];
  usedByShape: UsedByShape;
  invalidAmongBounces: boolean;
  writeDelayMs: number;
  onChange: () => void;
}

/** Everything that one Customer.io workspace remembers, with writes that take effect a while later. */
export class Workspace {
  readonly id: number;
  readonly name: string;
  readonly topics: SimulatedTopic[];
  readonly messaging: Messaging;
  readonly segments: SimulatedSegment[];
  readonly usedByShape: UsedByShape;
  private readonly options: WorkspaceOptions;
  private readonly peopleNow: People;
  private readonly listsNow: SuppressionLists;
  private readonly triggersNow: Trigger[] = [];
  private pending: { due: number; apply: (people: People) => void }[] = [];

  constructor(options: WorkspaceOptions) {
    this.id = options.id;
    this.name = options.name;
    this.topics = options.topics;
    this.messaging = new Messaging(options.messaging);
    this.segments = options.segments;
    this.usedByShape = options.usedByShape;
    this.options = options;
    this.peopleNow = new People(options);
    this.listsNow = new SuppressionLists(options.invalidAmongBounces);
  }

  get people(): People {
    this.applyDue();
    return this.peopleNow;
  }

  get lists(): SuppressionLists {
    this.applyDue();
    return this.listsNow;
  }

  get triggers(): readonly Trigger[] {
    return this.triggersNow;
  }

  /** Accepts a write that takes effect `writeDelayMs` later. */
  later(apply: (people: People) => void): void {
    this.pending.push({ due: Date.now() + this.options.writeDelayMs, apply });
    this.options.onChange();
  }

  /** Lets all accepted writes take effect at once. */
  settle(): void {
    for (const { apply } of this.pending.splice(0)) apply(this.peopleNow);
  }

  addSuppression(type: SuppressionType, email: string): void {
    const created = this.options.now();
    this.later(() =>
      this.listsNow.add(type, email, {
        created,
        reason: "Uploaded manually via api.customer.io",
        status: "550",
        domain: null,
      }),
    );
  }

  removeSuppression(type: SuppressionType, email: string): void {
    this.later(() => this.listsNow.remove(type, email));
  }

  /** Sends a broadcast to the audience, or to nobody where `errors` says why. */
  trigger(
    broadcastId: number,
    body: Record<string, unknown>,
    audience: Identifier[] | "all",
    errors: string[],
  ) {
    const people = this.people;
    const recipients =
      audience === "all"
        ? [...people.all()]
        : audience.flatMap((identifier) => people.find(identifier) ?? []);
    const broadcast = this.messaging.broadcasts.find(({ id }) => id === broadcastId);
    const toUnsubscribed = broadcast?.sendToUnsubscribed ?? false;
    const sent =
      errors.length > 0
        ? []
        : this.messaging.send({ broadcastId, toUnsubscribed }, recipients, this.listsNow);
    const deliveries = sent.map(({ person, recipient }) => ({ cioId: person.cio_id, email: recipient }));
    const trigger: Trigger = {
      id: this.triggersNow.length + 1,
      broadcastId,
      createdAt: this.options.now(),
      processedAt: this.options.now(),
      body,
      errors,
      deliveries,
    };
    this.triggersNow.push(trigger);
    this.options.onChange();
    return trigger;
  }

  save(): WorkspaceState {
    this.settle();
    return {
      people: this.peopleNow.save(),
      lists: this.listsNow.save(),
      triggers: this.triggersNow,
      messaging: this.messaging.save(),
    };
  }

  load(state: WorkspaceState): void {
    this.peopleNow.load(state.people);
    this.listsNow.load(state.lists);
    this.triggersNow.push(...state.triggers);
    // A state that was saved before there were campaigns and newsletters.
    if (state.messaging) this.messaging.load(state.messaging);
  }

  /** For changes that others made: they are to be saved. */
  changed(): void {
    this.options.onChange();
  }

  private applyDue(): void {
    const now = Date.now();
    let due = 0;
    while (due < this.pending.length && this.pending[due]!.due <= now) due += 1;
    for (const { apply } of this.pending.splice(0, due)) apply(this.peopleNow);
  }
}
