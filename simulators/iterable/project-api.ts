import { apiError, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import type { Project, SimulatedUser } from "./project.ts";
import { userAnswer } from "./row-text.ts";

export interface ProjectApiSettings {
  hashes: "hex" | "upper_case_hex" | "base64";
  /** What the call for forgotten people gets whose identifier the kind of project lacks. */
  forgottenElsewhere: 400 | 403 | "empty";
  /** What an unknown userId gets. */
  unknownUserId: "empty" | "server_error";
  lineBreak: "\n" | "\r\n";
}

/** Channels, message types, lists, users and forgotten people (reference/iterable.md §7, §8); undefined for other calls. */
export function answerProject(
  { path, query }: SimulatorRequest,
  project: Project,
  settings: ProjectApiSettings,
): SimulatorResponse | undefined {
  switch (path) {
    case "/api/channels":
      return { status: 200, body: { channels: project.channels } };
    case "/api/messageTypes":
      return { status: 200, body: { messageTypes: project.messageTypes } };
    case "/api/lists":
      return { status: 200, body: { lists: project.lists } };
    case "/api/lists/getUsers":
      return listMembers(query, project, settings);
    case "/api/users/getFields":
      return { status: 200, body: { fields: fieldsOf(project) } };
    case "/api/users/getByEmail":
      return userFound(project, project.withEmail(query.get("email") ?? "")[0]);
    case "/api/users/byUserId": {
      const [user] = project.withUserId(query.get("userId") ?? "");
      if (!user && settings.unknownUserId === "server_error")
        return apiError(500, "error.users.noUserWithIdExists", "No user with that id exists.");
      return userFound(project, user);
    }
    case "/api/users/forgotten":
      return project.mode === "userID"
        ? elsewhere("hashedEmails", settings)
        : { status: 200, body: { hashedEmails: hashes(project.forgottenEmails, settings) } };
    case "/api/users/forgottenUserIds":
      return project.mode === "email"
        ? elsewhere("hashedUserIds", settings)
        : { status: 200, body: { hashedUserIds: hashes(project.forgottenUserIds, settings) } };
    default:
      return undefined;
  }
}

function elsewhere(name: string, { forgottenElsewhere }: ProjectApiSettings): SimulatorResponse {
  if (forgottenElsewhere === "empty") return { status: 200, body: { [name]: [] } };
  const code = forgottenElsewhere === 400 ? "BadParams" : "Forbidden";
  return apiError(forgottenElsewhere, code, "This kind of project has no such identifier.");
}

function listMembers(
  query: URLSearchParams,
  project: Project,
  { lineBreak }: ProjectApiSettings,
): SimulatorResponse {
  const list = project.lists.find(({ id }) => id === Number(query.get("listId")));
  if (!list) return apiError(400, "error.lists.invalidListId", "Unknown list.");
  const printed =
    list.listType === "Suppression"
      ? project.printed(list.id, query.get("preferUserId") === "true")
      : [...project.users].flatMap(({ email, userId, listIds }) =>
          listIds.includes(list.id) ? (email ?? userId ?? []) : [],
        );
  const end = lineBreak === "\r\n" ? "\r" : "";
  return {
    status: 200,
    lines: [...printed.map((line) => line + end), ""],
    contentType: "text/plain",
  };
}

function userFound(project: Project, user: SimulatedUser | undefined): SimulatorResponse {
  return { status: 200, body: user ? { user: userAnswer(project, user) } : {} };
}

function fieldsOf(project: Project): Record<string, string> {
  const fields: Record<string, string> = {
    email: "string",
    userId: "string",
    signupDate: "date",
    profileUpdatedAt: "date",
    [project.mode === "email" ? "emailListIds" : "userListIds"]: "long",
    unsubscribedChannelIds: "long",
    unsubscribedMessageTypeIds: "long",
    "itblInternal.emailDomain": "string",
    "devices.token": "string",
  };
  for (const user of project.users) for (const name of Object.keys(user.fields)) fields[name] ??= "string";
  return fields;
}

function hashes(set: ReadonlySet<string>, settings: ProjectApiSettings): string[] {
  return [...set].map((hex) => {
    if (settings.hashes === "base64") return Buffer.from(hex, "hex").toString("base64");
    return settings.hashes === "hex" ? hex : hex.toUpperCase();
  });
}
