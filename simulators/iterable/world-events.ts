import type { PersonEvents } from "../world/person-events.ts";
import type { Project, SimulatedUser, Whom } from "./project.ts";
import { globalSuppressionListId } from "./schema.ts";

/** When it happened; earlier than now for what arrives late. Milliseconds since 1970. */
interface When {
  at?: number;
}

/** Things that happen to the project's people while it runs. Nobody there is no error: `false`. */
export interface WorldEvents extends PersonEvents {
  addPerson(person: { email?: string; userId?: string; fields?: Record<string, unknown> }): SimulatedUser;
  /** By the link in a message: leaves every e-mail marketing channel, or the given ones. */
  unsubscribe(whom: Whom, how?: When & { channelIds?: number[] }): boolean;
  /** Leaves message types. */
  leaveTopics(whom: Whom, messageTypeIds: number[], how?: When): boolean;
  /** A bulk edit by the team: the profile changes and no event says so. */
  unsubscribeSilently(whom: Whom): boolean;
  /** Takes all opt-outs back, with an `emailSubscribe` nobody exports. */
  resubscribe(whom: Whom): boolean;
  /** Two events and the profile: the sending channel and every e-mail marketing channel are left. */
  hardBounce(whom: Whom, how?: When & { channelId?: number }): boolean;
  softBounce(whom: Whom, how?: When): boolean;
  complain(whom: Whom, how?: When & { channelId?: number }): boolean;
  removeFromList(whom: Whom, how?: When): boolean;
  /** Logged as an e-mail unsubscribe, though it is none. */
  optOutOfTexts(whom: Whom, how?: When): boolean;
  edit(whom: Whom, fields: Record<string, unknown>): boolean;
  suppressGlobally(whom: Whom): boolean;
  /** Deletes the person, and everything that is known of them. */
  remove(whom: Whom): boolean;
  /** Deletes the person and keeps the hash. */
  forget(whom: Whom): boolean;
}

const smsChannelId = 2_147_490_001;

export function createWorldEvents(project: Project): WorldEvents {
  const to = (whom: Whom, happen: (user: SimulatedUser) => void): boolean => {
    const [user] = project.find(whom);
    if (user) happen(user);
    return user !== undefined;
  };
  const unsubscribed = (user: SimulatedUser, fields: Record<string, unknown>, { at }: When) =>
    project.log(
      "emailUnSubscribe",
      user,
      { emailListIds: [], channelIds: [], messageTypeIds: [], ...fields },
      at,
    );

  return {
    addPerson: ({ email, userId, fields }) =>
      project.addUser({ email: email ?? null, userId: userId ?? null, fields: fields ?? {} }),
    unsubscribe: (whom, how = {}) =>
      to(whom, (user) => {
        const channelIds = how.channelIds ?? project.marketing;
        project.leaveChannels(user, channelIds);
        unsubscribed(user, { unsubSource: "EmailLink", channelIds, ...project.message() }, how);
      }),
    leaveTopics: (whom, messageTypeIds, how = {}) =>
      to(whom, (user) => {
        project.setOptOuts(user, {
          unsubscribedMessageTypeIds: [...new Set([...user.unsubscribedMessageTypeIds, ...messageTypeIds])],
        });
        unsubscribed(user, { unsubSource: "EmailLink", messageTypeIds, ...project.message() }, how);
      }),
    unsubscribeSilently: (whom) =>
      to(whom, (user) => project.setOptOuts(user, { unsubscribedChannelIds: [...project.marketing] }, true)),
    resubscribe: (whom) =>
      to(whom, (user) =>
        project.setOptOuts(user, { unsubscribedChannelIds: [], unsubscribedMessageTypeIds: [] }, true),
      ),
    hardBounce: (whom, how = {}) =>
      to(whom, (user) => {
        const channelIds = [...new Set([how.channelId ?? 39581, ...project.marketing])];
        const message = project.message();
        const reason = { recipientState: "HardBounce", status: "5.1.1" };
        project.log("emailBounce", user, { ...reason, ...message }, how.at);
        unsubscribed(user, { unsubSource: "HardBounce", channelIds, ...reason, ...message }, how);
        project.leaveChannels(user, channelIds);
      }),
    softBounce: (whom, { at } = {}) =>
      to(whom, (user) =>
        project.log(
          "emailBounce",
          user,
          { recipientState: "SoftBounceMailboxFull", status: "4.2.2", ...project.message() },
          at,
        ),
      ),
    complain: (whom, how = {}) =>
      to(whom, (user) => {
        const channelIds = project.complaintChannels(how.channelId ?? 39581);
        const message = project.message();
        project.log("emailComplaint", user, { recipientState: "Complaint", ...message }, how.at);
        unsubscribed(user, { unsubSource: "Complaint", channelIds, ...message }, how);
        project.leaveChannels(user, channelIds);
      }),
    removeFromList: (whom, how = {}) =>
      to(whom, (user) => {
        const [listId = 1_471_001, ...rest] = user.listIds;
        user.listIds = rest;
        project.setOptOuts(user, {});
        unsubscribed(user, { unsubSource: "Import", emailListIds: [listId] }, how);
      }),
    optOutOfTexts: (whom, how = {}) =>
      to(whom, (user) => {
        project.leaveChannels(user, [smsChannelId]);
        unsubscribed(user, { unsubSource: "SMS", channelIds: [smsChannelId] }, how);
      }),
    edit: (whom, fields) => to(whom, (user) => project.update(user, fields)),
    suppressGlobally: (whom) => to(whom, (user) => project.suppress(globalSuppressionListId, user)),
    remove: (whom) => to(whom, (user) => project.remove(user)),
    forget(whom) {
      const known = project.find(whom).length > 0;
      project.forget(whom);
      return known;
    },
  };
}
