import type { ItemFaultSource } from "./faults.ts";
import { readJson, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import type { Identifier, IdentifierType, People } from "./people.ts";
import { attributeErrors, type ItemError, isObject, validateItem } from "./validation.ts";
import type { Workspace } from "./workspace.ts";

export interface TrackSettings {
  region: "us" | "eu";
  oversizeStatus: 400 | 413;
  kilobyte: 1000 | 1024;
  itemFault: ItemFaultSource;
}

/** The recorded success body of Track (reference/customerio.md §1.1). */
const success: SimulatorResponse = {
  status: 200,
  body: "{}\n",
  headers: { "content-type": "application/json; charset=utf-8" },
};

/** Answers `/api/v1` and `/api/v2`, credentials already checked (reference/customerio.md §1). */
export function answerTrack(
  request: SimulatorRequest,
  workspace: Workspace,
  settings: TrackSettings,
): SimulatorResponse {
  const parts = request.path.split("/").slice(2).map(decodeURIComponent);
  const route = `${request.method} ${parts.map((part, i) => (parts[1] === "customers" && i === 2 ? "*" : part)).join("/")}`;
  switch (route) {
    case "GET v1/accounts/region":
      return {
        status: 200,
        body: {
          url: settings.region === "eu" ? "https://track-eu.customer.io" : "https://track.customer.io",
          region: settings.region,
          environment_id: workspace.id,
        },
      };
    case "PUT v1/customers/*":
      return identify(pathIdentifier(parts[2]!, workspace), request, workspace);
    case "DELETE v1/customers/*":
      return write(workspace, (people) => people.delete(pathIdentifier(parts[2]!, workspace)));
    case "POST v1/customers/*/suppress":
      return write(workspace, (people) => people.suppress(pathIdentifier(parts[2]!, workspace)));
    case "POST v1/customers/*/unsuppress":
      return write(workspace, (people) => people.unsuppress(pathIdentifier(parts[2]!, workspace)));
    case "POST v1/merge_customers":
      return merge(request, workspace, settings);
    case "POST v2/entity":
      return entity(request, workspace, settings);
    case "POST v2/batch":
      return batch(request, workspace, settings);
    default:
      return { status: 404, body: { meta: { error: "not found" } } };
  }
}

/** v1 tells the type of an identifier by its look (reference/customerio.md §1.3). */
function pathIdentifier(value: string, workspace: Workspace): Identifier {
  if (value.startsWith("cio_")) return { type: "cio_id", value };
  const looksLikeEmail = /^[^\s@]+@[^\s@]+$/.test(value);
  const type = looksLikeEmail && workspace.people.uses("email") ? "email" : "id";
  return { type, value };
}

function identify(path: Identifier, request: SimulatorRequest, workspace: Workspace): SimulatorResponse {
  const attributes = readJson(request.body);
  const problem = isObject(attributes) ? attributeErrors(attributes)[0] : undefined;
  if (!isObject(attributes) || problem || !workspace.people.uses(path.type)) {
    return { status: 400, body: { meta: { error: problem?.message ?? "malformed request" } } };
  }
  return write(workspace, (people) => people.identify(path, attributes, 1));
}

function merge(request: SimulatorRequest, workspace: Workspace, settings: TrackSettings): SimulatorResponse {
  const body = readJson(request.body);
  const item = { type: "person", action: "merge", ...(isObject(body) ? body : {}) };
  const [problem] = validateItem(item, workspace.people, settings.kilobyte);
  if (problem) return { status: 400, body: { meta: { error: problem.message } } };
  return write(workspace, (people) => apply(item, people));
}

function entity(request: SimulatorRequest, workspace: Workspace, settings: TrackSettings): SimulatorResponse {
  if (Buffer.byteLength(request.body) > 32 * settings.kilobyte) return oversize(settings);
  const item = readJson(request.body);
  if (!isObject(item)) return malformed("body", "malformed JSON");
  const errors = validateItem(item, workspace.people, settings.kilobyte);
  if (errors.length > 0) return { status: 400, body: { errors } };
  return write(workspace, (people) => apply(item, people));
}

function batch(request: SimulatorRequest, workspace: Workspace, settings: TrackSettings): SimulatorResponse {
  if (Buffer.byteLength(request.body) > 500 * settings.kilobyte) return oversize(settings);
  const body = readJson(request.body);
  if (!isObject(body)) return malformed("body", "malformed JSON");
  const items = body.batch;
  if (!Array.isArray(items)) return malformed("batch", "batch is required", "required");
  const errors: (ItemError & { batch_index: number })[] = [];
  const accepted: Record<string, unknown>[] = [];
  for (const [batch_index, item] of items.entries()) {
    const fault = settings.itemFault(item, batch_index);
    const problems: ItemError[] =
      fault === "refuse"
        ? [{ reason: "invalid", field: "item", message: "refused on purpose" }]
        : validateItem(item, workspace.people, settings.kilobyte);
    errors.push(...problems.map((problem) => ({ batch_index, ...problem })));
    if (problems.length === 0 && fault !== "drop") accepted.push(item as Record<string, unknown>);
  }
  write(workspace, (people) => {
    for (const item of accepted) apply(item, people);
  });
  return errors.length > 0 ? { status: 207, body: { errors } } : success;
}

/** Lets a valid v2 operation take effect; those that concern no profile have none here. */
function apply(item: Record<string, unknown>, people: People): void {
  if (item.type !== "person") return;
  if (item.action === "merge") {
    people.merge(only(item.primary), only(item.secondary));
    return;
  }
  const identifier = only(item.identifiers);
  if (item.action === "identify") {
    people.identify(identifier, isObject(item.attributes) ? item.attributes : {}, 2);
  }
  if (item.action === "delete") people.delete(identifier);
  if (item.action === "suppress") people.suppress(identifier);
  if (item.action === "unsuppress") people.unsuppress(identifier);
}

function only(identifiers: unknown): Identifier {
  const [type, value] = Object.entries(identifiers as Record<string, string>)[0]!;
  return { type: type as IdentifierType, value };
}

function write(workspace: Workspace, effect: (people: People) => void): SimulatorResponse {
  workspace.later(effect);
  return success;
}

function oversize(settings: TrackSettings): SimulatorResponse {
  const error = { reason: "invalid", field: "body", message: "request body too large" };
  return { status: settings.oversizeStatus, body: { errors: [error] } };
}

function malformed(field: string, message: string, reason = "invalid"): SimulatorResponse {
  return { status: 400, body: { errors: [{ reason, field, message }] } };
}
