import { keyTrouble } from "../../certificate/project-key.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

/** The project's own record: its journal, and the key that signs its certificates. */
export async function journalBlockers(
  { folder }: Project,
  { journal: { lines, trouble } }: GateMoment,
): Promise<Blocker[]> {
  if (trouble !== null) {
    return [
      {
        code: "JOURNAL_BROKEN",
        message: trouble,
        nextStep: "Take the project's whole folder back from a backup, or start a new project.",
      },
    ];
  }
  const key = await keyTrouble(folder, lines);
  if (key === null) return [];
  return [
    {
      code: "KEY_CHANGED",
      message: key,
      nextStep: "Put certificate-key.pem back from a backup of the project's folder, or start a new project.",
    },
  ];
}
