import { readCursor, writeCursor } from "./cursor.ts";
import type { SimulatorRequest, SimulatorResponse } from "./http.ts";
import { pageAnswer, pageSize, refusedCursor, type Shape } from "./paging.ts";

export interface KlaviyoList {
  /** Six characters. */
  id: string;
  name: string;
  optInProcess: "double_opt_in" | "single_opt_in";
}

/** `GET /api/lists`, always by id. */
export function listsAnswer(
  request: SimulatorRequest,
  lists: readonly KlaviyoList[],
  shape: Shape,
): SimulatorResponse {
  const size = pageSize(request, { standard: 10, largest: 10 });
  if (typeof size !== "number") return size;
  const cursor = request.query.get("page[cursor]");
  const after = cursor === null ? null : readCursor(cursor, "id", shape.epoch);
  if (cursor !== null && after === null) return refusedCursor(shape);
  const rest = [...lists]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .filter(({ id }) => after === null || id > after.id);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const next =
    last && rest.length > size ? writeCursor("id", { value: last.id, id: last.id }, shape.epoch) : null;
  return pageAnswer(
    request,
    page.map((list) => listJson(list, shape.origin)),
    next,
    shape,
  );
}

function listJson({ id, name, optInProcess }: KlaviyoList, origin: string) {
  const self = `${origin}/api/lists/${id}`;
  const relationship = (name: string) => ({
    links: { self: `${self}/relationships/${name}/`, related: `${self}/${name}/` },
  });
  return {
    type: "list",
    id,
    attributes: {
      name,
      created: "2021-05-04T09:00:00+00:00",
      updated: "2024-05-04T09:00:00+00:00",
      opt_in_process: optInProcess,
    },
    relationships: {
      profiles: relationship("profiles"),
      tags: relationship("tags"),
      "flow-triggers": relationship("flow-triggers"),
    },
    links: { self: `${self}/` },
  };
}
