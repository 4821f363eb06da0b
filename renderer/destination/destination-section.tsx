import { Button, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { DestinationCode, DestinationState } from "../../contract/destination.ts";
import type { DecideReport } from "../../contract/merge.ts";
import { DecisionsReport } from "../merge/decisions-report.tsx";
import { ExportButton } from "../shared/export-button.tsx";
import { Figures } from "../shared/figures.tsx";
import { formatCount, formatNumber, formatSpan, formatTime } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { windowWords } from "../shared/window-words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { ConflictDecisions } from "./conflict-decisions.tsx";
import { destinationTitles } from "./destination-words.ts";

/** Who is in the workspace already, where that conflicts with the plan, and what is decided about it. */
export function DestinationSection() {
  const { engine, host } = useClients();
  const activity = useActivity();
  const [opened, setOpened] = useState<DestinationCode | null>(null);
  const [report, setReport] = useState<DecideReport | null>(null);
  const current = useQuery({ queryKey: ["destination"], queryFn: () => engine.destination.state() });
  const looking = useTask(() => engine.destination.lookUp());
  const importing = useTask(async () => {
    const [file] = await host.dialogs.openFiles({
      title: "Choose the destination file with your decisions",
      filters: [{ name: "CSV", extensions: ["csv"] }],
    });
    if (file !== undefined) setReport(await engine.destination.importDecisions({ file }));
  });
  const state = current.data;
  // Without a workspace there is nobody to look up.
  if (!state) return current.isError ? <FailureNotice error={current.error} /> : null;
  const found = state.conflicts.filter(({ count }) => count > 0);
  return (
    <Section
      title="Who is there already"
      explanation="People whom the plan would meet in the workspace. Until you decide, their profiles stay home; suppressions are written all the same, and nobody is merged."
      aside={
        <>
          {found.length > 0 && (
            <>
              <ExportButton
                title="Save the destination conflicts"
                defaultName="destination.csv"
                write={(file) => engine.destination.exportConflicts({ file })}
              >
                Export to CSV…
              </ExportButton>
              <Button
                size="xs"
                variant="default"
                disabled={activity !== null}
                loading={importing.isPending}
                onClick={() => importing.mutate()}
              >
                Import decisions…
              </Button>
            </>
          )}
          <Button
            size="xs"
            variant="default"
            disabled={activity !== null}
            loading={looking.isPending}
            onClick={() => looking.mutate()}
          >
            {state.newest === null ? "Look people up" : "Look again"}
          </Button>
        </>
      }
    >
      {looking.isError && <FailureNotice error={looking.error} />}
      {importing.isError && <FailureNotice error={importing.error} />}
      {report && <DecisionsReport report={report} onClose={() => setReport(null)} />}
      <LookedUp state={state} />
      {state.warnings.length > 0 && (
        <Notice kind="attention" title="To know of this workspace">
          {state.warnings.map((warning) => (
            <p key={warning}>{windowWords(warning)}</p>
          ))}
        </Notice>
      )}
      {found.length > 0 && (
        <ScrollRegion label="Table of destination conflicts by kind">
          <Table fz="sm" verticalSpacing={8}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Conflict</Table.Th>
                <Table.Th className="number">People</Table.Th>
                <Table.Th className="number">Undecided</Table.Th>
                <Table.Th>What it means</Table.Th>
                <Table.Th>Decide</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.map(({ code, count, undecided, words }) => (
                <Table.Tr key={code}>
                  <Table.Td>{destinationTitles[code]}</Table.Td>
                  <Table.Td className="number">{formatNumber(count)}</Table.Td>
                  <Table.Td className="number">{formatNumber(undecided)}</Table.Td>
                  <Table.Td>{windowWords(words)}</Table.Td>
                  <Table.Td>
                    <Button
                      size="xs"
                      variant="default"
                      aria-expanded={opened === code}
                      aria-label={`Decide: ${destinationTitles[code]}`}
                      onClick={() => setOpened(opened === code ? null : code)}
                    >
                      {opened === code ? "Close" : "Decide…"}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      {opened && <ConflictDecisions key={opened} code={opened} />}
    </Section>
  );
}

function LookedUp({ state }: { state: DestinationState }) {
  const { planned, lookedUp, newest, toDo, heldBack } = state;
  const missing = planned.ids + planned.emails - lookedUp.ids - lookedUp.emails;
  return (
    <>
      <Figures
        figures={[
          { value: formatNumber(lookedUp.ids), label: "IDs", explanation: `of ${formatNumber(planned.ids)}` },
          {
            value: formatNumber(lookedUp.emails),
            label: "Addresses",
            explanation: `of ${formatNumber(planned.emails)}`,
          },
          { value: formatNumber(heldBack), label: "Profiles held back" },
          {
            value: formatSpan(toDo.seconds),
            label: "Time to look",
            explanation: `${formatCount(toDo.calls, "call")} at Customer.io’s limit`,
          },
        ]}
      />
      <p className="dimmed small" style={{ margin: 0 }}>
        {newest === null
          ? "Nobody has been looked up yet. The first upload does it before it writes anything."
          : missing > 0
            ? `Last looked up ${formatTime(newest)}. ${formatCount(missing, "planned ID or address", "planned IDs and addresses")} not looked up yet.`
            : `Last looked up ${formatTime(newest)}.`}
      </p>
    </>
  );
}
