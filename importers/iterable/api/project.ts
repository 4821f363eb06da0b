import type { Channels } from "../channels.ts";
import { type Call, type Connection, isObject } from "./connection.ts";
import { type ForgottenHashes, readHashes } from "./forgotten.ts";
import { unexpected } from "./trouble.ts";

/** What identifies a user; chosen when the project was made (reference/iterable.md §9). */
export type ProjectMode = "email" | "userID" | "hybrid";

export interface ProjectList {
  id: string;
  name: string;
}

/** What must be known of a project before its rows are read. */
export interface Project {
  mode: ProjectMode;
  /** False where a call for forgotten people is refused that this kind of project should answer. */
  forgottenKnown: boolean;
  channels: Channels;
  messageTypes: number;
  /** What the topics of states are called: `channel:39581` → `Newsletter`. */
  topicNames: Record<string, string>;
  globalSuppressionLists: ProjectList[];
  /** They stop mail only where a campaign names them. */
  localSuppressionLists: ProjectList[];
  forgotten: ForgottenHashes;
}

/** @throws Failure `bad_input` where the key may not read all of it; `failed` */
export async function readProject(connection: Connection): Promise<Project> {
  const { channels, names } = await readChannels(connection);
  const messageTypes = entries(
    await connection.object(schemaCall("/api/messageTypes")),
    "messageTypes",
    "/api/messageTypes",
  );
  const suppression = entries(
    await connection.object(schemaCall("/api/lists")),
    "lists",
    "/api/lists",
  ).filter(({ listType }) => String(listType).toLowerCase() === "suppression");
  const identity = await readIdentity(connection);
  const lists = (global: boolean) =>
    suppression
      .filter((list) => (list.isGlobalSuppressionEnabled === true) === global)
      .map(({ id, name }) => ({ id: String(id), name: String(name) }));
  return {
    ...identity,
    channels,
    messageTypes: messageTypes.length,
    topicNames: {
      ...names,
      ...Object.fromEntries(messageTypes.map(({ id, name }) => [`message_type:${id}`, String(name)])),
    },
    globalSuppressionLists: lists(true),
    localSuppressionLists: lists(false),
  };
}

/** @throws Failure as `Connection.object` */
export async function readChannels(
  connection: Connection,
): Promise<{ channels: Channels; names: Record<string, string> }> {
  const rows = entries(await connection.object(schemaCall("/api/channels")), "channels", "/api/channels");
  const kinds = new Map(
    rows.map(({ id, messageMedium, channelType }) => {
      const isEmail = String(messageMedium).toLowerCase() === "email";
      const isMarketing = String(channelType).toLowerCase() === "marketing";
      const kind = isEmail ? (isMarketing ? "email_marketing" : "email") : "other";
      return [String(id), kind] as const;
    }),
  );
  const emailMarketing = [...kinds].flatMap(([id, kind]) => (kind === "email_marketing" ? [id] : []));
  const names = Object.fromEntries(rows.map(({ id, name }) => [`channel:${id}`, String(name)]));
  return { channels: { kinds, emailMarketing }, names };
}

/** What the name of the field for static lists says of the mode; null where there is no such field, or are both. */
async function modeByFields(connection: Connection): Promise<"email" | "other" | null> {
  const { body } = await connection.answer({
    ...schemaCall("/api/users/getFields"),
    dependsOnProject: true,
  });
  if (!isObject(body.fields)) return null;
  const isEmail = "emailListIds" in body.fields;
  const isOther = "userListIds" in body.fields;
  return isEmail === isOther ? null : isEmail ? "email" : "other";
}

/**
 * No call reports the mode. Each of the two calls for forgotten people fails in projects that lack its identifier,
 * and the field for static lists has another name in email-based projects (reference/iterable.md §8, §9). Taking an
 * email-based project for another kind would make one user of all who share a userId.
 */
async function readIdentity(
  connection: Connection,
): Promise<Pick<Project, "mode" | "forgotten" | "forgottenKnown">> {
  const emails = await readHashes(connection, "/api/users/forgotten", "hashedEmails");
  const userIds = await readHashes(connection, "/api/users/forgottenUserIds", "hashedUserIds");
  const forgotten = { emails: emails ?? new Set<string>(), userIds: userIds ?? new Set<string>() };
  if (userIds && !emails) return { mode: "userID", forgotten, forgottenKnown: true };
  const byFields = await modeByFields(connection);
  const mode = byFields === "email" || (byFields === null && !userIds) ? "email" : "hybrid";
  return { mode, forgotten, forgottenKnown: emails !== null && (userIds !== null || mode === "email") };
}

export function schemaCall(template: string): Call {
  return { budget: "schema", method: "GET", template };
}

function entries(body: Record<string, unknown>, name: string, template: string): Record<string, unknown>[] {
  const list = body[name];
  if (!Array.isArray(list) || !list.every((entry) => isObject(entry) && entry.id !== undefined))
    throw unexpected(`GET ${template}`, `it has no list of ${name}`);
  return list;
}
