import { meansUnsubscribed, type Person } from "./people.ts";
import type { SuppressionLists } from "./suppression-lists.ts";

/** A campaign as the App API shows it; what is left out is not in the answer. */
export interface SimulatedCampaign {
  id: number;
  name: string;
  /** What triggers it. Default `segment`. */
  type?: string;
  /** `running`, `draft`, `stopped` by the specification; anything else plays an answer that nobody foresaw. */
  state?: string;
  active?: boolean;
  /** Unix seconds. */
  updated?: number;
  first_started?: number;
  trigger_segment_ids?: number[];
  filter_segment_ids?: number[];
}

export interface SimulatedBroadcast {
  id: number;
  name: string;
  /** Default `running`: it can be triggered. */
  state?: string;
  /** Its message goes to unsubscribed people too. */
  sendToUnsubscribed?: boolean;
}

export interface SimulatedNewsletter {
  id: number;
  name: string;
  /** `drafted`, `scheduled`, `sending`, `awaiting_winner`, `sent`, or what nobody foresaw. */
  send_state: string;
  /** Unix seconds. */
  sent_at?: number | null;
  scheduled_at?: number | null;
  updated?: number;
  sendToUnsubscribed?: boolean;
}

/** The instance of a message for one person. */
export interface Message {
  id: string;
  broadcastId: number | null;
  newsletterId: number | null;
  person: { id: string | null; email: string | null; cio_id: string };
  recipient: string;
  /** `email`, `push`, `webhook`, … */
  type: string;
  /** Unix seconds by metric. */
  metrics: Record<string, number>;
  /** Unix seconds. */
  created: number;
}

export interface MessagingState {
  campaigns: SimulatedCampaign[];
  broadcasts: SimulatedBroadcast[];
  newsletters: SimulatedNewsletter[];
  messages: Message[];
}

export interface MessagingOptions {
  campaigns: SimulatedCampaign[];
  broadcasts: SimulatedBroadcast[];
  newsletters: SimulatedNewsletter[];
  /** How a newsletter tells what has become of it: UNCONFIRMED, the specification changed in 2026. */
  newsletterStates: "send_state" | "sent_at" | "scheduled_at";
  /** Whether the list of campaigns holds the API-triggered broadcasts too. */
  broadcastsAmongCampaigns: boolean;
  /** Entries of a page where the request does not ask for fewer. */
  mostPerPage: number;
  now: () => number;
}

/** Campaigns, newsletters, broadcasts and what they sent. A test changes the lists as somebody at work in the UI does. */
export class Messaging {
  campaigns: SimulatedCampaign[];
  broadcasts: SimulatedBroadcast[];
  newsletters: SimulatedNewsletter[];
  messages: Message[] = [];
  readonly options: MessagingOptions;

  constructor(options: MessagingOptions) {
    this.options = options;
    this.campaigns = options.campaigns.map((campaign) => ({ ...campaign }));
    this.broadcasts = options.broadcasts.map((broadcast) => ({ ...broadcast }));
    this.newsletters = options.newsletters.map((newsletter) => ({ ...newsletter }));
  }

  /**
   * Sends to people: subscribed ones with an address. An address on an ESP list is dropped on the way.
   * @returns the messages that went out
   */
  send(
    from: { broadcastId?: number; newsletterId?: number; toUnsubscribed: boolean },
    recipients: readonly Person[],
    lists: SuppressionLists,
  ): Message[] {
    const sent: Message[] = [];
    for (const { cioId, id, email, attributes } of recipients) {
      if (email === null) continue;
      if (meansUnsubscribed(attributes.unsubscribed) && !from.toUnsubscribed) continue;
      const at = this.options.now();
      const dropped = lists.find(email).length > 0;
      const message = this.add({
        ...from,
        person: { id, email, cio_id: cioId },
        metrics: dropped ? { created: at, dropped: at } : { created: at, sent: at, delivered: at },
      });
      if (!dropped) sent.push(message);
    }
    return sent;
  }

  /** One message as it stands in the record, whatever the rules say: a leak, or a message still on its way. */
  add(message: {
    broadcastId?: number;
    newsletterId?: number;
    person: Message["person"];
    recipient?: string;
    type?: string;
    metrics: Record<string, number>;
  }): Message {
    const { broadcastId = null, newsletterId = null, person, recipient, type = "email", metrics } = message;
    const made = {
      id: `delivery-${this.messages.length + 1}`,
      broadcastId,
      newsletterId,
      person,
      recipient: recipient ?? person.email ?? "",
      type,
      metrics,
      created: this.options.now(),
    };
    this.messages.push(made);
    return made;
  }

  save(): MessagingState {
    const { campaigns, broadcasts, newsletters, messages } = this;
    return { campaigns, broadcasts, newsletters, messages };
  }

  load(state: MessagingState): void {
    this.campaigns = state.campaigns;
    this.broadcasts = state.broadcasts;
    this.newsletters = state.newsletters;
    this.messages = state.messages;
  }
}
