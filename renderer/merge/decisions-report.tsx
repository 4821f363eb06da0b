import { Button } from "@mantine/core";
import type { DecideReport } from "../../contract/merge.ts";
import { formatCount, formatNumber } from "../shared/format.ts";
import { Notice } from "../shared/notice.tsx";
import { userIdWords } from "../shared/window-words.ts";

/** How many refused lines are listed. */
const mostLines = 50;

/** What became of a file of decisions: all of it was taken, or nothing. */
export function DecisionsReport({ report, onClose }: { report: DecideReport; onClose: () => void }) {
  const close = (
    <Button size="xs" variant="default" onClick={onClose}>
      Close
    </Button>
  );
  if (report.refused.length === 0) {
    return (
      <Notice kind="good" title={`${formatCount(report.applied, "decision")} taken.`} live actions={close}>
        {formatNumber(report.unchanged)} were the same as before.
      </Notice>
    );
  }
  return (
    <Notice
      kind="problem"
      title={`No decision was taken: ${formatCount(report.refused.length, "line")} cannot be used.`}
      live
      actions={close}
    >
      <p>A file of decisions is taken whole or not at all. Mend these lines and import it again:</p>
      <ul>
        {report.refused.slice(0, mostLines).map(({ line, reason }) => (
          <li key={`${line}-${reason}`}>
            Line {formatNumber(line)}: {userIdWords(reason)}
          </li>
        ))}
      </ul>
      {report.refused.length > mostLines && (
        <p>…and {formatNumber(report.refused.length - mostLines)} more.</p>
      )}
    </Notice>
  );
}
