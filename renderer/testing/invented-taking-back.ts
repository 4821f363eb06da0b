import type { Workspace } from "../../contract/project.ts";
import type {
  ErasePreview,
  EraseReport,
  EraseRequest,
  UndoReport,
  UndoRequest,
} from "../../contract/workspaces.ts";

/** What an undo comes to where `kept` of the entries cannot be taken back. */
export function inventedUndo({ esp }: UndoRequest, kept: number): UndoReport {
  return {
    takenBack: esp === "all" ? 3 : esp.length,
    stillThere: kept > 0 ? 1 : 0,
    kept,
    keptItems: Array.from({ length: Math.min(100, kept) }, (_, index) => ({
      subject: `esp_bounces:person.${index}@example.com`,
      reason: "It stood on the list before this project wrote it.",
      nextStep: "Take it off by hand in Customer.io, if you know why it is there.",
    })),
  };
}

/** Whom an erasure means where `left` addresses are somebody else's too. Everybody named has an ID and an address. */
export function inventedErasure(
  { userIds, emails, forgotten }: EraseRequest,
  { role, id, name }: Workspace,
  left: number,
): ErasePreview {
  const people = userIds.length + emails.length + (forgotten ? 14 : 0);
  return {
    workspace: { role, id, name },
    people,
    profiles: people,
    identifiers: people * 2 - left,
    left: Array.from({ length: left }, (_, index) => ({
      subject: `email:person.${index}@example.com`,
      reason: "At Customer.io the profile of another person, who was not named, holds this address.",
      nextStep: `If that person is meant too, name it as well: --user-id "user-${index}"`,
    })),
    confirm: `erase ${people} people in ${name}`,
  };
}

/** How it came out where `refused` writes were refused. */
export function inventedEraseReport({ confirm: _, ...preview }: ErasePreview, refused: number): EraseReport {
  return {
    ...preview,
    erased: preview.identifiers - refused,
    stillThere: 0,
    refused: Array.from({ length: refused }, (_, index) => ({
      subject: `id:user-${index}`,
      reason: "HTTP 400: the identifier is not valid.",
      nextStep: "Erase it by hand in Customer.io, or name the person by another identifier.",
    })),
  };
}
