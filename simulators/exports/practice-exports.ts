import { mkdir } from "node:fs/promises";
import { createWorld } from "../world/world.ts";
import { writeDoNotMailList } from "./do-not-mail-list.ts";
import { writeIterableData } from "./iterable-data.ts";
import { writeKlaviyoList } from "./klaviyo-list.ts";
import { writeMailchimpAudience } from "./mailchimp-audience.ts";
import { RowCounter } from "./text-rows.ts";

/** The files of one source, ready to be imported together. */
export interface PracticeExport {
  source: "mailchimp" | "klaviyo" | "iterable" | "csv";
  /** Paths inside the folder. */
  files: string[];
  /** What the operator has to say about files that do not say it themselves. */
  means?: "profiles" | "unsubscribed" | "bounced" | "complained" | "manual";
  /** Rows in all its files, headers not counted, unreadable rows included. */
  rows: number;
}

const allSources = ["mailchimp", "klaviyo", "iterable", "csv"] as const;
const writers = {
  mailchimp: writeMailchimpAudience,
  klaviyo: writeKlaviyoList,
  iterable: writeIterableData,
  csv: writeDoNotMailList,
};

/**
 * Writes export files as the vendors give them, about the same invented people, into `folder`, which is
 * made if it is missing. The same `people` and `seed` write the same bytes. Rows are written as they are
 * invented, so memory does not grow with `people`.
 *
 * Up to three rows cannot be read, two in the do-not-mail list and one in Iterable's unsubscribes. All
 * three can be accepted without losing an opt-out, because what they say stands on another row.
 */
export async function writePracticeExports(
  folder: string,
  options: {
    people: number;
    seed: number;
    /** Default: all of them. */
    sources?: readonly PracticeExport["source"][];
  },
): Promise<PracticeExport[]> {
  await mkdir(folder, { recursive: true });
  const world = createWorld(options);
  const exports: PracticeExport[] = [];
  for (const source of options.sources ?? allSources) {
    const counter = new RowCounter();
    const files = [await writers[source](folder, world, counter)].flat();
    exports.push({ source, files, rows: counter.rows, ...(source === "csv" && { means: "manual" }) });
  }
  return exports;
}
