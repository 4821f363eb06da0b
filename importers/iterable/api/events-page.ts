import type { ApiRecord } from "../../api-importer.ts";
import type { RowPage } from "./ndjson.ts";
import type { Profiles } from "./profiles.ts";
import { type ExportedEvent, type Identity, identityOf, type RecordMaker, type Row } from "./records.ts";

/** The users' names that were looked up are kept up to this number. */
const mostKept = 20_000;

/** Makes records of pages of events, with what must be looked up for them. */
export interface EventPages {
  /**
   * @param withUsers also reads, as they are now, the users that unsubscribe events are about. Where a user is
   * known the event counts for nothing (merge-rules §5), and whether an opt-out moves the user's update time,
   * by which a delta finds users, is not documented.
   */
  records(
    type: ExportedEvent,
    page: RowPage,
    withUsers: boolean,
  ): Promise<{ records: ApiRecord[]; raw: string }>;
}

export function createEventPages(
  profiles: Profiles,
  maker: RecordMaker,
  userIdField: string | null,
): EventPages {
  const known = new Map<string, Promise<Identity | undefined>>();

  /** An event that names its user by userId alone, where something else is the user_id. */
  async function identityBehind(row: Row): Promise<Identity | undefined> {
    const { email, userId } = identityOf(row, null);
    if (userIdField === "userId" || email !== null || userId === null) return undefined;
    if (known.size >= mostKept) known.clear();
    const looked =
      known.get(userId) ??
      profiles.byUserId(userId).then((user) => (user ? identityOf(user, userIdField) : undefined));
    known.set(userId, looked);
    return looked;
  }

  return {
    async records(type, { rows, raw }, withUsers) {
      const records = await Promise.all(
        rows.map(async ({ row, line }) => maker.event(type, row, line, await identityBehind(row))),
      );
      if (!withUsers) return { records, raw };
      const about = new Map<string, () => Promise<Row | null>>();
      records.forEach(({ record }, position) => {
        if (!record.states.some(({ history }) => history)) return;
        const { email, userId } = identityOf(rows[position]!.row, null);
        if (userId !== null) about.set(`id ${userId}`, () => profiles.byUserId(userId));
        else if (email !== null) about.set(`email ${email}`, () => profiles.byEmail(email));
      });
      const users = (await Promise.all([...about.values()].map((lookUp) => lookUp()))).filter(
        (user) => user !== null,
      );
      return {
        records: [...records, ...users.map((user, position) => maker.user(user, rows.length + position + 1))],
        raw:
          users.length === 0 ? raw : [raw.trimEnd(), ...users.map((user) => JSON.stringify(user))].join("\n"),
      };
    },
  };
}
