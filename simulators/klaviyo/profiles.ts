import { readCursor, writeCursor } from "./cursor.ts";
import { FilterError, type ProfilePredicate, readFilter } from "./filter.ts";
import { invalidInput, type SimulatorRequest, type SimulatorResponse } from "./http.ts";
import { pageAnswer, pageSize, refusedCursor, type Shape } from "./paging.ts";
import { type ProfileBook, placeOf, type SortField, sortFields } from "./profile-book.ts";
import { profileJson } from "./profile-json.ts";

export interface ProfilesShape extends Shape {
  /** Each page begins again with this many profiles of the page before. */
  repeatedProfiles: number;
  /** No page is longer, whatever was asked for. */
  longestPage: number;
  reasonCase: "upper" | "lower" | "any";
}

const topLevelFields = [
  "created",
  "email",
  "external_id",
  "first_name",
  "id",
  "image",
  "last_event_date",
  "last_name",
  "locale",
  "location",
  "organization",
  "phone_number",
  "predictive_analytics",
  "properties",
  "subscriptions",
  "title",
  "updated",
];
/** Fields of which parts can be asked for by dotted names. */
const dottedFields = ["location", "predictive_analytics", "subscriptions"];
const additionalFields = ["subscriptions", "predictive_analytics"];

/** `GET /api/profiles` (reference/klaviyo.md §2). */
export function profilesAnswer(
  request: SimulatorRequest,
  book: ProfileBook,
  shape: ProfilesShape,
): SimulatorResponse {
  const { query } = request;
  const asked = pageSize(request, { standard: 20, largest: 100 });
  if (typeof asked !== "number") return asked;
  const size = Math.min(asked, shape.longestPage);

  const additional = listIn(query.get("additional-fields[profile]")) ?? [];
  if (!additional.every((name) => additionalFields.includes(name))) {
    return invalidInput("additional-fields[profile]", "Unknown additional field.");
  }
  const fields = listIn(query.get("fields[profile]"));
  const known = (name: string) =>
    topLevelFields.includes(name) || dottedFields.some((field) => name.startsWith(`${field}.`));
  if (fields && !fields.every(known)) return invalidInput("fields[profile]", "Unknown field.");

  const sorting = query.get("sort") ?? "id";
  const backwards = sorting.startsWith("-");
  const sort = (backwards ? sorting.slice(1) : sorting) as SortField;
  if (!sortFields.includes(sort)) return invalidInput("sort", `'${sort}' is not a valid sort field.`);

  const cursor = query.get("page[cursor]");
  const after = cursor === null ? null : readCursor(cursor, sort, shape.epoch);
  if (cursor !== null && after === null) return refusedCursor(shape);

  let matches: ProfilePredicate | null = null;
  const filter = query.get("filter");
  if (filter !== null) {
    try {
      matches = readFilter(filter, shape.reasonCase);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return invalidInput("filter", error.message);
    }
  }

  const page = book.page({ sort, backwards, matches, after, size });
  const last = page.profiles.at(-1);
  const next = page.more && last ? writeCursor(sort, placeOf(last, sort), shape.epoch) : null;
  const before =
    after === null || shape.repeatedProfiles === 0
      ? []
      : book
          .page({ sort, backwards: !backwards, matches, after, size: shape.repeatedProfiles })
          .profiles.reverse();
  const data = [...before, ...page.profiles].map((profile) =>
    profileJson(profile, {
      origin: shape.origin,
      subscriptions: additional.includes("subscriptions"),
      predictiveAnalytics: additional.includes("predictive_analytics"),
      fields,
    }),
  );
  return pageAnswer(request, data, next, shape);
}

function listIn(text: string | null): string[] | null {
  return text === null ? null : text.split(",").filter((name) => name !== "");
}
