import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../../../contract/project.ts";
import { storedVerification } from "../../delivery/verification.ts";
import { firstBrokenLine } from "../../journal/journal.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

export async function journalBlockers(project: Project, { workspace }: GateMoment): Promise<Blocker[]> {
  const message = await journalTrouble(project, workspace);
  if (message === null) return [];
  return [
    {
      code: "JOURNAL_BROKEN",
      message,
      nextStep: "Take the project's folder back from a backup, or start a new project.",
    },
  ];
}

/** Null where every line follows from the one before and the line that tells of the last reading back is there. */
async function journalTrouble(project: Project, workspace: Workspace | null): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(join(project.folder, "journal.ndjson"), "utf8");
  } catch {
    return "The project's journal cannot be read.";
  }
  const line = firstBrokenLine(text);
  if (line !== null) return `The project's journal was changed at line ${line}.`;
  const verification = workspace ? await storedVerification(project, workspace.id) : undefined;
  if (verification && !text.split("\n").some((written) => sha256(written) === verification.journalLine)) {
    return "The end of the project's journal is missing.";
  }
  return null;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
