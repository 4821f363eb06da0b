import { type Connection, isObject } from "./connection.ts";
import type { Row } from "./records.ts";
import { unexpected } from "./trouble.ts";

/** Looks single users up. */
export interface Profiles {
  /** @returns the user as the export would write it; null where nobody has the address */
  byEmail(email: string): Promise<Row | null>;
  byUserId(userId: string): Promise<Row | null>;
}

export function createProfiles(connection: Connection): Profiles {
  const lookUp = async (template: string, query: Record<string, string>): Promise<Row | null> => {
    const { status, body } = await connection.answer({ budget: "profiles", method: "GET", template, query });
    // Nobody: no user, an empty one, or an error that says so (reference/iterable.md §8).
    if (status === 404 || (status === 400 && /unknown|nouser/i.test(String(body.code)))) return null;
    if (status >= 400) throw unexpected(`GET ${template}`, `it refused the request (HTTP ${status})`);
    const { user } = body;
    if (!isObject(user)) return null;
    // Here the fields stand apart from the identifiers, of which one may be empty; in an export beside them.
    const { dataFields, ...known } = user;
    const identifiers = Object.entries(known).filter(([, value]) => value !== "" && value !== null);
    if (identifiers.length === 0) return null;
    return { ...(isObject(dataFields) ? dataFields : {}), ...Object.fromEntries(identifiers) };
  };
  return {
    byEmail: (email) => lookUp("/api/users/getByEmail", { email }),
    byUserId: (userId) => lookUp("/api/users/byUserId", { userId }),
  };
}
