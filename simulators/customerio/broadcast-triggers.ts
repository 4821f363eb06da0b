import type { AppCall } from "./app-api.ts";
import { compileFilter } from "./filter.ts";
import { appError, readJson, type SimulatorResponse } from "./http.ts";
import { list } from "./paging.ts";
import type { Identifier } from "./people.ts";
import { isObject } from "./validation.ts";

export function triggerBroadcast({ request, workspace, settings, values }: AppCall): SimulatorResponse {
  const broadcast = workspace.messaging.broadcasts.find(({ id }) => String(id) === values[0]);
  if (!broadcast) return appError(404, "campaign not found");
  if (!settings.admitTrigger()) return { status: 429 };
  const body = request.body === "" ? {} : readJson(request.body);
  if (!isObject(body)) return appError(400, "malformed JSON");
  const people = workspace.people;
  const errors: string[] = [];
  let audience: Identifier[] | "all" = "all";
  if (body.recipients !== undefined) {
    const test = compileFilter(body.recipients);
    const empty = isObject(body.recipients) && Object.keys(body.recipients).length === 0;
    if (!test) {
      const detail = empty ? "empty recipients filter is not valid" : "recipients filter is not valid";
      return appError(422, detail, "/data/attributes/recipients");
    }
    audience = [...people.all()].filter(test).map(({ cioId }) => ({ type: "cio_id", value: cioId }));
  } else if (body.ids !== undefined || body.emails !== undefined) {
    const type = body.ids !== undefined ? "id" : "email";
    const values = body.ids ?? body.emails;
    if (!Array.isArray(values) || values.length === 0 || values.length > 10_000) {
      return appError(422, `${type}s must hold 1 to 10000`, `/data/attributes/${type}s`);
    }
    const unique = [...new Set(values.map(String))];
    const known = unique.flatMap((value) => people.find({ type, value }) ?? []);
    if (known.length < unique.length && body[`${type}_ignore_missing`] !== true) {
      errors.push(`${unique.length - known.length} of the ${type}s do not exist`);
    }
    if (unique.length < values.length && body.email_add_duplicates !== true) {
      errors.push(`${values.length - unique.length} of the ${type}s are duplicates`);
    }
    audience = known.map(({ cioId }) => ({ type: "cio_id", value: cioId }));
  }
  const trigger = workspace.trigger(broadcast.id, body, audience, errors);
  return { status: 200, body: { id: trigger.id } };
}

export function listTriggers({ workspace, settings, values }: AppCall): SimulatorResponse {
  const triggers = workspace.triggers
    .filter(({ broadcastId }) => String(broadcastId) === values[0])
    .map(({ id, broadcastId, createdAt, processedAt }) => ({
      id,
      broadcast_id: broadcastId,
      created_at: createdAt,
      processed_at: processedAt,
    }));
  return list("triggers", triggers, settings);
}

export function triggerErrors({ workspace, settings, values }: AppCall): SimulatorResponse {
  const trigger = workspace.triggers.find(({ id }) => String(id) === values[1]);
  if (!trigger) return appError(404, "trigger not found");
  return list("errors", trigger.errors, settings);
}
