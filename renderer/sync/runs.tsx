import { Table } from "@mantine/core";
import type { SyncRun } from "../../contract/sync.ts";
import { formatCount, formatElapsed, formatNumber, formatTime } from "../shared/format.ts";
import { Section } from "../shared/page.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { windowWords } from "../shared/window-words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { additionWords } from "./additions.ts";

/** True where a run neither came to its end nor stopped with a reason. */
export function isCutOff({ endedAt, trouble }: SyncRun): boolean {
  return endedAt === null && trouble === null;
}

/** True where a run stopped before its end; one that a source did not answer goes on with the others. */
export function isStopped({ trouble, gateOpen }: SyncRun): boolean {
  return trouble !== null && gateOpen === null;
}

/** Every run with its numbers and, where it stopped, why. */
export function Runs({ runs }: { runs: SyncRun[] }) {
  return (
    <Section
      title="Runs"
      aside={
        <span className="dimmed small">
          {runs.length >= 200 ? "the latest 200" : formatCount(runs.length, "run")}
        </span>
      }
    >
      <ScrollRegion label="List of runs" maxHeight={420}>
        <Table fz="sm" verticalSpacing={8} stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Started</Table.Th>
              <Table.Th style={{ width: "48%" }}>New suppressions</Table.Th>
              <Table.Th className="number sync-count">Opted in again</Table.Th>
              <Table.Th className="number sync-count">No longer suppressed</Table.Th>
              <Table.Th>Outcome</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {runs.map((run, index) => (
              <Table.Tr key={run.startedAt}>
                <Table.Td style={{ whiteSpace: "nowrap" }}>
                  {formatTime(run.startedAt)}
                  <div className="dimmed small">
                    {run.scheduled ? "by schedule" : "by hand"}
                    {run.endedAt !== null && `, ${lasted(run.startedAt, run.endedAt)}`}
                  </div>
                  {run.missedAt !== null && (
                    <div className="sync-cut-off small">one due {formatTime(run.missedAt)} was missed</div>
                  )}
                </Table.Td>
                <Table.Td>
                  <Additions run={run} />
                </Table.Td>
                <Table.Td className="number">{formatNumber(run.optedInAgain)}</Table.Td>
                <Table.Td className="number">{formatNumber(run.removed)}</Table.Td>
                <Table.Td style={{ minWidth: 180 }}>
                  <Outcome run={run} newest={index === 0} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
    </Section>
  );
}

function lasted(startedAt: string, endedAt: string): string {
  return formatElapsed((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
}

function Additions({ run }: { run: SyncRun }) {
  const words = additionWords(run.added);
  if (words.length === 0) return <span className="dimmed">none</span>;
  return words.map((line) => <div key={line}>{line}</div>);
}

function Outcome({ run, newest }: { run: SyncRun; newest: boolean }) {
  const activity = useActivity();
  if (isStopped(run)) return <span className="sync-trouble">Stopped: {windowWords(run.trouble ?? "")}</span>;
  if (isCutOff(run)) {
    if (newest && activity?.kind === "sync") return <>Running</>;
    return <span className="sync-cut-off">Cut off before its end</span>;
  }
  return (
    <>
      {run.gateOpen ? "Gate open" : "Gate locked"}
      {run.trouble !== null && <div className="sync-trouble">{windowWords(run.trouble)}</div>}
    </>
  );
}
