import type { RejectedRow, SourceName, SourceRecord } from "../contract/source.ts";
import type { Capabilities } from "./capabilities.ts";

/** Anything that JSON can hold: how an importer remembers where it is, opaque to everybody else. */
export type Checkpoint = string | number | boolean | null | Checkpoint[] | { [key: string]: Checkpoint };

/** What an importer needs to talk to its vendor. */
export interface ApiAccess {
  key: string;
  /** A simulator on loopback, e.g. `http://127.0.0.1:4010`; without it the vendor's own hosts. */
  endpoint?: string;
  /** The field that the operator confirmed as the user_id, one of `userIdCandidates`; null where there is none. */
  userIdField: string | null;
  /** Only with `endpoint`: milliseconds of the simulator's minute, where its limits run faster than the vendor's. */
  practiceMinuteMs?: number;
  /** Ends everything that is under way or waiting. */
  signal: AbortSignal;
}

/** A field that may hold the user_id, with what speaks for and against it, counted over a sample of profiles. */
export interface UserIdCandidate {
  /** As `ApiAccess.userIdField` takes it, e.g. `merge_fields.USER_ID`, `external_id`, `userId`. */
  field: string;
  /** Its name says that it is the user_id (design/interfaces.md §4); of another field only the operator can say so. */
  named: boolean;
  sampled: number;
  filled: number;
  distinct: number;
  /** At most three. */
  examples: string[];
}

/** One thing to read from beginning to end: an audience with one status, all profiles, one kind of event. */
export interface ApiStream {
  /** Stable over pulls and restarts, e.g. `members/abc123/unsubscribed`. */
  id: string;
  /** In words, for progress. */
  title: string;
  /** True if what it holds can carry suppressions: half-read it locks the gate. */
  carriesSuppressions: boolean;
  /** What `read` must know of the plan, opaque to everybody else: kept with the stream, handed back as it was. */
  scope?: Checkpoint;
}

/** A record with the key by which a later version of it takes its place. */
export interface ApiRecord {
  /** Unique within the source over all streams and pulls, e.g. `profile/01HX…`, `bounce/<hash>`. */
  key: string;
  record: SourceRecord;
  /** True where only identifiers and states were read: the attributes and `updatedAt` of an earlier version stay. */
  consentOnly?: boolean;
}

/** What one request, or one piece of a stream, brought. It becomes durable as a whole or not at all. */
export interface ApiPage {
  records: ApiRecord[];
  /** Entries that could not be read; `line` is the entry's number within the page, from 1. */
  rejections: RejectedRow[];
  /** The page as received, without keys or headers, for `landing/`. */
  raw: string;
  /** Where to go on after this page. */
  checkpoint: Checkpoint;
  /** Entries that the vendor says the whole stream has, where it says so. */
  declared: number | null;
  /** True only on proof that the stream ends here: the vendor's own mark, or a page chain that closed. */
  last: boolean;
  /** What the operator should know of the reading so far, in words: e.g. that it had to begin again. */
  note?: string;
}

/** What a pull will read, and what the next one needs to know of it. */
export interface PullPlan {
  kind: "full" | "delta";
  /** In the order in which they must be read. */
  streams: ApiStream[];
  /** Kept once every stream was read to its end; handed to the next pull as `since`. */
  mark: Checkpoint;
  /** What the topics of the states are called, where the vendor says so: `list:Y6nRLr` → `Newsletter`. */
  topicNames?: Record<string, string>;
  /**
   * SHA-256 in lower-case hex of the lower-cased, trimmed addresses and user_ids of people who asked to be forgotten,
   * where the vendor keeps no more of them: whoever meets one, in any source, is forgotten. `keys` are of the vendor's
   * own ids, which are nobody's user_id here but stand in this source's record keys behind a prefix.
   */
  forgotten?: { emails: string[]; userIds: string[]; keys?: { prefix: string; hashes: string[] } };
  /** What the API cannot give, in words, for the operator: e.g. permanently deleted contacts. */
  notes: string[];
}

/** One export over one vendor's API. Every method throws Failures that say what to do; none holds a key or an address. */
export interface ApiExport {
  /**
   * Checks the key by the cheapest call.
   * @throws Failure `bad_input`: wrong, expired, revoked or under-privileged key, wrong region or data centre
   */
  probe(): Promise<{ account: string }>;
  /** Best first. */
  userIdCandidates(): Promise<UserIdCandidate[]>;
  /** @param since the mark of the last complete pull; null for a full one */
  plan(since: Checkpoint | null): Promise<PullPlan>;
  /**
   * Reads a stream from its beginning, or from where a checkpoint of the same plan left it.
   * Safe to repeat: entries may come twice, under the same key; none is left out.
   */
  read(stream: ApiStream, from: Checkpoint | null): AsyncIterable<ApiPage>;
}

/** One source's way with its vendor's API. */
export interface ApiImporter {
  source: SourceName;
  capabilities: Capabilities;
  connect(access: ApiAccess): ApiExport;
}
