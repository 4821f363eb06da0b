import type { IdentifyItem } from "./identify-item.ts";

export interface CustomerIoCredentials {
  siteId: string;
  trackApiKey: string;
  appApiKey: string;
}

export interface CustomerIoClientOptions {
  credentials: CustomerIoCredentials;
  /** A simulator on loopback, e.g. `http://127.0.0.1:4010`; without it the vendor's own hosts. */
  endpoint?: string;
  /** Calls a second that all App calls share; the vendor allows 10 (the default). */
  appRequestsPerSecond?: number;
  /** Ends everything that is under way or waiting; calls then reject with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds that one attempt may take, its answer's body included. Default 30,000. */
  timeoutMs?: number;
  /** Attempts after the first one, for calls that are safe to repeat. Default 5. */
  retries?: number;
  /** Milliseconds before the first retry; doubles with each, with jitter, up to 30 s. Default 500. */
  retryDelayMs?: number;
}

/** What the destination said of one write. Trouble that may pass is thrown as a Failure, never an outcome. */
export type WriteOutcome = { kind: "accepted" } | { kind: "refused"; reason: string };

export const suppressionLists = ["blocks", "bounces", "spam_reports", "invalid_emails"] as const;
export type SuppressionList = (typeof suppressionLists)[number];

export interface SuppressionEntry {
  email: string;
  /** Unix seconds; null where missing. */
  created: number | null;
  reason: string;
  status: string;
}

/** A person as read back. */
export interface DestinationProfile {
  id: string | null;
  email: string | null;
  cioId: string;
  /** True only where Customer.io says so in as many words. */
  unsubscribed: boolean;
  /** All values are text here, `"true"` and `"1489014595"` too. */
  attributes: Record<string, string>;
}

export interface Topic {
  id: number;
  /** `topic_4`. */
  identifier: string;
  name: string;
  description: string;
  subscribedByDefault: boolean;
}

export interface CustomerIoActivity {
  id: string;
  type: string;
  /** Unix seconds. */
  timestamp: number;
  customer: { id: string | null; email: string | null; cioId: string | null };
  /** As the vendor gives it; for attribute changes `{name: {from, to}}`. */
  data: unknown;
}

/** Whom an API-triggered broadcast goes to and what it carries (reference/customerio.md §2.9). */
export interface BroadcastTrigger {
  /** An audience filter; without any audience the one set in Customer.io counts. */
  recipients?: Record<string, unknown>;
  ids?: string[];
  emails?: string[];
  data?: Record<string, unknown>;
  id_ignore_missing?: boolean;
  email_ignore_missing?: boolean;
  email_add_duplicates?: boolean;
}

export interface CustomerIoClient {
  /**
   * Checks all keys and says which workspace they belong to.
   * @throws Failure `bad_input` that names the key that is wrong, or says that they do not belong together.
   */
  workspace(): Promise<{ id: number; region: "us" | "eu"; name: string }>;
  /**
   * Sends one Track v2 batch (pack it with `packBatches`) and returns one outcome per item at its index.
   * Safe to repeat. An answer that could not be read whole is trouble, never an acceptance.
   * @throws Failure `failed` for trouble that outlasted the retries; `bad_input` where the keys are refused.
   */
  sendBatch(items: readonly IdentifyItem[]): Promise<WriteOutcome[]>;
  /** Puts one address on an ESP suppression list. Safe to repeat. */
  addSuppression(list: SuppressionList, email: string): Promise<WriteOutcome>;
  /** Takes one address off an ESP suppression list; an address that is not on it is no error. */
  removeSuppression(list: SuppressionList, email: string): Promise<void>;
  /** All entries of one list, by pages of up to 1,000. */
  suppressionList(list: SuppressionList): AsyncGenerator<SuppressionEntry[]>;
  /** The entries for one address; which list they are on is not reliably said. Empty where there are none. */
  searchSuppression(email: string): Promise<SuppressionEntry[]>;
  /** Any number of ids. The map holds those that exist, by the id as asked. */
  profilesByIds(ids: Iterable<string>): Promise<Map<string, DestinationProfile>>;
  /**
   * Any number of addresses. The map holds those that exist, by the address as asked; one address has
   * several profiles where email is no identifier of the workspace. `byLookup` says that this was so, at
   * one call an address.
   */
  profilesByEmails(
    emails: Iterable<string>,
  ): Promise<{ profiles: Map<string, DestinationProfile[]>; byLookup: boolean }>;
  topics(): Promise<Topic[]>;
  /** Activities of a type (`failed_attribute_change`, …) at or after `since` (unix seconds), by pages of up to 100. */
  activities(type: string, since: number): AsyncGenerator<CustomerIoActivity[]>;
  /**
   * Triggers an API-triggered broadcast, at most one in 10 seconds. Never repeated after an unclear answer.
   * @throws Failure `failed` with code `SEND_UNCLEAR` where it may have been sent; with any other code it was not.
   */
  triggerBroadcast(broadcastId: number, trigger: BroadcastTrigger): Promise<{ triggerId: number }>;
}

export function createCustomerIoClient(_options: CustomerIoClientOptions): CustomerIoClient {
  throw new Error("not written yet");
}
