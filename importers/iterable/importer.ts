import type { FileImporter } from "../file-importer.ts";
import { refuseMeans } from "../refuse-means.ts";
import { eventsMapper } from "./events.ts";
import { usersMapper } from "./users.ts";

/** Data exports of users and of e-mail events, as NDJSON or CSV (reference/iterable.md §3 and §6). */
export const iterableImporter: FileImporter = {
  source: "iterable",
  capabilities: { full: false, delta: false, declaredTotals: false, topics: true },
  recognisedBy:
    "Iterable export, NDJSON or CSV. Users: email with profileUpdatedAt or signupDate, and no createdAt. Events: email and createdAt with recipientState or unsubSource",
  recognise(head, options) {
    const mapper = eventsMapper(head, options) ?? usersMapper(head, options);
    if (mapper) refuseMeans(head, options, "Iterable");
    return mapper;
  },
};
