import { attributeText, compileFilter } from "./filter.ts";
import { appError, readJson, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import { messagingRoutes } from "./messaging-api.ts";
import { cursorPage, limitOf, list } from "./paging.ts";
import { type IdentifierType, meansUnsubscribed, type Person } from "./people.ts";
import { segmentRoutes } from "./segments.ts";
import { type SuppressionType, suppressionTypes } from "./suppression-lists.ts";
import { isObject } from "./validation.ts";
import type { Workspace } from "./workspace.ts";

export interface AppSettings {
  emptyListAsNull: boolean;
  numericIds: boolean;
  /** True where a broadcast may be triggered now. */
  admitTrigger: () => boolean;
}

export interface AppCall {
  request: SimulatorRequest;
  workspace: Workspace;
  settings: AppSettings;
  /** Decoded values of the `*` in the route, in order. */
  values: string[];
}

/** Method and path, with a star for each value in it, and what answers it. */
export type AppRoute = [string, (call: AppCall) => SimulatorResponse];

const routes: AppRoute[] = [
  ["GET workspaces", listWorkspaces],
  ["GET customers", findByEmail],
  ["POST customers", searchCustomers],
  ["POST customers/attributes", attributesOfMany],
  ["GET customers/*/attributes", attributesOfOne],
  ["GET subscription_topics", listTopics],
  ["GET esp/search_suppression/*", searchSuppression],
  ["GET esp/suppression/*", listSuppressions],
  ["GET esp/domains/*/suppression/*", listDomainSuppressions],
  ["POST esp/suppression/*/*", addSuppression],
  ["DELETE esp/suppression/*/*", removeSuppression],
  ["GET activities", listActivities],
  ...messagingRoutes,
  ...segmentRoutes,
];

/** Answers `/v1`, credentials and rate already checked (reference/customerio.md §2). */
export function answerApp(
  request: SimulatorRequest,
  workspace: Workspace,
  settings: AppSettings,
): SimulatorResponse {
  const parts = request.path.split("/").slice(2).map(decodeURIComponent);
  for (const [route, answer] of routes) {
    const [method, path] = route.split(" ") as [string, string];
    const pattern = path.split("/");
    const matches =
      method === request.method &&
      pattern.length === parts.length &&
      pattern.every((part, i) => part === "*" || part === parts[i]);
    if (matches) {
      return answer({ request, workspace, settings, values: parts.filter((_, i) => pattern[i] === "*") });
    }
  }
  return appError(404, "not found");
}

function listWorkspaces({ workspace }: AppCall): SimulatorResponse {
  const counts = { messages_sent: 0, billable_messages_sent: 0, object_types: 0, objects: 0 };
  const entry = { id: workspace.id, name: workspace.name, people: workspace.people.count, ...counts };
  return { status: 200, body: { workspaces: [entry] } };
}

function findByEmail({ request, workspace, settings }: AppCall): SimulatorResponse {
  const email = request.query.get("email");
  if (!email) return appError(400, "email is required");
  return list(
    "results",
    workspace.people.withEmail(email).map((person) => identifiersOf(person, settings)),
    settings,
  );
}

function searchCustomers({ request, workspace, settings }: AppCall): SimulatorResponse {
  const body = readJson(request.body);
  const test = isObject(body) ? compileFilter(body.filter) : null;
  if (!test) return appError(400, "filter is not valid");
  const found = [...workspace.people.all()].filter(test);
  const { page, next } = cursorPage(found, request.query, 50, 1000);
  const identifiers = page.map((person) => identifiersOf(person, settings));
  return { status: 200, body: { identifiers, ids: page.map(({ id }) => id ?? ""), next } };
}

function attributesOfMany({ request, workspace, settings }: AppCall): SimulatorResponse {
  const body = readJson(request.body);
  const ids = isObject(body) ? body.ids : undefined;
  if (!Array.isArray(ids) || ids.length < 1 || ids.length > 100)
    return appError(400, "ids must hold 1 to 100");
  const type = identifierType(request, workspace);
  if (type === null) return appError(400, "id_type is not an identifier of this workspace");
  const found = new Set(ids.flatMap((value) => workspace.people.find({ type, value: String(value) }) ?? []));
  return list(
    "customers",
    [...found].map((person) => customerObject(person, workspace, settings)),
    settings,
  );
}

function attributesOfOne({ request, workspace, settings, values }: AppCall): SimulatorResponse {
  const type = identifierType(request, workspace);
  if (type === null) return appError(400, "id_type is not an identifier of this workspace");
  const person = workspace.people.find({ type, value: values[0]! });
  if (!person) return appError(404, "customer not found");
  return { status: 200, body: customerObject(person, workspace, settings) };
}

function identifierType(request: SimulatorRequest, workspace: Workspace): IdentifierType | null {
  const type = request.query.get("id_type") ?? "id";
  const known = type === "id" || type === "email" || type === "cio_id" || type === "phone";
  return known && workspace.people.uses(type) ? type : null;
}

function identifiersOf({ id, email, cioId }: Person, { numericIds }: AppSettings) {
  const isNumber = numericIds && id !== null && String(Number(id)) === id;
  return { email, id: isNumber ? Number(id) : id, cio_id: cioId };
}

function customerObject(person: Person, workspace: Workspace, settings: AppSettings) {
  const names = ["id", "email", "cio_id", ...Object.keys(person.attributes)];
  const attributes = Object.fromEntries(names.map((name) => [name, attributeText(person, name) ?? ""]));
  const preferences = person.attributes.cio_subscription_preferences as
    | { topics?: Record<string, boolean> }
    | undefined;
  const topics = Object.fromEntries(
    workspace.topics.map(({ id, subscribedByDefault }) => [
      `topic_${id}`,
      preferences?.topics?.[`topic_${id}`] ?? subscribedByDefault,
    ]),
  );
  attributes._cio_subscription_preferences_computed = JSON.stringify({ topics });
  return {
    customer: {
      id: person.id ?? "",
      identifiers: identifiersOf(person, settings),
      attributes,
      timestamps: {},
      unsubscribed: meansUnsubscribed(person.attributes.unsubscribed),
      devices: [],
    },
  };
}

/** Always an array here, empty if there are no topics. */
function listTopics({ workspace }: AppCall): SimulatorResponse {
  const topics = workspace.topics.map(({ id, name, description, subscribedByDefault }) => ({
    id,
    identifier: `topic_${id}`,
    name,
    description,
    subscribed_by_default: subscribedByDefault,
  }));
  return { status: 200, body: { topics } };
}

/** The category names two kinds only, whatever the list (reference/customerio.md §2.2). */
function category(type: SuppressionType): string {
  return type === "spam_reports" ? "spam" : "bounces";
}

function searchSuppression({ workspace, settings, values }: AppCall): SimulatorResponse {
  const found = workspace.lists.find(values[0]!);
  const suppressions = found.map(({ entry: { email, created, reason, status } }) => ({
    created,
    email,
    reason,
    status,
  }));
  const answer = list("suppressions", suppressions, settings);
  return { ...answer, body: { category: category(found[0]?.type ?? "bounces"), ...(answer.body as object) } };
}

function listSuppressions({ request, workspace, settings, values }: AppCall): SimulatorResponse {
  const type = suppressionType(values[0]!);
  if (!type) return appError(400, "unknown suppression type");
  const limit = limitOf(request.query, 100, 1000);
  const offset = Math.max(0, Number(request.query.get("offset") ?? 0) || 0);
  const entries = workspace.lists.entries(type, request.query.get("domain"));
  const suppressions = entries.slice(offset, offset + limit).map(({ domain: _, ...entry }) => entry);
  const answer = list("suppressions", suppressions, settings);
  return { ...answer, body: { category: category(type), ...(answer.body as object) } };
}

function listDomainSuppressions({ request, workspace, settings, values }: AppCall): SimulatorResponse {
  const type = suppressionType(values[1]!);
  if (!type) return appError(400, "unknown suppression type");
  const email = request.query.get("email")?.toLowerCase();
  const entries = workspace.lists
    .entries(type, values[0]!)
    .filter((entry) => email === undefined || entry.email.toLowerCase() === email);
  const { page, next } = cursorPage(entries, request.query, 100, 1000);
  const suppressions = page.map(({ domain: _, ...entry }) => entry);
  const answer = list("suppressions", suppressions, settings);
  return { ...answer, body: { category: category(type), ...(answer.body as object), next } };
}

function addSuppression({ workspace, values }: AppCall): SimulatorResponse {
  const [type, email] = [suppressionType(values[0]!), values[1]!];
  if (!type) return appError(400, "unknown suppression type");
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return appError(400, "email is not valid");
  workspace.addSuppression(type, email);
  return { status: 200, body: {} };
}

function removeSuppression({ workspace, values }: AppCall): SimulatorResponse {
  const [type, email] = [suppressionType(values[0]!), values[1]!];
  if (!type) return appError(400, "unknown suppression type");
  if (!workspace.lists.has(type, email)) return appError(404, "suppression not found");
  workspace.removeSuppression(type, email);
  return { status: 204 };
}

function suppressionType(name: string): SuppressionType | undefined {
  return suppressionTypes.find((type) => type === name);
}

/** Newest first. */
function listActivities({ request, workspace, settings }: AppCall): SimulatorResponse {
  const type = request.query.get("type");
  const all = workspace.people.activities.filter((activity) => type === null || activity.type === type);
  const { page, next } = cursorPage(all.reverse(), request.query, 10, 100);
  const answer = list("activities", page, settings);
  return { ...answer, body: { ...(answer.body as object), next } };
}
