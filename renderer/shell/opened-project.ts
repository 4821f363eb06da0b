import type { Project } from "../../contract/project.ts";
import type { SourceName } from "../../contract/source.ts";
import type { ImportRequest } from "../../contract/sources.ts";
import type { Clients } from "./connection.ts";

/** What the shell told about a practice migration when it was started or resumed in this window. */
export interface Practice {
  endpoint: string;
  /** The simulated old tools. */
  sources: { source: SourceName; endpoint: string }[];
  /** Empty where the files that were written at its start are gone. */
  exports: ImportRequest[];
  broadcastId: number;
}

export interface OpenedProject {
  project: Project;
  practice: Practice | null;
}

/** The role under which a practice migration holds its simulator. */
export const practiceRole = "staging";

/** What is being done while a practice migration starts. */
export type PracticeStage = "inventing" | "creating" | "connecting";

/** Simulator, invented people, project and connection in one go. */
export async function startPractice(
  { engine, host }: Clients,
  onStage: (stage: PracticeStage) => void,
): Promise<OpenedProject> {
  onStage("inventing");
  const { folder, ...practice } = await host.practice.start({});
  onStage("creating");
  const project = await engine.project.create({ folder, name: "Practice migration", practice: true });
  return closedOnFailure(engine, async () => {
    onStage("connecting");
    await engine.workspace.connect({ role: practiceRole, endpoint: practice.endpoint });
    await host.projects.remember(project);
    return { project, practice };
  });
}

/** Makes an empty migration in a folder. */
export async function createProject(
  { engine, host }: Clients,
  folder: string,
  name: string,
): Promise<OpenedProject> {
  const project = await engine.project.create({ folder, name });
  await host.projects.remember(project);
  return { project, practice: null };
}

/** Opens a migration; for a practice migration the simulator goes on from where it was, perhaps at another address. */
export async function openProject({ engine, host }: Clients, folder: string): Promise<OpenedProject> {
  const project = await engine.project.open({ folder });
  return closedOnFailure(engine, async () => {
    const practice = project.practice ? await resumePractice({ engine, host }, folder) : null;
    await host.projects.remember(project);
    return { project, practice };
  });
}

/** Starts the simulator of a practice migration again and connects to it. */
export async function resumePractice(
  { engine, host }: Pick<Clients, "engine" | "host">,
  folder: string,
): Promise<Practice> {
  const practice = await host.practice.resume({ folder });
  await engine.workspace.connect({ role: practiceRole, endpoint: practice.endpoint });
  return practice;
}

/** A migration that opened only half must not stay open behind the start screen. */
async function closedOnFailure<T>(engine: Clients["engine"], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await engine.project.close();
    throw error;
  }
}
