import type { Plan } from "../../contract/delivery.ts";
import type { Workspace } from "../../contract/project.ts";
import { Notice } from "../shared/notice.tsx";
import { useGate } from "../shell/queries.ts";
import { EraseSection } from "./erase-section.tsx";
import { UndoSection } from "./undo-section.tsx";
import "./taking-back.css";

/** The gate's blockers of an undo. The last reading back stands on this screen and is from before it. */
const undoCodes = ["UNDO_UNFINISHED", "UNDONE"];

/** What is seldom needed and never by accident: taking list entries back, and erasing people. Closed until asked for. */
export function TakingBack({ plan, workspace }: { plan: Plan; workspace: Workspace }) {
  const { data: gate } = useGate();
  const undone = gate?.blockers.filter(({ code }) => undoCodes.includes(code)) ?? [];
  return (
    <>
      {undone.map(({ code, message, nextStep }) => (
        <Notice key={code} kind="attention" title={message}>
          {nextStep}
        </Notice>
      ))}
      <details className="taking-back">
        <summary>Take back or erase</summary>
        <UndoSection outlook={plan.undo} workspace={workspace} />
        <EraseSection workspace={workspace} />
      </details>
    </>
  );
}
