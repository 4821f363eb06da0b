import { Button } from "@mantine/core";
import { useState } from "react";
import type { ImportReport, SourceFile } from "../../contract/sources.ts";
import { fileName, formatCount, formatNumber } from "../shared/format.ts";
import { Notice } from "../shared/notice.tsx";
import type { Step } from "../shell/steps.ts";
import { ReplaceFile } from "./replace-file.tsx";

interface ImportResultProps {
  report: ImportReport;
  files: SourceFile[];
  onClose: () => void;
  onGo: (step: Step) => void;
}

/** What the last import brought, and files that look like newer exports of others. */
export function ImportResult({ report, files, onClose, onGo }: ImportResultProps) {
  const { rows, imported, rejected } = report.total;
  const unchanged = report.files.filter((file) => file.unchanged);
  return (
    <>
      <Notice
        kind={rejected > 0 ? "attention" : "good"}
        title={`${formatCount(imported, "row")} imported of ${formatNumber(rows)} in ${formatCount(report.files.length, "file")}.`}
        live
        actions={
          <>
            <Button size="xs" variant="default" onClick={onClose}>
              Close
            </Button>
            <Button size="xs" onClick={() => onGo("merge")}>
              Go to Merge
            </Button>
          </>
        }
      >
        {rejected > 0 && <p>{formatCount(rejected, "row")} could not be read; see Rejected rows below.</p>}
        {unchanged.length > 0 && (
          <p>
            Imported before, so nothing changed: {unchanged.map((file) => fileName(file.file)).join(", ")}.
          </p>
        )}
      </Notice>
      {newerPairs(report, files).map(({ earlier, later }) => (
        <NewerHint key={`${earlier.id}-${later.id}`} earlier={earlier} later={later} />
      ))}
    </>
  );
}

/** The pairs of the report that nobody has decided on yet. */
function newerPairs(report: ImportReport, files: SourceFile[]): { earlier: SourceFile; later: SourceFile }[] {
  const counting = (id: number) => files.find((file) => file.id === id && file.replacedBy === null);
  return report.files.flatMap(({ id, looksNewerThan }) =>
    looksNewerThan.flatMap((earlierId) => {
      const earlier = counting(earlierId);
      const later = counting(id);
      return earlier && later ? [{ earlier, later }] : [];
    }),
  );
}

function NewerHint({ earlier, later }: { earlier: SourceFile; later: SourceFile }) {
  const [replacing, setReplacing] = useState(false);
  const [kept, setKept] = useState(false);
  if (kept) return null;
  return (
    <>
      <Notice
        kind="attention"
        title={`${later.name} looks like a newer export of the same audience as ${earlier.name}.`}
        actions={
          <>
            <Button size="xs" variant="default" onClick={() => setKept(true)}>
              Keep both
            </Button>
            <Button size="xs" variant="default" onClick={() => setReplacing(true)}>
              Replace the older file…
            </Button>
          </>
        }
      >
        Both count until you replace the older one. That is the safe reading: an opt-out in either file
        counts.
      </Notice>
      {replacing && (
        <ReplaceFile earlier={earlier} candidates={[later]} onClose={() => setReplacing(false)} />
      )}
    </>
  );
}
