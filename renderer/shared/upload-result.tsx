import { Table } from "@mantine/core";
import type { UploadReport } from "../../contract/delivery.ts";
import { formatCount, formatElapsed, formatNumber } from "./format.ts";
import { Notice } from "./notice.tsx";
import { ScrollRegion } from "./scroll-region.tsx";
import { windowWords } from "./window-words.ts";
import { mechanismWords, subjectWords, wordsFor } from "./words.ts";

const mechanismTitles = Object.fromEntries(
  Object.entries(mechanismWords).map(([mechanism, { title }]) => [mechanism, title]),
);

/** What an upload or its dry run came to, with everything that the destination refused. */
export function UploadResult({ report }: { report: UploadReport }) {
  const { dryRun, operations, delivered, failed, failures, seconds } = report;
  const open = operations - delivered - failed;
  if (dryRun) {
    return (
      <Notice
        kind="info"
        title={`Dry run: ${formatCount(operations, "write")} would go out. Nothing was written.`}
        live
      >
        {delivered > 0 && `${formatNumber(delivered)} of them are there already from an earlier upload.`}
      </Notice>
    );
  }
  return (
    <>
      <Notice
        kind={failed > 0 ? "problem" : open > 0 ? "attention" : "good"}
        title={`${formatNumber(delivered)} of ${formatCount(operations, "write")} delivered in ${formatElapsed(seconds)}.`}
        live
      >
        {failed > 0 && <p>{formatNumber(failed)} were refused for good. Each is listed with what to do.</p>}
        {open > 0 && <p>{formatNumber(open)} are still to do. Upload again to go on where it stopped.</p>}
      </Notice>
      <Problems
        label="Refused writes"
        problems={failures.map((failure) => ({
          ...failure,
          reason: `${wordsFor<string>(mechanismTitles, failure.mechanism)}: ${failure.reason}`,
        }))}
        total={failed}
      />
    </>
  );
}

interface ProblemsProps {
  label: string;
  problems: { subject: string; reason: string; nextStep: string }[];
  /** How many there are in all; the list may hold only the first. */
  total: number;
}

/** Single people or addresses that something went wrong with, each with its next step. */
export function Problems({ label, problems, total }: ProblemsProps) {
  if (problems.length === 0) return null;
  return (
    <>
      <ScrollRegion label={label} maxHeight={360}>
        <Table fz="sm" stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>What went wrong</Table.Th>
              <Table.Th>What to do</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {problems.map(({ subject, reason, nextStep }) => (
              <Table.Tr key={`${subject} ${reason}`}>
                <Table.Td style={{ minWidth: 200, overflowWrap: "anywhere" }}>
                  {subjectWords(subject)}
                </Table.Td>
                <Table.Td>{windowWords(reason)}</Table.Td>
                <Table.Td>{windowWords(nextStep)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      {total > problems.length && (
        <p className="dimmed small" style={{ margin: 0 }}>
          The first {formatNumber(problems.length)} of {formatNumber(total)} are listed.
        </p>
      )}
    </>
  );
}
