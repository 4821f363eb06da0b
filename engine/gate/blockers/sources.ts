import type { Project } from "../../project/project.ts";
import { lockingRejects } from "../../sources/rejects.ts";
import type { Blocker } from "../blocker.ts";

/** Nothing imported, or rows of a file with suppressions that nobody accounted for (invariant 3). */
export async function sourceBlockers({ store }: Project): Promise<Blocker[]> {
  const blockers: Blocker[] = [];
  if (!(await store.row("SELECT 1 AS found FROM live_file LIMIT 1"))) {
    blockers.push({
      code: "NO_SOURCES",
      message: "No export has been imported.",
      nextStep: "Export every tool you send with over its API, or import its export files.",
    });
  }
  for (const { name, rows } of await lockingRejects(store)) {
    blockers.push({
      code: "REJECTED_ROWS",
      message: `${rows} ${rows === 1 ? "row" : "rows"} of ${name} could not be used and may carry suppressions.`,
      nextStep: "Mend the rows and import the file again, or accept with a reason that they stay out.",
    });
  }
  return blockers;
}
