import type { ConsentState } from "../../../contract/consent.ts";
import type { ApiRecord } from "../../api-importer.ts";
import type { RowPage } from "./ndjson.ts";
import type { Profiles } from "./profiles.ts";
import {
  type ExportedEvent,
  type Identity,
  identityOf,
  isAddress,
  type RecordMaker,
  type Row,
} from "./records.ts";

/** The users' names that were looked up are kept up to this number. */
const mostKept = 20_000;

/** What events need beside their own rows. */
export interface EventLookups {
  record(type: ExportedEvent, row: Row, line: number): Promise<ApiRecord>;
  /**
   * The users that a page of unsubscribe events is about, as they are now. Where a user is known the event counts
   * for nothing (merge-rules §5), and whether an opt-out moves the user's update time, by which a delta finds
   * users, is not documented.
   */
  usersBehind(page: RowPage): Promise<{ record: ApiRecord; raw: string }[]>;
}

export function createEventLookups(
  profiles: Profiles,
  maker: RecordMaker,
  userIdField: string | null,
): EventLookups {
  const known = new Map<string, Promise<Identity | undefined>>();

  function lookedUp(key: string, lookUp: () => Promise<Row | null>): Promise<Identity | undefined> {
    if (known.size >= mostKept) known.clear();
    const looked =
      known.get(key) ?? lookUp().then((user) => (user ? identityOf(user, userIdField) : undefined));
    known.set(key, looked);
    return looked;
  }

  /**
   * Whom an event is about, where its row does not say all that counts: it names its user by userId alone, and
   * something else is the user_id, or what it says binds an address; or by a placeholder, which is nobody's.
   */
  async function identityBehind(row: Row, states: readonly ConsentState[]): Promise<Identity | undefined> {
    const { email, userId } = identityOf(row, null);
    if (isAddress(email)) return undefined;
    if (userId === null)
      return email === null ? undefined : lookedUp(`email:${email}`, () => profiles.byEmail(email));
    const bindsAddress = states.some(({ level }) => level === "hard_bounce");
    if (userIdField === "userId" && !bindsAddress) return undefined;
    return lookedUp(`id:${userId}`, () => profiles.byUserId(userId));
  }

  return {
    async record(type, row, line) {
      const made = maker.event(type, row, line);
      const behind = await identityBehind(row, made.record.states);
      return behind === undefined ? made : maker.event(type, row, line, behind);
    },
    async usersBehind({ rows }) {
      const lookUps = new Map<string, () => Promise<Row | null>>();
      for (const { row, line } of rows) {
        const { states } = maker.event("emailUnSubscribe", row, line).record;
        const { email, userId } = identityOf(row, null);
        // Lists and text messages are no business of e-mail channels.
        if (states.length === 0) continue;
        if (userId !== null) lookUps.set(`id:${userId}`, () => profiles.byUserId(userId));
        else if (email !== null) lookUps.set(`email:${email}`, () => profiles.byEmail(email));
      }
      const users = await Promise.all([...lookUps.values()].map((lookUp) => lookUp()));
      return users.flatMap((user, position) =>
        user === null
          ? []
          : {
              // Here fields are written in another form than in exports.
              record: { ...maker.user(user, rows.length + position + 1), consentOnly: true },
              raw: JSON.stringify(user),
            },
      );
    },
  };
}
