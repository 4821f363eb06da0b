import type { CampaignSegment } from "../../customerio/segments.ts";
import type { Store } from "../store/store.ts";

/** What looking round in one workspace showed, beside its people. */
export interface WorkspaceFacts {
  /** False where an address is an attribute like any other, and several people may share it. */
  emailIdentifies: boolean;
  /** True where the attribute `phone` identifies people, so that writing it may merge them. */
  phoneIdentifies: boolean;
  segments: CampaignSegment[];
  /** Why the segments are not known, in words; null where they are. */
  segmentsTrouble: string | null;
  /** Of the conflicts that a plan heeds, null without: a plan made from others is out of date. */
  fingerprint: string | null;
}

/** Null before the first whole look-up in that workspace. */
export async function workspaceFacts(
  store: Store,
  workspaceId: number | undefined,
): Promise<WorkspaceFacts | null> {
  if (workspaceId === undefined) return null;
  const stored: unknown = await store.setting(settingName(workspaceId));
  return (stored as WorkspaceFacts | undefined) ?? null;
}

export async function saveWorkspaceFacts(
  store: Store,
  workspaceId: number,
  facts: WorkspaceFacts,
): Promise<void> {
  await store.changeSetting(settingName(workspaceId), facts as never);
}

function settingName(workspaceId: number): string {
  return `destination:${workspaceId}`;
}

/** What the steps that compare the plan with the workspace read. */
export function factVariables(
  facts: Pick<WorkspaceFacts, "emailIdentifies" | "phoneIdentifies"> | null,
): string {
  return `
    SET VARIABLE email_identifies = ${facts?.emailIdentifies ?? false};
    SET VARIABLE phone_identifies = ${facts?.phoneIdentifies ?? false};`;
}
