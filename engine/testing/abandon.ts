import type { Project } from "../project/project.ts";

/** Lets go of a project as a kill would: what was committed stands, and no seal of a closing in good order is made. */
export async function abandon({ journal, store }: Project): Promise<void> {
  await journal.close();
  store.close();
}
