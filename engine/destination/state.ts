import type { DestinationState } from "../../contract/destination.ts";
import { isoTime } from "../clock.ts";
import { currentPlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { conflictsThere, summariseDestinationConflicts } from "./conflicts.ts";
import { countDue, lookUpCalls, lookUpCounts } from "./due-look-ups.ts";
import { type WorkspaceFacts, workspaceFacts } from "./workspace-facts.ts";

/** The vendor's limit for all App calls together (reference/customerio.md §2.1). */
const appCallsPerSecond = 10;

/** What is known of the workspace that the project writes to; null before the first plan or without a workspace. */
export async function destinationState(project: Project): Promise<DestinationState | null> {
  const { store } = project;
  const workspace = await project.workspace();
  if (!workspace || !(await currentPlan(project))) return null;
  const facts = await workspaceFacts(store, workspace.id);
  const { ids, emails } = await lookUpCounts(store, workspace.id);
  const identifies = facts?.emailIdentifies ?? true;
  const calls = lookUpCalls(await countDue(store, workspace.id), identifies);
  const held = await store.row<{ persons: number }>(
    `SELECT count(DISTINCT person_id) AS persons FROM ${conflictsThere}
     WHERE coalesce(nullif(decision, 'accept'), suggestion) = 'hold'`,
    { workspaceId: workspace.id },
  );
  const times = [ids, emails].filter(({ found }) => found > 0);
  return {
    planned: { ids: ids.planned, emails: emails.planned },
    lookedUp: { ids: ids.found, emails: emails.found },
    oldest: times.length === 0 ? null : isoTime(Math.min(...times.map(({ oldest }) => oldest))),
    newest: times.length === 0 ? null : isoTime(Math.max(...times.map(({ newest }) => newest))),
    toDo: { calls, seconds: calls / appCallsPerSecond },
    emailIdentifies: facts?.emailIdentifies ?? null,
    conflicts: await summariseDestinationConflicts(store, workspace.id, identifies),
    heldBack: held!.persons,
    warnings: facts ? workspaceWarnings(facts) : [],
  };
}

/** What the operator should know of the workspace before people are written to it, in words. */
export function workspaceWarnings({
  emailIdentifies,
  phoneIdentifies,
  segments,
  segmentsTrouble,
}: WorkspaceFacts): string[] {
  const warnings: string[] = [];
  const filling = segments.filter(({ manual }) => !manual);
  for (const { name, id, campaigns } of filling.slice(0, mostSegments)) {
    const named = campaigns.map((campaign) => campaign.name ?? `number ${campaign.id}`).join(", ");
    warnings.push(
      `The segment ${name} (${id}) triggers or filters ${campaigns.length === 1 ? "the campaign" : `${campaigns.length} campaigns:`} ${named}. People whom the import moves into the segment may get mail from it: stop the campaign until the import is done, or add the condition that sendgate_source does not exist.`,
    );
  }
  if (filling.length > mostSegments) {
    warnings.push(
      `${filling.length - mostSegments} more segments trigger or filter campaigns; look them over in Customer.io.`,
    );
  }
  if (segmentsTrouble !== null) {
    warnings.push(
      `Which segments trigger campaigns could not be read (${segmentsTrouble}) Look them over in Customer.io before profiles are written.`,
    );
  }
  if (!emailIdentifies) {
    warnings.push(
      "This workspace does not identify people by e-mail address. Several profiles may share one, and people without a user_id cannot be written to it: let suppressed ones go on the ESP list alone, in the plan's choice or by `sendgate plan --lead-suppression esp`.",
    );
  }
  if (phoneIdentifies) {
    warnings.push(
      "This workspace identifies people by phone number, so the attribute phone could merge people: it stays here. Send it under another name if you need it.",
    );
  }
  return warnings;
}

/** Shown one by one. */
const mostSegments = 10;
